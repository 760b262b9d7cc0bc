/** What a packed dataset says of itself: `manifest.json` beside its shards. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { columnEncodings, modalitySources } from '../columns/types.ts';
import { splits } from '../dataset.ts';
import { FormatError } from '../../files/error.ts';
import { metricKinds } from '../../metrics/metric.ts';

/**
 * The version that is written where a sample has one label, and that where it has several, which releases before do not
 * know. These and version 1 are read; another is refused, naming the release that wrote it.
 */
export const packedVersion = 2;
export const severalVersion = 3;
export const manifestName = 'manifest.json';
/** Begins the names of known factors in a shard. */
export const factorPrefix = 'factors.';

const count = z.int().positive();

const lengthSource = z.union([
  z.strictObject({ kind: z.literal('key'), key: z.string() }),
  z.strictObject({ kind: z.literal('modality'), modality: z.string() }),
  z.strictObject({ kind: z.enum(['trailing-zeros', 'single-step', 'given']) }),
]);

const modality = z.strictObject({
  name: z.string().min(1),
  time: count,
  width: count,
  lengthSource,
  cleaned: z.int().nonnegative(),
});

const shardFile = {
  // A name and no path: a manifest reaches nothing outside its folder.
  file: z.string().regex(/^[\w-]+\.safetensors$/, 'is no plain name of a .safetensors file'),
  samples: count,
  bytes: count,
};

const shard = z.strictObject({
  ...shardFile,
  hash: z.string().regex(/^(crc32:[0-9a-f]{8}|sha256:[0-9a-f]{64})$/, 'is no hash, such as crc32:89abcdef'),
});

/** A shard in a manifest of version 1, which has SHA-256 under a key of its own. */
const firstShard = z
  .strictObject({ ...shardFile, sha256: z.string().regex(/^[0-9a-f]{64}$/, 'is no SHA-256') })
  .transform(({ sha256, ...rest }): z.output<typeof shard> => ({ ...rest, hash: `sha256:${sha256}` }));

const task = z.union([
  z.strictObject({ kind: z.literal('regression'), range: z.tuple([z.number(), z.number()]) }),
  z.strictObject({ kind: z.literal('classification'), classes: z.array(z.string()).min(1) }),
  z.strictObject({ kind: z.literal('multilabel'), names: z.array(z.string()).min(1) }),
  z.strictObject({
    kind: z.literal('multitarget'),
    names: z.array(z.string()).min(1),
    ranges: z.array(z.tuple([z.number(), z.number()])),
  }),
]);

const manifestSchema = z.strictObject({
  format: z.literal('decalign packed dataset'),
  version: z.union([z.literal(packedVersion), z.literal(severalVersion)]),
  written_by: z.string(),
  name: z.string(),
  task,
  metrics: z.enum(metricKinds),
  modalities: z.array(modality).min(1),
  /** How columns became the numbers of modalities, which the shards hold, and where modalities stood in the source. */
  columns: z.exactOptional(columnEncodings),
  sources: z.exactOptional(modalitySources),
  /** The column that `groups` were taken from. */
  group: z.string().optional(),
  splits: z.partialRecord(z.enum(splits), z.array(shard).min(1)),
});

/** The manifest of version 1, as one of this version. */
const firstSchema = manifestSchema
  .extend({ version: z.literal(1), splits: z.partialRecord(z.enum(splits), z.array(firstShard).min(1)) })
  .transform((first): Manifest => ({ ...first, version: packedVersion }));

/** The keys that are looked at first, since another version may have any others. */
const writtenBy = z.object({ version: z.unknown().optional(), written_by: z.unknown().optional() }).catch({});

export type Manifest = z.output<typeof manifestSchema>;
export type Shard = z.output<typeof shard>;

/** The manifest in a folder. Throws a `FormatError` naming the key that is wrong. */
export function readManifest(folder: string): Manifest {
  const file = path.join(folder, manifestName);
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new FormatError(file, `cannot be read (${(cause as Error).message}); pack the dataset again.`, { cause });
  }
  const { version, written_by: by } = writtenBy.parse(value);
  if (typeof version === 'number' && !([1, packedVersion, severalVersion] as number[]).includes(version))
    throw new FormatError(
      file,
      `has version ${version} of the packed form, written by ${String(by)}; this release reads 1 to ${severalVersion}: convert the source again.`,
    );
  const parsed = (version === 1 ? firstSchema : manifestSchema).safeParse(value);
  if (parsed.success) return parsed.data;
  const { path: place, message } = parsed.error.issues[0]!;
  throw new FormatError(file, `${place.join('.') || 'the whole'}: ${message}; pack the dataset again.`);
}
