/** `npm run claims -- ROW`: trains what a row of docs/decoupling.md rests on, measures it and prints the row. */
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { estimate, type Estimate } from './interval.ts';
import { rows, type Arm, type Row } from './rows.ts';
import { measured, type Figures } from './run.ts';

const rowNamed = (name: string): Row => {
  const row = rows.find((each) => each.name === name);
  if (row) return row;
  throw new InvalidArgumentError(`There is no such row. There are ${rows.map((each) => each.name).join(', ')}.`);
};
const wholes = (text: string): readonly number[] => {
  const found = text.split(',').map(Number);
  if (found.every((n) => Number.isInteger(n) && n >= 0)) return found;
  throw new InvalidArgumentError('Give whole numbers with commas between them, as in 1,2,3.');
};
const positive = (text: string): number => {
  const [n = 0, ...more] = wholes(text);
  if (more.length > 0 || n < 1) throw new InvalidArgumentError('Give a whole number of at least 1.');
  return n;
};

/** The figures of every run of an arm, and of every fold of it. */
async function figuresOf({ runs, name }: Arm, { dropped }: Row, { out, jobs }: Options): Promise<readonly Figures[][]> {
  const found: (readonly Figures[])[] = [];
  const waiting = [...runs.entries()];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [i, run] = next;
      found[i] = await measured(run, out, dropped);
      process.stderr.write(`${name}, ${run.set.join(' ')} seed ${run.seed}: done\n`);
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return found.map((each) => [...each]);
}

/**
 * Means by independent unit, in the order in which all arms have them: the fold where there are folds, the data where runs
 * differ in it, else the run. Seeds of training on the same data are no units of their own.
 */
function units({ runs }: Arm, found: readonly Figures[][]): readonly Figures[] {
  const folds = found[0]!.length;
  if (folds > 1) return Array.from({ length: folds }, (_, k) => meanOf(found.map((run) => run[k]!)));
  const data = [...new Set(runs.map(({ set }) => set.join(' ')))];
  if (data.length === 1) return found.flat();
  return data.map((each) => meanOf(found.filter((_, i) => runs[i]!.set.join(' ') === each).flat()));
}
/** Of the figures that all have. */
const meanOf = (all: readonly Figures[]): Figures =>
  Object.fromEntries(
    Object.keys(all[0]!)
      .filter((name) => all.every((each) => name in each))
      .map((name) => [name, all.reduce((sum, figures) => sum + figures[name]!, 0) / all.length]),
  );

const cell = ({ mean, low, high }: Estimate): string =>
  low === undefined || high === undefined
    ? mean.toFixed(3)
    : `${mean.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;

interface Options {
  readonly out: string;
  readonly jobs: number;
}

const program = new Command('claims')
  .description('Trains what a row of docs/decoupling.md rests on, and prints it.')
  .argument('<row>', 'one of those below', rowNamed)
  .option('--data <file>', 'the feature file of the rows folds, file, ablation-folds and ablation-file')
  .option('--seeds <list>', 'of training', wholes, [1, 2, 3])
  .option('--jobs <n>', 'trainings at a time', positive, 1)
  .option('--out <dir>', 'where the runs are; those of the same code may be used again (default: a temporary folder)')
  .addHelpText('after', `\nRows:\n${rows.map(({ name, about }) => `  ${name.padEnd(15)} ${about}`).join('\n')}\n`)
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error/, 'claims')) })
  .exitOverride();

try {
  program.parse();
  const row = program.processedArgs[0] as Row;
  const {
    data,
    seeds,
    jobs,
    out = mkdtempSync(path.join(tmpdir(), 'decalign-claims-')),
  } = program.opts<{
    readonly data?: string;
    readonly seeds: readonly number[];
    readonly jobs: number;
    readonly out?: string;
  }>();
  if (row.ofFile === true && data === undefined)
    throw new Error(`The row ${row.name} is of a feature file: name one by --data.`);
  if (row.ofFile !== true && data !== undefined)
    throw new Error(`The row ${row.name} is of made data: leave out --data.`);
  mkdirSync(out, { recursive: true });
  process.stderr.write(`Runs: ${out}\n`);
  const arms = row.arms({ data: data ?? 'synthetic', seeds });
  let base: readonly Figures[] | undefined;
  for (const arm of arms) {
    const every = await figuresOf(arm, row, { out, jobs });
    const found = units(arm, every);
    process.stdout.write(`\n${arm.name} (${found.length} ${found.length === 1 ? 'unit' : 'units'})\n`);
    for (const figure of Object.keys(found[0]!).filter((name) => found.every((each) => name in each))) {
      const values = found.map((each) => each[figure]!);
      const all = every.flat().flatMap((each) => each[figure] ?? []);
      const range = `${Math.min(...all).toFixed(3)} .. ${Math.max(...all).toFixed(3)}`;
      const apart = base?.every((each) => figure in each)
        ? `  less ${arms[0]!.name}: ${cell(estimate(values.map((x, i) => x - base![i]![figure]!)))}`
        : '';
      process.stdout.write(`  ${figure.padEnd(28)} ${cell(estimate(values)).padEnd(26)} ${range.padEnd(16)}${apart}\n`);
    }
    base ??= found;
  }
} catch (error) {
  // Commander has said its own errors already.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    process.stderr.write(`claims: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
