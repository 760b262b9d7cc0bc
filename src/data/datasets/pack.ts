/**
 * The packed form of a dataset: a folder of safetensors shards, in which every sample has its place, and a manifest with
 * their hashes. Training reads its samples where they are, so that a dataset larger than memory trains.
 */
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { type Dataset, sampleCount, type Samples } from '../dataset.ts';
import { FormatError } from '../formats/error.ts';
import { safetensorsToFill } from '../formats/safetensors-write.ts';
import { syncFolder, writeWholeFile } from '../formats/file-write.ts';
import { bytesOf } from '../formats/numbers.ts';
import { copySamples } from '../stored-features.ts';
import { Hasher } from './hasher.ts';
import { type Manifest, manifestName, packedVersion, type Shard } from './manifest.ts';

/** What the headers of shards, which hold ids, may differ by. */
const slack = 2 ** 20;
/** A shard is made in memory, while the one before is hashed and written. */
const shardLength = 2 ** 26;
const longestShard = 2 ** 30;
/** All of them are open while a dataset is used. */
const mostShards = 400;

export interface PackOptions {
  /** What wrote it, such as `decalign 0.1.0`. */
  readonly writtenBy: string;
  /** The column that the groups of the samples were taken from. */
  readonly group?: string;
  /** Ends the writing between two shards, with nothing left behind. */
  readonly signal?: AbortSignal;
}

/**
 * Writes the samples into a new folder, under another name until all of it is on the disk. What features hold is read a
 * shard at a time. Throws a `FormatError` where the folder exists, or text is held as tokens.
 */
export async function pack(
  dataset: Dataset,
  folder: string,
  { writtenBy, group, signal }: PackOptions,
): Promise<Manifest> {
  if (dataset.modalities.some(({ tokens }) => tokens))
    throw new FormatError(folder, 'cannot be packed: text is held as tokens; read it as features.');
  const target = path.resolve(folder);
  if (existsSync(target)) throw new FormatError(folder, 'exists already; name a new folder.');
  // The name is always the same, so that what a killed process leaves is removed by the next.
  const unfinished = path.join(path.dirname(target), `.${path.basename(target)}.partial`);
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  const means: Means = { hasher: new Hasher(), rooms: [] };
  try {
    const splits: Record<string, Shard[]> = {};
    for (const [split, samples] of Object.entries(dataset.splits))
      splits[split] = await writeShards(samples, means, (index) => {
        signal?.throwIfAborted();
        return path.join(unfinished, shardName(split, index));
      });
    const { name, task, metrics, modalities } = dataset;
    const manifest: Manifest = {
      ...{ format: 'decalign packed dataset', version: packedVersion, written_by: writtenBy },
      ...{
        name,
        task: taskOf(task),
        metrics,
        modalities: modalities.map(({ name: modality, time, width, lengthSource, cleaned }) => ({
          name: modality,
          time,
          width,
          lengthSource,
          cleaned,
        })),
      },
      ...(group !== undefined && { group }),
      splits,
    };
    const text = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
    await writeWholeFile(path.join(unfinished, manifestName), (output) => output.write(text));
    await rename(unfinished, target);
    await syncFolder(path.dirname(target));
    return manifest;
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  } finally {
    await means.hasher.close();
  }
}

const shardName = (split: string, index: number): string => `${split}-${String(index).padStart(4, '0')}.safetensors`;

const taskOf = (task: Dataset['task']): Manifest['task'] =>
  task.kind === 'regression'
    ? { kind: 'regression', range: [...task.range] }
    : { kind: 'classification', classes: [...task.classes] };

interface Means {
  readonly hasher: Hasher;
  /** For two shards: one is filled while the other is hashed and written. */
  readonly rooms: SharedArrayBuffer[];
}

async function writeShards(
  samples: Samples,
  { hasher, rooms }: Means,
  fileOf: (index: number) => string,
): Promise<Shard[]> {
  const count = sampleCount(samples);
  const size = Object.values(samples.features).reduce((sum, { shape }) => sum + 4 * shape[1]! * shape[2]!, 0);
  const length = Math.min(longestShard, Math.max(shardLength, (size * count) / mostShards));
  const step = Math.max(1, Math.floor(length / size));
  const shards: Shard[] = [];
  let writing: Promise<void> = Promise.resolve();
  try {
    for (let from = 0; from < count; from += step) {
      const rows = Math.min(step, count - from);
      const index = shards.length;
      const file = fileOf(index);
      const bytes = shardOf(samples, from, rows, (length) => {
        const known = rooms[index % 2];
        return (rooms[index % 2] = known && known.byteLength >= length ? known : new SharedArrayBuffer(length + slack));
      });
      await writing;
      const shard = { file: path.basename(file), samples: rows, bytes: bytes.length, sha256: '' };
      shards.push(shard);
      const written = writeWholeFile(file, (output) => output.write(bytes));
      writing = Promise.all([hasher.hash(bytes), written]).then(([hash]) => void (shard.sha256 = hash));
      // Told when it is waited for.
      writing.catch(() => undefined);
    }
  } finally {
    await writing;
  }
  return shards;
}

/** The bytes of a shard: features `[n, T, D]`, lengths `[n]` and labels `[n]`, with ids and groups as text. */
function shardOf(
  samples: Samples,
  from: number,
  rows: number,
  room: (length: number) => SharedArrayBuffer,
): Uint8Array<SharedArrayBuffer> {
  const { features, lengths, labels, ownLabels = {}, ids, groups } = samples;
  const columns: readonly (readonly [string, Float32Array | Int32Array])[] = [
    ...Object.entries(lengths).map(([name, each]) => [`lengths.${name}`, each] as const),
    ...Object.entries(ownLabels).map(([name, each]) => [`labels.${name}`, each] as const),
    ...(labels ? [['labels', labels] as const] : []),
  ];
  const described = [
    ...Object.entries(features).map(([name, { shape }]) => {
      return { name: `features.${name}`, shape: [rows, ...shape.slice(1)], dtype: 'float32' as const };
    }),
    ...columns.map(([name, column]) => {
      return { name, shape: [rows], dtype: column instanceof Int32Array ? ('int32' as const) : ('float32' as const) };
    }),
  ];
  const texts = {
    ids: JSON.stringify(ids.slice(from, from + rows)),
    ...(groups && { groups: JSON.stringify(groups.slice(from, from + rows)) }),
  };
  const { bytes, tensors } = safetensorsToFill(described, texts, room);
  for (const [name, array] of Object.entries(features)) {
    const { buffer, byteOffset, length } = tensors.get(`features.${name}`)!;
    copySamples(array, from, new Float32Array(buffer, byteOffset, length / 4));
  }
  for (const [name, column] of columns) tensors.get(name)!.set(bytesOf(column.subarray(from, from + rows)));
  return bytes;
}
