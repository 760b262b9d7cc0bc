/** Trained runs and what is measured on them, by the command line as its users start it; what is there already is kept. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as z from 'zod';

const cli = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const execute = promisify(execFile);

/** One training. */
export interface Run {
  /** A built-in dataset or a feature file. */
  readonly data: string;
  readonly recipe: string;
  /** Settings as `--set` takes them. */
  readonly set: readonly string[];
  /** Terms left out. */
  readonly without?: readonly string[];
  readonly seed: number;
  /** How many folds, each of which is a run of its own below the run's folder. */
  readonly folds?: number;
}

async function call(...words: readonly string[]): Promise<string> {
  try {
    const { stdout } = await execute(process.execPath, [cli, ...words], { maxBuffer: 2 ** 28 });
    return stdout;
  } catch (error) {
    const { stderr } = z.looseObject({ stderr: z.string().default('') }).parse(error);
    const [why] = stderr.match(/^decalign: .*$/m) ?? ['it ended without a word'];
    throw new Error(`decalign ${words.join(' ')}: ${why.replace('decalign: ', '')}`, { cause: error });
  }
}

/** Trains a run below `out`, if it is not there yet, and names its folder. */
async function trained({ data, recipe, set, without = [], seed, folds }: Run, out: string): Promise<string> {
  const words = [
    ...[data, '--recipe', recipe, '--seed', String(seed), '--threads', '1', '--no-references'],
    ...set.flatMap((each) => ['--set', each]),
    ...(without.length > 0 ? ['--without', without.join(',')] : []),
    ...(folds === undefined ? [] : ['--folds', String(folds)]),
  ];
  const name = createHash('sha256').update(JSON.stringify(words)).digest('hex').slice(0, 12);
  const directory = path.join(out, name);
  if (!existsSync(path.join(directory, 'result.json')))
    await call('train', ...words, '--out', directory, ...(existsSync(directory) ? ['--resume'] : []));
  return directory;
}

/** What a command says of a run in JSON, asked once and kept beside it. */
async function told(directory: string, name: string, ...words: readonly string[]): Promise<unknown> {
  const file = `${directory}.${name}.json`;
  if (!existsSync(file)) {
    const text = await call(...words, '--json');
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  }
  return JSON.parse(readFileSync(file, 'utf8'));
}

const figure = z.number().nullish();
const report = z.looseObject({
  decoupling: z.looseObject({ score: figure, agreement: figure, leak: figure, overlap: figure }),
  retrieval: z.looseObject({ at10: z.number(), chanceAt10: z.number() }).nullish(),
  factors: z
    .looseObject({ commonShared: figure, commonOwn: figure, uniqueShared: figure, uniqueOwn: figure })
    .nullish(),
  labels: z.looseObject({ common: figure, unique: figure }).nullish(),
});
const curves = z.looseObject({
  robustness: z.array(z.looseObject({ points: z.array(z.looseObject({ metrics: z.looseObject({ mae: figure }) })) })),
});
const result = z.looseObject({
  valid: z.looseObject({ mae: figure }).optional(),
  test: z.looseObject({ mae: figure }).optional(),
});

/** Figures of one run, or of one of its folds, by name. */
export type Figures = Readonly<Record<string, number>>;

const known = (figures: Readonly<Record<string, number | null | undefined>>): Figures =>
  Object.fromEntries(Object.entries(figures).flatMap(([name, x]) => (typeof x === 'number' ? [[name, x]] : [])));

/** Trains where needed, and measures on the test split: one entry, or one for each fold. */
export async function measured(run: Run, out: string, dropped: readonly string[] = []): Promise<readonly Figures[]> {
  const directory = await trained(run, out);
  const folders =
    run.folds === undefined
      ? [directory]
      : Array.from({ length: run.folds }, (_, k) => path.join(directory, `fold-${k + 1}`));
  const found: Figures[] = [];
  for (const [k, folder] of folders.entries()) {
    const name = run.folds === undefined ? '' : `fold-${k + 1}.`;
    const parsed = report.parse(await told(directory, `${name}decoupling`, 'decoupling', folder));
    const { decoupling, retrieval, factors, labels } = parsed;
    const { valid, test } = result.parse(JSON.parse(readFileSync(path.join(folder, 'result.json'), 'utf8')));
    const drops = await Promise.all(
      dropped.map(async (modality): Promise<readonly [string, number | null | undefined]> => {
        const words = ['evaluate', folder, run.data, '--drop', `${modality}=1`];
        const { robustness } = curves.parse(await told(directory, `${name}drop-${modality}`, ...words));
        return [`MAE without ${modality}`, robustness[0]?.points.at(-1)?.metrics.mae];
      }),
    );
    const without = known(Object.fromEntries(drops));
    const maes = Object.values(without);
    found.push(
      known({
        cS: factors?.commonShared,
        cO: factors?.commonOwn,
        uS: factors?.uniqueShared,
        uO: factors?.uniqueOwn,
        A: decoupling.agreement,
        L: decoupling.leak,
        U: decoupling.overlap,
        D: decoupling.score,
        'pair ratio': decoupling.agreement == null ? undefined : 1 - decoupling.agreement,
        'retrieval at 10 less chance': retrieval ? retrieval.at10 - retrieval.chanceAt10 : undefined,
        'label from common': labels?.common,
        'label from unique': labels?.unique,
        'valid MAE': valid?.mae,
        MAE: test?.mae,
        ...without,
        'MAE without one': maes.length > 0 ? maes.reduce((sum, mae) => sum + mae, 0) / maes.length : undefined,
      }),
    );
  }
  return found;
}
