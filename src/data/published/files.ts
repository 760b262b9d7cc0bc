/** Files of published datasets, by the names that people have them under. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** How those who distribute them call them; docs/datasets.md has each with its source. */
const publishedNames: readonly RegExp[] = [
  // MMSA; copies of its files, the authors' included, are called after the dataset too.
  /^((mosi|mosei|sims)_)?(un)?aligned(_\d+)?\.pkl$/i,
  /^chsims\.pkl$/i,
  // The Multimodal Transformer, and MultiBench.
  /^(mosi|mosei|mosei_senti|iemocap)_(data(_noalign)?|raw)\.pkl$/i,
  // GCNet.
  /^(iemocap|cmumosi|cmumosei)_features_raw_\dway\.pkl$/i,
];

const isPublished = (name: string): boolean => publishedNames.some((pattern) => pattern.test(name));

/** Where MMSA keeps the files of a dataset in its folder. */
const inner = 'Processed';

/** The published files in the folder of a dataset, by their names in it. */
export async function publishedFilesIn(folder: string): Promise<string[]> {
  const namesIn = (place: string): Promise<string[]> => readdir(place).catch((): string[] => []);
  const [outside, inside] = await Promise.all([namesIn(folder), namesIn(join(folder, inner))]);
  return [...outside, ...inside.map((name) => join(inner, name))]
    .filter((name) => isPublished(name.replace(/^.*[\\/]/, '')))
    .sort();
}
