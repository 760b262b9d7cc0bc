/**
 * The packed form of a dataset: a folder of safetensors shards, in which every sample has its place, and a manifest with
 * their hashes. Training reads its samples where they are, so that a dataset larger than memory trains.
 */
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { type Dataset, sampleCount, type Samples, type Split } from '../dataset.ts';
import { FormatError } from '../../files/error.ts';
import { safetensorsToFill } from '../../formats/safetensors/write.ts';
import { writeWholeFile, writeWholeFolder } from '../../files/atomic.ts';
import { writing } from '../../files/write-error.ts';
import { bytesOf } from '../../formats/bytes/numbers.ts';
import { allFinite } from '../../kernels/index.ts';
import type { Factors } from '../factors.ts';
import { copySamples } from '../features.ts';
import { missingIn } from '../tables/features.ts';
import { hasSeveral } from '../task.ts';
import { Hasher } from './hasher.ts';
import { factorPrefix, type Manifest, manifestName, packedVersion, severalVersion, type Shard } from './manifest.ts';

/** Bytes by which the header of a shard, which holds its ids, may be longer than that of the shard before. */
const slack = 2 ** 20;
/** Numbers of a modality that are read and processed at once. */
const cached = 2 ** 16;
/** Bytes of features in a shard, unless a split has so many that its shards are longer, and at most: a shard is made in memory. */
const shardLength = 2 ** 25;
const longestShard = 2 ** 30;
/** Shards of a split at most, since all are open while a dataset is used. */
const mostShards = 400;

export interface PackOptions {
  /** The program that writes, and its version, such as `decalign 0.1.0`. */
  readonly writtenBy: string;
  /** The column that the groups of the samples were taken from. */
  readonly group?: string;
  /** By modality, values that become 0 as samples are read, beyond those the dataset knows of. */
  readonly cleaned?: ReadonlyMap<string, number>;
  /** Ends the writing between two shards, with nothing left behind. */
  readonly signal?: AbortSignal;
}

/**
 * Writes the samples into a new folder, under another name until all of it is on the disk. Features are read a
 * shard at a time. Throws a `FormatError` where the folder exists, or text is held as tokens.
 */
export async function pack(dataset: Dataset, folder: string, options: PackOptions): Promise<Manifest> {
  if (dataset.modalities.some(({ tokens }) => tokens))
    throw new FormatError(folder, 'cannot be packed: text is held as tokens; read it as features.');
  if (existsSync(folder)) throw new FormatError(folder, 'exists already; name a new folder.');
  return writeWholeFolder(folder, (temporary) => packInto(temporary, dataset, options));
}

async function packInto(
  folder: string,
  dataset: Dataset,
  { writtenBy, group, cleaned: found, signal }: PackOptions,
): Promise<Manifest> {
  const means: Means = { hasher: new Hasher(), rooms: [], syncing: [] };
  try {
    const splits: Record<string, Shard[]> = {};
    for (const split of Object.keys(dataset.splits) as Split[])
      splits[split] = await writeShards(dataset.splits[split]!, dataset.factors?.[split], means, (index) => {
        signal?.throwIfAborted();
        return path.join(folder, shardName(split, index));
      });
    const { name, task, metrics, modalities, columns, sources } = dataset;
    const manifest: Manifest = {
      ...{ format: 'decalign packed dataset', written_by: writtenBy },
      version: hasSeveral(task) ? severalVersion : packedVersion,
      ...{
        name,
        task: manifestTask(task),
        metrics,
        modalities: modalities.map(({ name: modality, time, width, lengthSource, cleaned }) => ({
          name: modality,
          time,
          width,
          // In the packed form steps stand in front, and lengths beside them.
          lengthSource: lengthSource.kind === 'leading-zeros' ? { kind: 'given' } : lengthSource,
          cleaned: cleaned + (found?.get(modality) ?? 0),
        })),
      },
      ...(columns && { columns }),
      ...(sources && { sources }),
      ...(group !== undefined && { group }),
      splits,
    };
    await Promise.all(means.syncing);
    const text = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
    await writeWholeFile(path.join(folder, manifestName), (output) => output.write(text));
    return manifest;
  } finally {
    await Promise.allSettled(means.syncing);
    await means.hasher.close();
  }
}

const shardName = (split: string, index: number): string => `${split}-${String(index).padStart(4, '0')}.safetensors`;

function manifestTask(task: Dataset['task']): Manifest['task'] {
  switch (task.kind) {
    case 'regression':
      return { ...task, range: [...task.range] };
    case 'classification':
      return { ...task, classes: [...task.classes] };
    case 'multilabel':
      return { ...task, names: [...task.names] };
    case 'multitarget':
      return { ...task, names: [...task.names], ranges: task.ranges.map((range) => [...range]) };
  }
}

interface Means {
  readonly hasher: Hasher;
  /** Memory for shards, of which one is filled while others are hashed and written. */
  readonly rooms: SharedArrayBuffer[];
  /** One promise per file that was written, kept once the disk has it. */
  readonly syncing: Promise<void>[];
}

/** Shards in memory at once. */
const roomCount = 3;

async function writeShards(
  samples: Samples,
  factors: Factors | undefined,
  { hasher, rooms, syncing }: Means,
  fileOf: (index: number) => string,
): Promise<Shard[]> {
  const count = sampleCount(samples);
  const size = Object.values(samples.features).reduce((sum, { shape }) => sum + 4 * shape[1]! * shape[2]!, 0);
  const length = Math.min(longestShard, Math.max(shardLength, (size * count) / mostShards));
  const step = Math.max(1, Math.floor(length / size));
  const shards: Promise<Shard>[] = [];
  try {
    for (let from = 0; from < count; from += step) {
      const rows = Math.min(step, count - from);
      const index = shards.length;
      const file = fileOf(index);
      // The memory of this shard is that of an earlier one, which must have been written.
      await shards[index - roomCount];
      const bytes = shardOf(samples, factors, { from, rows }, (needed) => {
        const known = rooms[index % roomCount];
        return (rooms[index % roomCount] =
          known && known.byteLength >= needed ? known : new SharedArrayBuffer(needed + slack));
      });
      const shard = Promise.all([hasher.hash(bytes, 'crc32'), write(file, bytes, syncing)]).then(([hash]) => {
        return { file: path.basename(file), samples: rows, bytes: bytes.length, hash };
      });
      // A shard that fails makes the whole fail below, where all are waited for; until then its rejection counts as handled.
      shard.catch(() => undefined);
      shards.push(shard);
    }
  } finally {
    await Promise.allSettled(shards);
  }
  return Promise.all(shards);
}

/** Writes a file, and adds to `syncing` the promise that it is on the disk. */
async function write(file: string, bytes: Uint8Array, syncing: Promise<void>[]): Promise<void> {
  await writing(file, async () => {
    const handle = await open(file, 'wx');
    try {
      for (let done = 0; done < bytes.length;) done += (await handle.write(bytes, done)).bytesWritten;
    } catch (error) {
      await handle.close();
      throw error;
    }
    const synced = writing(file, () => handle.sync()).finally(() => handle.close());
    // A failure is thrown where `syncing` is waited for; until then its rejection counts as handled.
    synced.catch(() => undefined);
    syncing.push(synced);
  });
}

/**
 * The bytes of a shard: features `[n, T, D]`, lengths `[n]`, labels `[n]` or `[n, L]` and known factors `[n, width]`, of which
 * releases before do not ask, with ids and groups as text.
 */
function shardOf(
  samples: Samples,
  factors: Factors = {},
  { from, rows }: { readonly from: number; readonly rows: number },
  room: (length: number) => SharedArrayBuffer,
): Uint8Array<SharedArrayBuffer> {
  const { features, lengths, labels, ownLabels = {}, ids, groups } = samples;
  // Which samples have no number in a modality, and so lack it, may be seen only now that they are read.
  const held = new Map(Object.entries(lengths).map(([name, each]) => [name, each.slice(from, from + rows)]));
  const columns: readonly (readonly [string, Float32Array, number])[] = [
    ...Object.entries(ownLabels).map(([name, each]) => [`labels.${name}`, each, 1] as const),
    ...(labels ? [['labels', labels, labels.length / ids.length] as const] : []),
    ...Object.entries(factors).map(([name, { data, shape }]) => [factorPrefix + name, data, shape[1]!] as const),
  ];
  const described = [
    ...Object.entries(features).map(([name, { shape }]) => {
      return { name: `features.${name}`, shape: [rows, ...shape.slice(1)], dtype: 'float32' as const };
    }),
    ...[...held.keys()].map((name) => ({ name: `lengths.${name}`, shape: [rows], dtype: 'int32' as const })),
    ...columns.map(([name, , width]) => ({
      ...{ name, dtype: 'float32' as const },
      shape: width === 1 ? [rows] : [rows, width],
    })),
  ];
  const texts = {
    ids: JSON.stringify(ids.slice(from, from + rows)),
    ...(groups && { groups: JSON.stringify(groups.slice(from, from + rows)) }),
  };
  const { bytes, tensors } = safetensorsToFill(described, texts, room);
  for (const [name, array] of Object.entries(features)) {
    const { buffer, byteOffset, length } = tensors.get(`features.${name}`)!;
    const data = new Float32Array(buffer, byteOffset, length / 4);
    const size = data.length / rows;
    // A few samples at a time, so that what is done to them after they are read finds them in the processor's cache.
    const some = Math.max(1, Math.floor(cached / size));
    const own = held.get(name)!;
    const [time, width] = [array.shape[1]!, array.shape[2]!];
    for (let row = 0; row < rows; row += some) {
      const read = data.subarray(row * size, (row + some) * size);
      copySamples(array, from + row, read);
      if (!allFinite(read)) own.set(missingIn(read, own.subarray(row, row + some), { time, width }).lengths, row);
    }
  }
  for (const [name, own] of held) tensors.get(`lengths.${name}`)!.set(bytesOf(own));
  for (const [name, column, width] of columns)
    tensors.get(name)!.set(bytesOf(column.subarray(from * width, (from + rows) * width)));
  return bytes;
}
