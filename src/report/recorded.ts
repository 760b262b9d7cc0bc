/** What the directories of runs have on record, whatever release wrote them: results, warnings, surroundings. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';

const figures = z.record(z.string(), z.number());
const resultSchema = z.object({
  best_epoch: z.int(),
  epochs: z.int().optional(),
  valid: figures,
  test: figures.optional(),
  steps_left_out: z.int().optional(),
});
export type RecordedResult = z.output<typeof resultSchema>;

/** The result of a finished run. Throws an Error for one that cannot be read. */
export function recordedResult(directory: string): RecordedResult {
  const file = path.join(directory, 'result.json');
  const result = resultSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!result.success) throw new Error(`${file} is no result of a run: the run is damaged, or was not copied whole.`);
  return result.data;
}

const recordSchema = z.object({
  data: z.object({ source: z.string(), hash: z.string(), name: z.string().optional() }),
});

/** The data of a run, as its record names it. */
export function recordedData(directory: string): z.output<typeof recordSchema>['data'] {
  return recordSchema.parse(JSON.parse(readFileSync(path.join(directory, 'config.json'), 'utf8'))).data;
}

const environmentSchema = z.object({
  started: z.string(),
  command: z.string(),
  decalign: z.string().optional(),
  onnxruntime: z.string().optional(),
  node: z.string().optional(),
  platform: z.string().optional(),
  cpu: z.string().optional(),
  cores: z.number().optional(),
});
export type RecordedEnvironment = z.output<typeof environmentSchema>;

/** Where and by which command a run was started, and each time that it was resumed; none where that was not kept. */
export const recordedEnvironments = (directory: string): readonly RecordedEnvironment[] =>
  jsonIn(
    directory,
    'environment.json',
    z.union([z.array(environmentSchema), environmentSchema.transform((x) => [x])]),
  ) ?? [];

const warningSchema = z.object({ kind: z.string().optional(), message: z.string() });

/** What a run warned of, a line each. */
export function recordedWarnings(directory: string): readonly string[] {
  const file = path.join(directory, 'warnings.jsonl');
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line, n) => {
      try {
        return warningSchema.parse(JSON.parse(line)).message;
      } catch (error) {
        throw new Error(`${file}, line ${n + 1}: this is no warning of a run; the file is damaged.`, { cause: error });
      }
    });
}

const referencesSchema = z.record(
  z.string(),
  z.object({ describe: z.string(), valid: figures, test: figures.optional() }),
);
export type RecordedReferences = z.output<typeof referencesSchema>;

/** The simple references that were fitted beside a run, by name; none where there are none. */
export const recordedReferences = (directory: string): RecordedReferences =>
  jsonIn(directory, 'references.json', referencesSchema) ?? {};

const planSchema = z.object({
  kind: z.enum(['benchmark', 'ablation', 'sweep']).default('benchmark'),
  /** Of a sweep, what varies. */
  keys: z.array(z.object({ key: z.string(), values: z.array(z.unknown()) })).default([]),
  data: z.array(z.object({ source: z.string() })),
  entries: z.array(z.object({ id: z.string() })),
  seeds: z.array(z.int()),
  trials: z.int().default(0),
  decoupling: z.boolean().default(false),
  given: z.object({
    set: z.array(z.object({ pair: z.string(), entry: z.string().optional() })),
    options: z.array(z.object({ name: z.string() })),
  }),
});

/** The command that makes a benchmark, an ablation or a sweep, from its plan; undefined for a folder that is none. */
export function benchmarkCommand(directory: string): string | undefined {
  const plan = jsonIn(directory, 'benchmark.json', planSchema);
  if (!plan) return undefined;
  const { kind, keys, data, entries, seeds, trials, decoupling, given } = plan;
  const command = { benchmark: 'benchmark', ablation: 'ablate', sweep: 'sweep' }[kind];
  return [
    `decalign ${command}`,
    ...data.map(({ source }) => source),
    ...(kind === 'benchmark' ? [`--models ${entries.map(({ id }) => id).join(',')}`] : []),
    ...keys.map(({ key, values }) => `--grid ${key}=${values.map((value) => textOf(value)).join(',')}`),
    `--seeds ${seeds.join(',')}`,
    ...given.options.map(({ name }) => name),
    ...given.set.map(({ pair, entry }) => `--set ${entry === undefined ? '' : `${entry}:`}${pair}`),
    ...(trials > 0 ? [`--tune ${trials}`] : []),
    ...(decoupling ? ['--decoupling'] : []),
  ].join(' ');
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** The content of a JSON file in a directory; undefined where it is not there, or not of that form. */
function jsonIn<T>(directory: string, name: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.parse(JSON.parse(readFileSync(path.join(directory, name), 'utf8')));
  } catch {
    return undefined;
  }
}
