/** The command that makes a benchmark, an ablation or a sweep, from the plan in its folder. */
import * as z from 'zod';
import { recipeBefore } from '../config/index.ts';
import { ablationTables, tablesWith } from '../experiments/ablation.ts';
import { valueText } from '../experiments/sweep-cells.ts';
import { jsonIn } from '../files/json.ts';
import { shellWord } from '../text/shell-word.ts';

const variantSchema = z.object({
  name: z.string(),
  settings: z.array(z.object({ key: z.string(), value: z.unknown() })).default([]),
  without: z.array(z.string()).default([]),
  file: z.object({ name: z.string() }).optional(),
});
const entrySchema = z.object({
  id: z.string(),
  model: z.string().default(''),
  recipe: z.string().optional(),
  own: z.object({ file: z.string() }).optional(),
  variant: variantSchema.optional(),
});
type PlannedEntry = z.output<typeof entrySchema>;

const planSchema = z.object({
  kind: z.enum(['benchmark', 'ablation', 'sweep']).default('benchmark'),
  /** Of a sweep, what varies. */
  keys: z.array(z.object({ key: z.string(), values: z.array(z.unknown()) })).default([]),
  data: z.array(
    z.object({
      source: z.string(),
      folds: z.object({ of: z.union([z.number(), z.string()]).optional() }).optional(),
    }),
  ),
  entries: z.array(entrySchema),
  seeds: z.array(z.int()),
  trials: z.int().default(0),
  decoupling: z.boolean().default(false),
  /** Of a sweep, whether it tells metrics of the test split. */
  test: z.boolean().default(false),
  version: z.int().default(1),
  given: z.object({
    versionBegun: z.int().optional(),
    set: z.array(z.object({ pair: z.string(), entry: z.string().optional() })),
    options: z.array(z.object({ name: z.string() })),
  }),
});
type Plan = z.output<typeof planSchema>;

/** The command as a shell takes it; undefined for a folder that is of no experiment. */
export function experimentCommand(directory: string): string | undefined {
  const plan = jsonIn(directory, 'benchmark.json', planSchema);
  if (!plan) return undefined;
  const { kind, data, seeds, trials, decoupling, test, given, version } = plan;
  // Where an entry names no recipe, one of before meant another than one of now.
  const begun = given.versionBegun ?? version;
  const entries = plan.entries.map((entry) => ({ ...entry, recipe: entry.recipe ?? recipeBefore(entry.model, begun) }));
  const folds = data.flatMap((each) => each.folds?.of ?? [])[0];
  const words = [
    ...['decalign', { benchmark: 'benchmark', ablation: 'ablate', sweep: 'sweep' }[kind]],
    ...data.map(({ source }) => source),
    ...compared[kind]({ ...plan, entries }),
    ...['--seeds', seeds.join(',')],
    ...(folds === undefined ? [] : ['--folds', String(folds)]),
    ...given.options.flatMap(({ name }) => optionWords(name)),
    ...given.set.flatMap(({ pair, entry }) => ['--set', entry === undefined ? pair : `${entry}:${pair}`]),
    ...(trials > 0 ? ['--tune', String(trials)] : []),
    ...(decoupling ? ['--decoupling'] : []),
    ...(test ? ['--test'] : []),
    ...['--out', directory],
  ];
  return words.map(shellWord).join(' ');
}

/** The options that say what is compared. */
const compared: Readonly<Record<Plan['kind'], (plan: Plan) => readonly string[]>> = {
  benchmark: ({ entries }) => {
    const files = entries.flatMap(({ variant }) => variant?.file?.name ?? []);
    const names = entries.filter(({ variant }) => !variant?.file).map(entryName);
    return ['--models', names.join(','), ...files.flatMap((file) => ['--config', file])];
  },
  ablation: ({ entries }) => {
    const recipe = entries[0]?.recipe;
    const tables = tablesWith(entries.flatMap(({ variant }) => variant?.name ?? []));
    return [
      ...(tables.length < ablationTables.length ? ['--tables', tables.join(',')] : []),
      ...(recipe === undefined ? [] : ['--recipe', recipe]),
    ];
  },
  sweep: ({ entries: [first], keys }) => {
    const model = first && withRecipe(first);
    return [
      ...(model === undefined || model === 'decalign' ? [] : ['--model', model]),
      ...keys.flatMap(({ key, values }) => ['--grid', `${key}=${values.map(valueText).join(',')}`]),
    ];
  },
};

/** The model of an entry, of one's own the file, with its recipe. */
const withRecipe = ({ model, own, recipe }: PlannedEntry): string =>
  `${own?.file ?? model}${recipe === undefined ? '' : `@${recipe}`}`;

/** An entry as `--models` names it, a variant with its settings. */
function entryName(entry: PlannedEntry): string {
  const { id, model, own, recipe, variant } = entry;
  if (!variant) return model === '' ? id : withRecipe(entry);
  // The recipe of a variant stands before its name, or among its settings, where its id does not have it.
  const isBefore = recipe !== undefined && id.startsWith(`${model}@${recipe}:`);
  const settings = [
    ...(recipe === undefined || isBefore ? [] : [`recipe=${recipe}`]),
    ...(variant.without.length > 0 ? [`without=[${variant.without.join(',')}]`] : []),
    ...variant.settings.map(({ key, value }) => `${key}=${valueText(value)}`),
  ];
  return `${isBefore ? withRecipe(entry) : (own?.file ?? model)}:${variant.name}=${settings.join(',')}`;
}

/** An option as it is recorded, `--name value`: the value is one word, whatever is in it. */
function optionWords(option: string): readonly string[] {
  const space = option.indexOf(' ');
  return space < 0 ? [option] : [option.slice(0, space), option.slice(space + 1)];
}
