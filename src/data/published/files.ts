/** Files of published datasets, by the names that people have them under. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The names that those who distribute the files give them; docs/datasets.md has each with its source. */
const publishedNames: readonly RegExp[] = [
  // MMSA's files, also with the name of the dataset before it, as in the copies of DecAlign's authors.
  /^((mosi|mosei|sims)_)?(un)?aligned(_\d+)?\.pkl$/i,
  /^chsims\.pkl$/i,
  // Files of the Multimodal Transformer (MulT) and of MultiBench.
  /^(mosi|mosei|mosei_senti|iemocap)_(data(_noalign)?|raw)\.pkl$/i,
  // Files of GCNet.
  /^(iemocap|cmumosi|cmumosei)_features_raw_\dway\.pkl$/i,
];

const isPublished = (name: string): boolean => publishedNames.some((pattern) => pattern.test(name));

/** The folder inside the folder of a dataset where MMSA keeps its files. */
const inner = 'Processed';

/** The published files in the folder of a dataset, by their names in it. */
export async function publishedFilesIn(folder: string): Promise<string[]> {
  const namesIn = (place: string): Promise<string[]> => readdir(place).catch((): string[] => []);
  const [outside, inside] = await Promise.all([namesIn(folder), namesIn(join(folder, inner))]);
  return [...outside, ...inside.map((name) => join(inner, name))]
    .filter((name) => isPublished(name.replace(/^.*[\\/]/, '')))
    .sort();
}
