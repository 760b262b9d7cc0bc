import { existsSync } from 'node:fs';
import path from 'node:path';
import { type Contents, contentsOf } from '../data/report/contents.ts';
import { readDescription } from '../data/own/schema.ts';
import { isGcnet } from '../data/published/gcnet.ts';
import { manifestName, readManifest } from '../data/packed/manifest.ts';
import { loadDataset } from '../data/datasets/load.ts';
import { splitOf } from '../formats/split-names.ts';
import { type DatasetDescription, describeDataset } from '../data/report/report.ts';
import { findings } from '../data/report/findings.ts';
import { NdArray } from '../formats/bytes/array.ts';
import { FormatError } from '../files/error.ts';
import { openFile } from '../formats/open.ts';
import { probeModalities, type Strength } from '../experiments/probes.ts';

/** A dataset, in whatever file. */
export interface InspectedDataset extends DatasetDescription {
  readonly format: string;
  /** What is not sound, with what to do. */
  readonly warnings: readonly string[];
  /** Absent without labels to train and to validate on. */
  readonly strength?: Strength;
}

/** Any other data file. */
export interface InspectedFile {
  readonly format: string;
  /** Why it is no dataset, where its names look like those of splits. */
  readonly warnings?: readonly string[];
  readonly tensors: Contents;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

export interface InspectOptions {
  /** The column that says which samples belong together. Default: `video`, where there is one. */
  readonly group?: string | undefined;
}

/** What a data file holds: as a dataset where it has splits, else by name. */
export async function inspectFile(
  file: string,
  options: InspectOptions = {},
): Promise<InspectedDataset | InspectedFile> {
  if (file === 'synthetic') return inspectDataset(file, 'synthetic', options.group);
  if (path.basename(file) === manifestName)
    return inspectDataset(file, 'packed dataset', options.group ?? readManifest(path.dirname(file)).group);
  if (/\.ya?ml$/i.test(file)) {
    const group = options.group ?? (existsSync(file) && readDescription(file).group ? 'group' : undefined);
    return inspectDataset(file, 'dataset description', group);
  }
  // The error for a file that is not there says which may be meant.
  if (!existsSync(file)) return inspectDataset(file, '', undefined);
  const { format, value, metadata, close } = await openFile(file);
  const named = isGcnet(value) ? 'yes' : namedSplits(value);
  let other: InspectedFile;
  let group: string | undefined;
  try {
    group = options.group ?? (hasVideos(value) ? 'video' : undefined);
    other = {
      format,
      tensors: contentsOf(value),
      ...(metadata &&
        Object.keys(metadata).length > 0 && { metadata: format === 'safetensors' ? parsed(metadata) : metadata }),
    };
  } finally {
    await close();
  }
  if (named === 'no' && options.group !== undefined)
    throw new FormatError(file, 'has no splits, and so no groups in two of them; leave out --group.');
  if (named === 'no') return other;
  try {
    return await inspectDataset(file, format, group);
  } catch (error) {
    // A column that was asked for must be there.
    if (named === 'yes' || options.group !== undefined || !(error instanceof FormatError)) throw error;
    const { format: kind, ...rest } = other;
    return { format: kind, warnings: [`not read as a dataset: ${error.message}`], ...rest };
  }
}

async function inspectDataset(file: string, format: string, group: string | undefined): Promise<InspectedDataset> {
  // Whatever the size of the file, no more than some samples of it are in memory.
  const dataset = await loadDataset(file, {
    splits: 'present',
    requireLabels: false,
    stored: true,
    ...(group !== undefined && { group }),
  });
  try {
    const description = describeDataset(dataset);
    const strength = probeModalities(dataset);
    return { format, warnings: findings(description), ...description, ...(strength && { strength }) };
  } finally {
    await dataset.close?.();
  }
}

/** Whether what a file holds has splits; `maybe` by names alone, as `train_text` beside `train_loss`. */
function namedSplits(value: unknown): 'yes' | 'maybe' | 'no' {
  if (!(value instanceof Map)) return 'no';
  const entries = [...(value as Map<unknown, unknown>)];
  if (entries.some(([key, inner]) => splitOf(key) !== undefined && inner instanceof Map)) return 'yes';
  const prefixed = entries.some(
    ([key, inner]) => splitOf(prefixOf(key)) !== undefined && (!(inner instanceof NdArray) || inner.shape.length > 1),
  );
  return prefixed || value.has('split') ? 'maybe' : 'no';
}

const prefixOf = (key: unknown): string | undefined =>
  typeof key === 'string' ? /^([a-z]+)[/._]./i.exec(key)?.[1] : undefined;

/** Whether every split has a column `video` of names or numbers; features of that name are no groups. */
function hasVideos(value: unknown): boolean {
  if (!(value instanceof Map)) return false;
  const map = value as Map<unknown, unknown>;
  if (map.has('split')) return isColumn(map.get('video'));
  const tables = [...map].flatMap(([key, inner]) =>
    splitOf(key) !== undefined && inner instanceof Map ? [inner] : [],
  );
  if (tables.length > 0) return tables.every((inner) => isColumn(inner.get('video')));
  const prefixes = new Set([...map.keys()].map(prefixOf).filter((name) => splitOf(name) !== undefined));
  return (
    prefixes.size > 0 &&
    [...prefixes].every((name) => ['/', '.', '_'].some((mark) => isColumn(map.get(`${name}${mark}video`))))
  );
}

const isColumn = (value: unknown): boolean =>
  value instanceof NdArray
    ? value.shape.length === 1
    : Array.isArray(value) && value.every((item) => typeof item === 'string' || typeof item === 'number');

/** Metadata of a model's file are JSON, which safetensors keeps as text. */
const parsed = (metadata: Readonly<Record<string, string>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(metadata).map(([key, text]) => [key, parsedText(text)]));

/** JSON as what it says, any other text as it is. */
export function parsedText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
