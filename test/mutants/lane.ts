/**
 * A process that runs tests on a source file as it would be with a change: Vitest stays warm, and hands the changed text to
 * the tests in place of what the file holds. Started by `main.ts`, which ends it when a change makes it hang.
 */
import path from 'node:path';
import { createVitest, type TestModule, type TestSpecification } from 'vitest/node';

export interface Task {
  /** By paths below the working directory. */
  readonly file: string;
  /** The file's text; without it, the file as it is. */
  readonly text?: string;
  /** Test files in the order to run them; none is begun after one that failed. */
  readonly tests: readonly string[];
}

export interface Outcome {
  /** The first test that failed, or what ended the tests otherwise. */
  readonly failure?: string;
  /** Milliseconds of each test file that was run. */
  readonly times: Readonly<Record<string, number>>;
}

let replaced: { readonly file: string; readonly text: string } | undefined;
let order: readonly string[] = [];
const root = process.cwd();
const nameOf = (file: string): string => path.relative(root, file).replaceAll('\\', '/');

const vitest = await createVitest(
  'test',
  {
    root,
    watch: false,
    pool: 'forks',
    maxWorkers: 1,
    bail: 1,
    // A process of Node has nobody to read it; the outcome is what is sent.
    reporters: [{}],
    // Only a change that hangs takes as long, whatever else the machine does.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    sequence: {
      sequencer: class {
        shard = (files: TestSpecification[]): TestSpecification[] => files;
        sort = (files: TestSpecification[]): TestSpecification[] =>
          files.toSorted((a, b) => order.indexOf(nameOf(a.moduleId)) - order.indexOf(nameOf(b.moduleId)));
      },
    },
  },
  {
    plugins: [
      {
        name: 'changed source',
        enforce: 'pre',
        load: (id) => (id.split('?')[0] === replaced?.file ? replaced?.text : undefined),
      },
    ],
  },
);
await vitest.standalone();

async function run({ file, text, tests }: Task): Promise<Outcome> {
  const place = path.join(root, file);
  replaced = text === undefined ? undefined : { file: place, text };
  order = tests;
  vitest.invalidateFile(place);
  const specifications = await vitest.globTestSpecifications([...tests]);
  const wanted = specifications.filter(({ moduleId }) => tests.includes(nameOf(moduleId)));
  const result = await vitest.runTestSpecifications(wanted);
  vitest.invalidateFile(place);
  const { unhandledErrors } = result;
  // Vitest also tells of files that ran for an earlier task.
  const testModules = tests.flatMap((test) => result.testModules.filter(({ moduleId }) => nameOf(moduleId) === test));
  const failure = testModules.map(failureOf).find((found) => found !== undefined) ?? textOf(unhandledErrors[0]);
  const times = testModules.map((module): [string, number] => {
    const { duration, collectDuration, prepareDuration, environmentSetupDuration } = module.diagnostic();
    return [nameOf(module.moduleId), duration + collectDuration + prepareDuration + environmentSetupDuration];
  });
  return { ...(failure !== undefined && { failure }), times: Object.fromEntries(times) };
}

function failureOf(module: TestModule): string | undefined {
  if (module.state() !== 'failed') return undefined;
  const [first] = module.children.allTests('failed');
  return `${nameOf(module.moduleId)}: ${first?.fullName ?? textOf(module.errors()[0]) ?? 'failed'}`;
}

const textOf = (error: unknown): string | undefined =>
  error === undefined
    ? undefined
    : error instanceof Error
      ? error.message
      : String((error as { message?: unknown }).message);

process.on('message', (task: Task) => {
  run(task).then(
    (outcome) => process.send!(outcome),
    (error: unknown) => process.send!({ failure: `the tests could not run: ${String(error)}`, times: {} }),
  );
});
process.on('disconnect', () => process.exit());
process.send!('ready');
