/**
 * `npm run mutants`: makes small wrong changes to the sources, one at a time, and runs the tests that use the changed file:
 * those that import it first, then all that reach it, until one fails. A change is seen when a test fails or has no end.
 * Changes that do not compile are passed over, and those that `equivalent.json` lists change no result: neither counts.
 *
 *   npm run mutants -- --count 300 --seed 1 --folder alignment,nn --jobs 2
 *   npm run mutants -- --again      the changes that were not seen in the last call
 *   npm run mutants -- --within 2   only tests that reach the changed file by so many imports: quick, while tests are written
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Option } from 'commander';
import { random } from '../../src/data/random.ts';
import { lane, someOf, wholeFrom } from '../lane.ts';
import { changesOf, withChange, type Change } from './changes.ts';
import { functionAround } from './reach.ts';
import { KnownTests, Runner } from './runner.ts';
import { filesIn, TestGraph } from './tests-of.ts';
import { TypeChecker } from './types.ts';

const usual = ['alignment', 'nn', 'train', 'metrics', 'data'];
const parts = readdirSync('src', { withFileTypes: true }).flatMap((each) => (each.isDirectory() ? each.name : []));
const {
  count,
  seed,
  folder: folders,
  jobs,
  again: isAgain,
  within = Infinity,
} = lane('mutants', 'Makes small wrong changes to the sources, and tells which of them no test sees.')
  .option('--count <n>', 'changes that are drawn', wholeFrom(1), 300)
  .option('--seed <n>', 'draws them', wholeFrom(0), 1)
  .addOption(new Option('--folder <names>', 'folders of src').argParser(someOf(parts)).default(usual, usual.join()))
  .option('--jobs <n>', 'processes', wholeFrom(1), 2)
  .option('--again', 'the changes that were not seen in the last call', false)
  .option('--within <n>', 'only tests that reach the changed file by so many imports (default: all)', wholeFrom(1))
  .parse()
  .opts<{
    readonly count: number;
    readonly seed: number;
    readonly folder: readonly string[];
    readonly jobs: number;
    readonly again: boolean;
    readonly within?: number;
  }>();

/** The share of changes that is to be seen. */
const target = 0.95;
/** The tests of `npm test`. Those that only start processes do not run the sources in their own, and see no change. */
const isTest = (file: string): boolean => /(?<!\.long)\.test\.ts$/.test(file);
const last = 'node_modules/.cache/decalign-mutants/not-seen.json';
if (isAgain && !existsSync(last)) {
  console.error('mutants: --again: no call before this one has left changes that were not seen.');
  process.exit(2);
}
const listed = JSON.parse(
  readFileSync(path.join(import.meta.dirname, 'equivalent.json'), 'utf8'),
) as readonly (Shown & { readonly why: string })[];

/** A change as people read it, and as it is found again when other lines of its file have changed. */
interface Shown {
  readonly file: string;
  /** The lines of the change, without their indentation. */
  readonly before: string;
  readonly after: string;
}

interface Mutant extends Shown {
  readonly line: number;
  readonly change: Change;
}

const texts = new Map<string, string>();
const textOf = (file: string): string => {
  const known = texts.get(file) ?? readFileSync(file, 'utf8');
  texts.set(file, known);
  return known;
};

function mutantsOf(file: string): Mutant[] {
  const text = textOf(file);
  return changesOf(text).map((change) => {
    const start = text.lastIndexOf('\n', change.start - 1) + 1;
    const end = (text.indexOf('\n', change.end) + text.length + 1) % (text.length + 1);
    const oneLine = (lines: string): string => lines.trim().replaceAll(/\s*\n\s*/g, ' ');
    const after = text.slice(start, change.start) + change.text + text.slice(change.end, end);
    const line = text.slice(0, change.start).split('\n').length;
    return { file, change, line, before: oneLine(text.slice(start, end)), after: oneLine(after) };
  });
}

const isSame = (a: Shown, b: Shown): boolean => a.file === b.file && a.before === b.before && a.after === b.after;

const all = folders
  .flatMap((folder) => filesIn(`src/${folder}`))
  .filter((file) => !/(\.test|\/testing|\/index)\.ts$/.test(file))
  .flatMap(mutantsOf);

const counts = { seen: 0, listed: 0, notCompiling: 0 };
const notSeen: Mutant[] = [];

/** In random order: a number of its own for every change, so that work on other lines leaves the order of the rest. */
function shuffled(): Mutant[] {
  const places = all.map((mutant) => ({
    mutant,
    at: random(seed, mutant.file, mutant.before, mutant.after).uniform(),
  }));
  return places.sort((a, b) => a.at - b.at).map(({ mutant }) => mutant);
}

/** As many as are wanted that compile, and are not listed. */
function* drawn(): Generator<Mutant> {
  const checker = new TypeChecker();
  const again = isAgain ? (JSON.parse(readFileSync(last, 'utf8')) as readonly Shown[]) : undefined;
  const candidates = again ? all.filter((mutant) => again.some((each) => isSame(each, mutant))) : shuffled();
  let left = again ? Infinity : count;
  for (let start = 0; start < candidates.length; start += together) {
    const some = candidates.slice(start, start + together);
    const compile = checker.compile(some.map(({ file, change }) => ({ file, text: withChange(textOf(file), change) })));
    for (const [i, mutant] of some.entries()) {
      if (left === 0) return;
      if (!compile[i]) counts.notCompiling++;
      else left--;
      if (!compile[i]) continue;
      if (listed.some((each) => isSame(each, mutant))) counts.listed++;
      else yield mutant;
    }
  }
}

/** Changes that are checked by one program of TypeScript. */
const together = 100;

const graph = new TestGraph(['src', 'test']);
const known = new KnownTests();

/** What sees a change; undefined where no test does. */
async function seenBy({ file, change }: Mutant, runner: Runner): Promise<string | undefined> {
  const text = textOf(file);
  const around = functionAround(file, text, change);
  const distances = graph.testsOf(file, isTest);
  const farthest = Math.min(within, Math.max(0, ...distances.values()));
  for (let distance = 1; distance <= farthest; distance++) {
    const tests = [...distances].filter(([, each]) => each === distance).map(([test]) => test);
    await runner.know(tests);
    const calling = tests.filter((test) => around === undefined || known.runs.get(test)!.called.includes(around));
    calling.sort((a, b) => known.runs.get(a)!.milliseconds - known.runs.get(b)!.milliseconds);
    const failure =
      calling.length > 0 ? await runner.failure({ file, text: withChange(text, change) }, calling) : undefined;
    if (failure !== undefined) return failure;
  }
  return undefined;
}

const shown = ({ file, line, before, after }: Mutant): string => `${file}:${line}\n    ${before}\n  → ${after}`;

/** Keeps the changes that were not seen for a call with `--again`. */
function keepNotSeen(): void {
  mkdirSync(path.dirname(last), { recursive: true });
  writeFileSync(last, JSON.stringify(notSeen.map(({ file, before, after }): Shown => ({ file, before, after }))));
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    // The list of the call before has changes that were not yet tried again.
    if (!isAgain) keepNotSeen();
    process.exit(1);
  });

const queue = drawn();
const started = performance.now();
let done = 0;
async function work(): Promise<void> {
  const runner = new Runner(known);
  const end = (): void => runner.end();
  process.once('exit', end);
  try {
    for (let next = queue.next(); !next.done; next = queue.next()) {
      const mutant = next.value;
      const failure = await seenBy(mutant, runner);
      done++;
      if (failure === undefined) notSeen.push(mutant);
      else counts.seen++;
      process.stderr.write(
        failure === undefined
          ? `${done} not seen: ${shown(mutant)}\n`
          : `${done} ${mutant.file}:${mutant.line} seen by ${failure}\n`,
      );
    }
  } finally {
    runner.end();
  }
}
await Promise.all(Array.from({ length: jobs }, work));

const score = counts.seen / (counts.seen + notSeen.length);
const minutes = Math.round((performance.now() - started) / 60_000);
keepNotSeen();
const gone = listed.filter(
  ({ file, before }) =>
    folders.includes(file.split('/')[1]!) && !all.some((each) => each.file === file && each.before === before),
);
process.stdout.write(
  [
    ...notSeen.map((mutant) => `not seen: ${shown(mutant)}`),
    ...gone.map(
      ({ file, before }) =>
        `equivalent.json lists what ${existsSync(file) ? file : `${file}, now gone,`} no longer holds: ${before}`,
    ),
    `${counts.seen + notSeen.length + counts.listed} changes of ${folders.join(', ')} that compile (seed ${seed}, of ${all.length} in all; ${counts.notCompiling} did not compile), ${minutes} min:`,
    `seen ${counts.seen}, not seen ${notSeen.length}, listed as changing no result ${counts.listed}: ${(100 * score).toFixed(1)} % seen`,
    '',
  ].join('\n'),
);
process.exitCode = score >= target && gone.length === 0 ? 0 : 1;
