/** `config.json` of a run directory: what the run was asked for, and all that doing it again takes. */
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { recordedConfig, type RunConfig } from '../config/index.ts';
import type { Model } from '../models/index.ts';
import { formatFound, formatSaid, type Format } from './format.ts';
import { codeSchema, type ModelCode } from './own-model/code.ts';

/** Format 1 said neither what it was nor who wrote it, and its configuration had no version. */
const format: Format = {
  name: 'decalign run',
  newest: 2,
  what: 'of a run directory',
  remedy: 'Go on with the version that wrote it, or start the run anew in another directory.',
};

const schema = z.object({
  config: z.record(z.string(), z.unknown()),
  seed: z.int(),
  code: codeSchema.optional(),
  data: z.object({ source: z.string(), hash: z.string() }),
  overrides: z.unknown(),
  fold: z.object({ request: z.union([z.int(), z.string()]), index: z.int().nonnegative() }).optional(),
});

export interface RunRecord {
  readonly config: RunConfig;
  readonly seed: number;
  /** Of a model of one's own that came from a file. */
  readonly code?: ModelCode | undefined;
  readonly data: {
    /** The feature file, or `synthetic`. */
    readonly source: string;
    /** Of all samples, as they were read. */
    readonly hash: string;
  };
  /** What was asked for beyond the defaults, as it was given. */
  readonly overrides: unknown;
  /** Of a run of cross-validation: the folds that were asked for, and which of them, from 0, it is tested on. */
  readonly fold?: { readonly request: number | string; readonly index: number } | undefined;
}

export const encodeRecord = (record: RunRecord): string =>
  `${JSON.stringify({ ...formatSaid(format), ...record }, null, 2)}\n`;

/**
 * Reads the record of a run that any version up to this one began, with one's own model where it is of one; an Error says
 * what else a file is.
 */
export function readRecord(file: string, own?: Model): RunRecord {
  const described = jsonIn(file);
  const problem = formatFound(described, format)?.problem;
  if (problem !== undefined) throw new Error(`${file} ${problem}`);
  const parsed = schema.safeParse(described);
  if (!parsed.success) {
    const { path: key, message } = parsed.error.issues[0]!;
    throw new Error(`${file} is no record of a run: ${key.join('.') || 'the whole'}: ${message}.`);
  }
  return { ...parsed.data, config: recordedConfig(parsed.data.config, file, own) };
}

function jsonIn(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file} cannot be read (${(error as Error).message}); start the run anew in another directory.`, {
      cause: error,
    });
  }
}
