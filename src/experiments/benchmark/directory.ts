/** The folder of a benchmark, an ablation or a sweep, which the file `benchmark.json` marks as one. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { configVersion, defaultsOf } from '../../config/index.ts';
import { namesIn } from '../../runs/record/out-directory.ts';
import { makeFolder } from '../../files/append.ts';
import { isTemporary, writeFileAtomic } from '../../files/atomic.ts';
import { jsonIn } from '../../files/json.ts';
import { dataConfig, type Entry, type Given } from './entries.ts';

const planFile = 'benchmark.json';

/** What a folder of many runs is: named after what it compares. */
export const experimentKinds = ['benchmark', 'ablation', 'sweep'] as const;
export type ExperimentKind = (typeof experimentKinds)[number];
const withArticle = { benchmark: 'a benchmark', ablation: 'an ablation', sweep: 'a sweep' } as const;
const commandOf = { benchmark: 'benchmark', ablation: 'ablate', sweep: 'sweep' } as const;

/** Refuses a folder that is not vacant for a new experiment, or that does not hold the one to go on with. */
export function checkBenchmarkDirectory(
  directory: string,
  { resume, kind }: { readonly resume: boolean; readonly kind: ExperimentKind },
): void {
  if (existsSync(path.join(directory, planFile))) {
    // One that cannot be read is planned anew.
    const held = jsonIn(directory, planFile, kindSchema)?.kind ?? kind;
    const found = `${directory} holds ${withArticle[held]}`;
    if (!resume)
      throw new Error(`${found}, which is never overwritten: go on with it by --resume, or name another directory.`);
    if (held === kind) return;
    throw new Error(`${found}: go on with it by decalign ${commandOf[held]} --resume.`);
  }
  if (resume)
    throw new Error(`${directory} holds no ${kind}, so there is nothing to resume; start it without --resume.`);
  if (!existsSync(directory)) return;
  const held = namesIn(directory).find((name) => !isTemporary(name));
  if (held !== undefined) throw new Error(`${directory} is not empty (${held}): name a new directory.`);
}

/** Folders of releases that had benchmarks alone do not say that they are. */
const kindSchema = z.looseObject({ kind: z.enum(experimentKinds).default('benchmark') });

const planSchema = z.looseObject({
  version: z.int().optional(),
  given: z.looseObject({
    versionBegun: z.int().optional(),
    set: z.array(z.looseObject({ pair: z.string() })),
    options: z.array(z.looseObject({ key: z.string(), value: z.unknown() })),
  }),
});

/**
 * The settings of a call that goes on with the benchmark in a folder, whose models have the recipes of when it was begun.
 * Where the call does not say by what groups, and ids told none then, they tell none again, so that its folds stay as
 * they are.
 */
export function givenAsBegun(asked: Given, directory: string): Given {
  const plan = jsonIn(directory, planFile, planSchema);
  if (!plan) return asked;
  const given = { ...asked, versionBegun: plan.given.versionBegun ?? plan.version ?? 1 };
  if (dataConfig(given).data.group !== undefined) return given;
  const { group = defaultsOf(plan.version).data.group } = groupIn(plan.given);
  if (group !== 'none') return given;
  return { ...given, options: [...given.options, { name: '--group none', key: 'data.group', value: 'none' }] };
}

/** The value of `data.group` that was asked for. */
const groupIn = ({ set, options }: z.output<typeof planSchema>['given']): { readonly group?: unknown } => {
  const pair = set.findLast((each) => each.pair.startsWith('data.group='))?.pair.slice('data.group='.length);
  const group = options.findLast(({ key }) => key === 'data.group')?.value ?? pair;
  return group === undefined ? {} : { group };
};

/**
 * Writes down what is asked for, which marks the folder as that of an experiment. Throws an Error where that is of one
 * model, and the folder holds one of another: their rows could not stand in one table.
 */
export function writePlan(
  directory: string,
  plan: { readonly kind: ExperimentKind; readonly entries: readonly Entry[] },
): void {
  const held = plan.kind === 'benchmark' ? undefined : jsonIn(directory, planFile, comparedSchema);
  const [before, now] = [held?.entries ?? [], plan.entries].map((entries) => entries[0]?.id.split(':')[0]);
  if (before !== undefined && before !== now)
    throw new Error(`${directory} holds ${withArticle[plan.kind]} of ${before}, not of ${now}: name a new directory.`);
  makeFolder(directory);
  const recorded = { version: configVersion, ...plan, entries: plan.entries.map(withoutModel) };
  const json = JSON.stringify(recorded, (_, value: unknown) => (value instanceof Map ? [...value] : value), 2);
  writeFileAtomic(path.join(directory, planFile), `${json}\n`);
}

/** An entry as a file can hold it: of a model of one's own, its file and code. */
const withoutModel = (entry: Entry): unknown =>
  entry.reference === undefined && entry.own
    ? { ...entry, own: { file: entry.own.file, code: entry.own.code } }
    : entry;

const comparedSchema = kindSchema.extend({
  data: z.array(z.object({ name: z.string() })),
  entries: z.array(z.object({ id: z.string(), model: z.string().optional() })),
  seeds: z.array(z.int()),
});
const tableSchema = z.object({ seeds: z.array(z.int()), rows: z.array(z.object({ model: z.string() })) });

/** What a benchmark compares, as its folder tells. */
export interface RecordedBenchmark {
  readonly kind: ExperimentKind;
  /** By the names of their rows; of an ablation or a sweep the one model. */
  readonly models: readonly string[];
  readonly data: readonly string[];
  readonly seeds: readonly number[];
  /** Whether there is a table of each dataset with all of the models and seeds. */
  readonly finished: boolean;
}

/** The benchmark in a folder; undefined where there is none that can be read. */
export function benchmarkIn(directory: string): RecordedBenchmark | undefined {
  const plan = jsonIn(directory, planFile, comparedSchema);
  if (!plan) return undefined;
  const { kind } = plan;
  const rows = plan.entries.map(({ id }) => id);
  const data = plan.data.map(({ name }) => name);
  const finished = data.every((name) => {
    const table = jsonIn(directory, `${name}.json`, tableSchema);
    const tabled = table?.rows.map(({ model }) => model);
    return rows.every((id) => tabled?.includes(id)) && plan.seeds.every((seed) => table?.seeds.includes(seed));
  });
  const models = kind === 'benchmark' ? rows : [...new Set(plan.entries.flatMap(({ model }) => model ?? []))];
  return { kind, models, data, seeds: plan.seeds, finished };
}
