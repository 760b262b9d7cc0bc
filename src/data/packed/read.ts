/** Reads a packed dataset: samples stay in its shards until they are asked for. */
import path from 'node:path';
import { type Dataset, type Samples, type Split, splits as allSplits } from '../dataset.ts';
import { isNumericData, isInFile, type NdArray, toFloat32 } from '../../formats/bytes/array.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { OpenFile } from '../../formats/bytes/open-file.ts';
import type { OpenedFile } from '../../formats/bytes/opened.ts';
import { openSafetensors } from '../../formats/safetensors/read.ts';
import { listed } from '../columns/names.ts';
import { concatSamples, pickSamples } from '../samples.ts';
import { labelWidth, rowsWithoutLabel } from '../task.ts';
import { concatFactors, type Factors, pickFactors } from '../factors.ts';
import type { InMemoryFeatures, StoredFeatures } from '../features.ts';
import { Hasher } from './hasher.ts';
import type { Manifest, Shard } from './manifest.ts';
import { factorPrefix, manifestName, readManifest } from './manifest.ts';
import type { TableOptions } from '../tables/dataset.ts';
import type { OpenFiles } from '../datasets/open-files.ts';
import { selectModalities } from '../datasets/select.ts';

/**
 * The dataset in a folder that `pack` wrote, every shard of which is checked against its hash; features stay in `files`.
 * Throws a `FormatError` for what is damaged, and for what the packed form does not hold.
 */
export async function readPacked(folder: string, files: OpenFiles, options: TableOptions): Promise<Dataset> {
  const manifest = readManifest(folder);
  const file = path.join(folder, manifestName);
  check(manifest, options, file);
  const present = allSplits.filter((split) => manifest.splits[split]);
  const wanted = options.splits === 'present' ? present : (options.splits ?? allSplits);
  const otherSplits = present.filter((split) => !wanted.includes(split));
  await verify(
    folder,
    wanted.flatMap((split) => manifest.splits[split] ?? []),
  );
  const splits: [Split, Samples][] = [];
  const factors: [Split, Factors][] = [];
  const { requireLabels = true } = options;
  const lacking: string[] = [];
  let count = 0;
  for (const split of wanted) {
    const shards = manifest.splits[split];
    if (!shards) throw new FormatError(file, `has no split "${split}"; it has ${present.map(quoted).join(', ')}.`);
    const parts: Part[] = [];
    for (const shard of shards) parts.push(await readShard(path.join(folder, shard.file), shard, manifest, files));
    const samples = concatSamples(parts.map((part) => part.samples));
    const known = concatFactors(parts.map((part) => part.factors));
    const rows = requireLabels ? rowsWithLabel(samples, split, manifest, file) : undefined;
    splits.push([split, rows ? pickSamples(samples, rows) : samples]);
    if (Object.keys(known).length > 0) factors.push([split, rows ? pickFactors(known, rows) : known]);
    const { ids, labels } = samples;
    if (labels) lacking.push(...rowsWithoutLabel(labels, labelWidth(manifest.task)).map((n) => ids[n]!));
    count += samples.ids.length;
  }
  const { name, task, metrics, modalities, columns, sources } = manifest;
  const dataset: Dataset = {
    ...{ name, task, metrics, modalities, splits: Object.fromEntries(splits) },
    ...(columns && { columns }),
    ...(sources && { sources }),
    ...(factors.length > 0 && { factors: Object.fromEntries(factors) }),
    ...(otherSplits.length > 0 && { otherSplits }),
    ...(lacking.length > 0 &&
      (requireLabels || !options.unsplit) && {
        notes: [
          `${lacking.length} of ${count} samples have no label (${listed(lacking, 3)}): ${requireLabels ? 'left out' : 'training leaves them out'}.`,
        ],
      }),
  };
  const { modalities: asked, ifAny = false } = options;
  return asked ? selectModalities(dataset, asked, { ifAny }) : dataset;
}

/** The rows that have a label, or undefined for all: packing keeps those without, which predictions need none of. */
function rowsWithLabel(
  samples: Samples,
  split: Split,
  { task }: Manifest,
  file: string,
): readonly number[] | undefined {
  const { labels } = samples;
  if (!labels) throw new FormatError(file, `split "${split}" has no labels.`);
  const without = new Set(rowsWithoutLabel(labels, labelWidth(task)));
  if (without.size === 0) return undefined;
  const rows = [...samples.ids.keys()].filter((n) => !without.has(n));
  if (rows.length === 0) throw new FormatError(file, `split "${split}" has no sample with a label.`);
  return rows;
}

/** Refuses options that ask for something else than was decided when the dataset was packed. */
function check({ task, group }: Manifest, options: TableOptions, file: string): void {
  const again = 'convert the source again';
  if (options.tokens) throw new FormatError(file, `holds features of text, no tokens; train from the source.`);
  if (options.task !== undefined && options.task !== task.kind)
    throw new FormatError(
      file,
      `was packed for ${task.kind}, not ${options.task}; ${again} with --task ${options.task}.`,
    );
  if (options.group !== undefined && options.group !== group)
    throw new FormatError(
      file,
      `was packed ${group === undefined ? 'without groups' : `with groups by ${quoted(group)}`}; ${again} with --group ${options.group}.`,
    );
}

/** Throws for a shard whose bytes are not those that were written. One shard is read while the one before is hashed. */
async function verify(folder: string, shards: readonly Shard[]): Promise<void> {
  const damaged = (file: string): FormatError =>
    new FormatError(file, `is not as ${manifestName} has it; copy or pack the dataset again.`);
  const hasher = new Hasher();
  const rooms: SharedArrayBuffer[] = [];
  let hashing: Promise<void> = Promise.resolve();
  try {
    for (const [index, { file: name, bytes: length, hash }] of shards.entries()) {
      const file = path.join(folder, name);
      const source = await OpenFile.open(file);
      try {
        if (source.size !== length) throw damaged(file);
        const known = rooms[index % 2];
        const room = known && known.byteLength >= length ? known : new SharedArrayBuffer(length);
        rooms[index % 2] = room;
        const bytes = new Uint8Array(room, 0, length);
        await source.read(bytes, 0);
        await hashing;
        hashing = hasher.hash(bytes, hash.startsWith('crc32:') ? 'crc32' : 'sha256').then((found) => {
          if (found !== hash) throw damaged(file);
        });
        // A damaged shard is reported where `hashing` is waited for; until then its rejection counts as handled.
        hashing.catch(() => undefined);
      } finally {
        await source.close();
      }
    }
    await hashing;
  } finally {
    await hasher.close();
  }
}

interface Part {
  readonly samples: Samples;
  /** None where the dataset keeps none. */
  readonly factors: Factors;
}

async function readShard(file: string, shard: Shard, manifest: Manifest, files: OpenFiles): Promise<Part> {
  const opened = files.keep(await openSafetensors(file));
  const tensors = opened.value as ReadonlyMap<string, NdArray>;
  const take = (name: string, shape: readonly number[]): NdArray => {
    const array = tensors.get(name);
    if (array?.shape.join() !== shape.join())
      throw new FormatError(file, `has no ${quoted(name)} [${shape.join(',')}], as ${manifestName} says; pack again.`);
    return array;
  };
  const column = (name: string, width = 1): Float32Array => {
    const { data } = take(name, width === 1 ? [shard.samples] : [shard.samples, width]);
    if (!isNumericData(data)) throw new FormatError(file, `${quoted(name)} holds no numbers.`);
    return toFloat32(data);
  };
  const features = manifest.modalities.map(({ name, time, width }): [string, StoredFeatures] => {
    const { shape, elements } = take(`features.${name}`, [shard.samples, time, width]);
    if (!isInFile(elements)) throw new FormatError(file, `${quoted(name)} is not in place.`);
    return [name, { shape, read: (into, from) => elements.fillNow(into, from * time * width) }];
  });
  const lengths = manifest.modalities.map(({ name, time }): [string, Int32Array] => {
    const own = Int32Array.from(column(`lengths.${name}`));
    if (!own.every((length) => length >= 0 && length <= time))
      throw new FormatError(file, `${quoted(`lengths.${name}`)} are not within 0..${time}.`);
    return [name, own];
  });
  const ownLabels = manifest.modalities.flatMap(({ name }): [string, Float32Array][] =>
    tensors.has(`labels.${name}`) ? [[name, column(`labels.${name}`)]] : [],
  );
  const factors = [...tensors].flatMap(([name, { shape }]): [string, InMemoryFeatures][] => {
    if (!name.startsWith(factorPrefix)) return [];
    const width = shape[1] ?? 1;
    return [[name.slice(factorPrefix.length), { shape: [shard.samples, width], data: column(name, width) }]];
  });
  const samples = {
    ids: names(opened, 'ids', shard),
    features: Object.fromEntries(features),
    lengths: Object.fromEntries(lengths),
    ...(tensors.has('labels') && { labels: column('labels', labelWidth(manifest.task)) }),
    ...(ownLabels.length > 0 && { ownLabels: Object.fromEntries(ownLabels) }),
    ...(opened.metadata?.['groups'] !== undefined && { groups: names(opened, 'groups', shard) }),
  };
  return { samples, factors: Object.fromEntries(factors) };
}

function names({ metadata, file }: OpenedFile, key: string, { samples }: Shard): string[] {
  let found: unknown;
  try {
    found = JSON.parse(metadata?.[key] ?? '');
  } catch {
    // Text that is no JSON is refused below, as other texts are.
  }
  if (Array.isArray(found) && found.length === samples && found.every((name) => typeof name === 'string')) return found;
  throw new FormatError(file, `does not name its ${samples} samples under ${quoted(key)}.`);
}
