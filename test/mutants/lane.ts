/**
 * A process that runs tests on sources that are not those of the disk: Vitest stays warm, and hands changed texts to the
 * tests. Started by `runner.ts`, which ends it when a change makes it hang.
 */
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createVitest, type TestModule, type TestSpecification } from 'vitest/node';
import { telling } from './reach.ts';

export interface Task {
  /** A file and its text in place of its own; without it, every source as it is but for telling which functions are called. */
  readonly changed?: { readonly file: string; readonly text: string };
  /** Test files in the order to run them; none is begun after one that failed. Paths are below the working directory. */
  readonly tests: readonly string[];
}

export interface Outcome {
  /** The first test that failed, or what ended the tests otherwise. */
  readonly failure?: string;
  /** By test file that was run. */
  readonly runs: Readonly<Record<string, TestRun>>;
}

export interface TestRun {
  readonly milliseconds: number;
  /** The functions that were called, by `functionAround`. */
  readonly called: readonly string[];
}

const root = process.cwd();
const nameOf = (file: string): string => path.relative(root, file).replaceAll('\\', '/');
const folder = mkdtempSync(path.join(tmpdir(), 'called-'));

let task: Task = { tests: [] };

function textOf(id: string): string | undefined {
  const file = nameOf(id.split('?')[0]!);
  if (task.changed) return file === task.changed.file ? task.changed.text : undefined;
  return /^src\/.*(?<!\.test|testing)\.ts$/.test(file) ? telling(file, readFileSync(file, 'utf8')) : undefined;
}

const vitest = await createVitest(
  'test',
  {
    ...{ root, config: false, watch: false, pool: 'forks', maxWorkers: 1, bail: 1 },
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['node_modules/**', '**/*.long.test.ts', '**/*.cluster.test.ts'],
    setupFiles: [path.join(import.meta.dirname, 'setup.ts')],
    provide: { telling: { folder } },
    // The outcome is what is sent.
    reporters: [{}],
    // Only a change that hangs takes as long, whatever else the machine does.
    ...{ testTimeout: 600_000, hookTimeout: 600_000 },
    sequence: {
      sequencer: class {
        shard = (files: TestSpecification[]): TestSpecification[] => files;
        sort = (files: TestSpecification[]): TestSpecification[] =>
          files.toSorted((a, b) => task.tests.indexOf(nameOf(a.moduleId)) - task.tests.indexOf(nameOf(b.moduleId)));
      },
    },
  },
  { plugins: [{ name: 'changed sources', enforce: 'pre', load: textOf }] },
);
await vitest.standalone();

/** Texts that were handed out once are asked for again. */
function forget(given: Task): void {
  if (given.changed) vitest.invalidateFile(path.join(root, given.changed.file));
  else vitest.vite.moduleGraph.invalidateAll();
}

async function run(given: Task): Promise<Outcome> {
  task = given;
  forget(task);
  const specifications = await vitest.globTestSpecifications([...task.tests]);
  const result = await vitest.runTestSpecifications(
    specifications.filter(({ moduleId }) => task.tests.includes(nameOf(moduleId))),
  );
  forget(task);
  // Vitest also tells of files that ran for an earlier task.
  const modules = task.tests.flatMap((test) => result.testModules.filter(({ moduleId }) => nameOf(moduleId) === test));
  const failure = modules.map(failureOf).find((found) => found !== undefined) ?? messageOf(result.unhandledErrors[0]);
  return {
    ...(failure !== undefined && { failure }),
    runs: Object.fromEntries(modules.map((module) => [nameOf(module.moduleId), runOf(module)])),
  };
}

function runOf(module: TestModule): TestRun {
  const { duration, collectDuration, prepareDuration, environmentSetupDuration } = module.diagnostic();
  const file = path.join(folder, `${nameOf(module.moduleId)}.json`);
  return {
    milliseconds: duration + collectDuration + prepareDuration + environmentSetupDuration,
    called: existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as string[]) : [],
  };
}

function failureOf(module: TestModule): string | undefined {
  if (module.state() !== 'failed') return undefined;
  const [first] = module.children.allTests('failed');
  return `${nameOf(module.moduleId)}: ${first?.fullName ?? messageOf(module.errors()[0]) ?? 'failed'}`;
}

const messageOf = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : undefined;

process.on('message', (given: Task) => {
  run(given).then(
    (outcome) => process.send!(outcome),
    (error: unknown) => process.send!({ failure: `the tests could not run: ${String(error)}`, runs: {} }),
  );
});
process.on('disconnect', () => process.exit());
process.send!('ready');
