/**
 * The checkpoint of a run: all state that resuming needs, in one file. In several files, a kill could leave parts of
 * two different states.
 */
import { createHash } from 'node:crypto';
import { existsSync, renameSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { countOf, type NdArray } from '../../formats/bytes/array.ts';
import { FormatError, quoted, reading } from '../../files/error.ts';
import { openSafetensors } from '../../formats/safetensors/read.ts';
import { safetensorsPieces, type SafeTensor } from '../../formats/safetensors/write.ts';
import type { ParameterSpec, StateDict, TrainingState } from '../../train/index.ts';
import { formatHead, formatVersion, type RecordFormat } from '../record-format.ts';
import { makeFolder } from '../../files/append.ts';
import { writeFileAtomic } from '../../files/atomic.ts';

/** Format 1 had neither a checksum nor the version of the package that wrote it. */
const format: RecordFormat = {
  name: 'decalign checkpoint',
  newest: 2,
  what: 'a checkpoint',
  remedy: 'Go on with the version that wrote it, or start the run anew in another directory.',
};

// Diagnostics and metrics may be NaN or infinite; JSON has no such numbers, so they are written as texts.
const number = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number)]);
const numberText = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;

const progress = z.object({
  epoch: z.int().nonnegative(),
  step: z.int().nonnegative(),
  schedule: z.object({ scale: number, best: number.nullable(), stale: z.int() }),
  underway: z.object({ losses: z.record(z.string(), number), diagnostics: z.record(z.string(), number) }).nullable(),
  // Format 1 did not count the steps that were left out.
  leftOut: z
    .object({ steps: z.int(), inARow: z.int(), inEpoch: z.int(), rate: z.number() })
    .default({ steps: 0, inARow: 0, inEpoch: 0, rate: 1 }),
  best: z.object({ epoch: z.int(), value: number, metrics: z.record(z.string(), number) }).nullable(),
});

const groups = ['parameters', 'mean', 'variance', 'running', 'average', 'best'] as const;
type Groups = Readonly<Record<(typeof groups)[number], StateDict>>;

export const checkpointFile = (directory: string): string => path.join(directory, 'checkpoint', 'latest.safetensors');
const previousFile = (directory: string): string => path.join(directory, 'checkpoint', 'previous.safetensors');

/**
 * Replaces the checkpoint of a run directory. The checkpoint before it is kept, in case the new one turns out damaged.
 */
export function writeCheckpoint(directory: string, state: TrainingState): void {
  const { parameters, mean, variance, running, average, best, epoch, step, schedule, underway, leftOut } = state;
  const states: Groups = { parameters, mean, variance, running, average, best: best?.parameters ?? {} };
  const tensors: Record<string, SafeTensor> = {};
  for (const group of groups)
    for (const [name, data] of Object.entries(states[group]))
      tensors[`${group}/${name}`] = { shape: [data.length], data };
  const text = JSON.stringify(
    {
      ...formatHead(format),
      ...{ epoch, step, schedule, underway, leftOut },
      best: best && { epoch: best.epoch, value: best.value, metrics: best.metrics },
    },
    numberText,
  );
  const values = Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, data as Float32Array]));
  const file = checkpointFile(directory);
  makeFolder(path.dirname(file));
  const pieces = safetensorsPieces(tensors, { checkpoint: text, sha256: digest(text, values) });
  writeFileAtomic(file, pieces, { keep: previousFile(directory) });
}

export interface FoundCheckpoint {
  readonly state: TrainingState;
  /** Set where the latest checkpoint is damaged, and `state` is that of the checkpoint before it. */
  readonly warning?: string;
}

/**
 * Reads the checkpoint of a run directory; undefined where none was written yet. Where `parameters` are given, the
 * checkpoint must hold exactly these, in their sizes. Throws an Error where neither the latest nor the previous
 * checkpoint is sound.
 */
export async function readCheckpoint(
  directory: string,
  parameters?: ReadonlyMap<string, Pick<ParameterSpec, 'shape'>>,
): Promise<FoundCheckpoint | undefined> {
  const [latest, previous] = [checkpointFile(directory), previousFile(directory)].filter((file) => existsSync(file));
  if (latest === undefined) return undefined;
  try {
    return { state: await read(latest, parameters) };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const state = previous === undefined ? undefined : await read(previous, parameters).catch(() => undefined);
    if (!state)
      throw new Error(`${error.message} No sound checkpoint is left; start the run anew in another directory.`, {
        cause: error,
      });
    return { state, warning: `${error.message} Going on from the checkpoint before it, of step ${state.step}.` };
  }
}

/**
 * Replaces a damaged latest checkpoint by the previous one; the next write would keep the damaged file as the previous.
 */
export function replaceDamaged(directory: string): void {
  renameSync(previousFile(directory), checkpointFile(directory));
}

async function read(
  file: string,
  parameters?: ReadonlyMap<string, Pick<ParameterSpec, 'shape'>>,
): Promise<TrainingState> {
  const opened = await openSafetensors(file);
  try {
    const { checkpoint: text = 'null', sha256 } = opened.metadata ?? {};
    const values = reading(file, () => floatsOf(opened.value as ReadonlyMap<string, NdArray>, file));
    if (sha256 !== undefined && sha256 !== digest(text, values))
      throw new FormatError(file, 'is damaged: its checksum is not that of its content.');
    const described = reading(file, () => JSON.parse(text) as unknown);
    const of = formatVersion(described, format);
    if (!of) throw new FormatError(file, 'is no checkpoint of a run.');
    // This is no FormatError, which would make the previous checkpoint be read: the latest one is sound, only newer.
    if (of.problem !== undefined) throw new Error(`${file} ${of.problem}`);
    const parsed = progress.safeParse(described);
    if (!parsed.success || (of.version > 1 && sha256 === undefined))
      throw new FormatError(file, 'is damaged: its description is not complete.');
    const states = grouped(values);
    if (parameters) checkFits(states, parameters, file);
    const { best, ...rest } = parsed.data;
    const { best: kept, ...current } = states;
    return { ...rest, ...current, best: best && { ...best, parameters: kept } };
  } finally {
    await opened.close();
  }
}

/** SHA-256 of a checkpoint's description and of its tensors, with their names, in the order of the names. */
function digest(text: string, values: StateDict): string {
  const hash = createHash('sha256').update(text);
  for (const name of Object.keys(values).sort()) {
    const { buffer, byteOffset, byteLength, length } = values[name]!;
    hash.update(`\n${name} ${length}\n`).update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest('hex');
}

function floatsOf(tensors: ReadonlyMap<string, NdArray>, file: string): StateDict {
  const entries = [...tensors].map(([name, array]) => {
    const data = array.load();
    if (!(data instanceof Float32Array) || countOf(array.shape) !== data.length)
      throw new FormatError(file, `is damaged: ${quoted(name)} does not hold 32-bit floats.`);
    return [name, data] as const;
  });
  return Object.fromEntries(entries);
}

function grouped(values: StateDict): Groups {
  const of = (group: string): StateDict =>
    Object.fromEntries(
      Object.entries(values).flatMap(([name, data]) =>
        name.startsWith(`${group}/`) ? [[name.slice(group.length + 1), data] as const] : [],
      ),
    );
  const [parameters, mean, variance] = [of('parameters'), of('mean'), of('variance')];
  return { parameters, mean, variance, running: of('running'), average: of('average'), best: of('best') };
}

/** Refuses a checkpoint whose tensors are not those of the model: it is sound, but of another run. */
function checkFits(states: Groups, parameters: ReadonlyMap<string, Pick<ParameterSpec, 'shape'>>, file: string): void {
  const check = (group: keyof Groups, name: string): void => {
    const [expected, found] = [parameters.get(name), states[group][name]];
    const size = expected && countOf(expected.shape);
    if (size !== found?.length)
      throw new FormatError(
        file,
        `holds ${found?.length ?? 'no'} values as ${quoted(`${group}/${name}`)}, where the model has ${size ?? 'none'}; it is of another run.`,
      );
  };
  for (const group of ['parameters', 'mean', 'variance', 'average', 'best'] as const) {
    const held = Object.keys(states[group]);
    // Adam's moments exist only of parameters that have had a gradient. The average and the best may not exist yet;
    // when they
    // do, they are of all parameters.
    const whole = group === 'parameters' || (held.length > 0 && (group === 'average' || group === 'best'));
    for (const name of new Set([...(whole ? parameters.keys() : []), ...held])) check(group, name);
  }
  for (const name of Object.keys({ ...states.mean, ...states.variance }))
    for (const group of ['mean', 'variance'] as const) check(group, name);
}
