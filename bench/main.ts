/** `npm run bench`: what things cost, a JSON line each. docs/performance.md says what every line means. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { nearest } from '../src/text/nearest.ts';
import type { BenchCase, BenchOptions } from './case.ts';
import { families } from './cases.ts';
import type { Told } from './run-case.ts';

interface Chosen {
  readonly benchCase: BenchCase;
  readonly family: number;
  readonly index: number;
}

const all: readonly Chosen[] = (await Promise.all(families.map((load) => load()))).flatMap((found, family) =>
  found.map((benchCase, index) => ({ benchCase, family, index })),
);
const abouts = new Map(all.map(({ benchCase: { name, about } }) => [name, about]));

const positive = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('Give a whole number of at least 1.');
  return value;
};

const known = (name: string, before: readonly string[] = []): readonly string[] => {
  if (abouts.has(name)) return [...before, name];
  const near = nearest(name, abouts.keys());
  const hint = near === undefined ? '' : ` Did you mean ${near}?`;
  throw new InvalidArgumentError(`There is no such case.${hint} There are ${[...abouts.keys()].join(', ')}.`);
};

/** Runs one case in a process of its own, so that its peak memory is that case's; whether it went well. */
const ran = ({ benchCase, family, index }: Chosen, options: BenchOptions): Promise<boolean> =>
  new Promise((resolve) => {
    const told: Told = { family, index, options };
    const child = fork(fileURLToPath(new URL('run-case.ts', import.meta.url)), [JSON.stringify(told)]);
    child.on('exit', (code, signal) => {
      if (signal !== null) process.stderr.write(`bench: ${benchCase.name}: ended by ${signal}\n`);
      resolve(code === 0);
    });
  });

const program = new Command('bench')
  .description('Measures what things cost and prints a JSON line each. All cases take about ten minutes.')
  .option('--case <name>', 'only this case; may be given several times', known)
  .option('--profile', "also time per operator of step and predict cases, from the runtime's own profile", false)
  .option('--threads <n>', 'of the runtime', positive, 2)
  .option('--repetitions <n>', 'how often what is timed is repeated', positive, 15)
  .option('--authors <dir>', "a checkout of the authors' public code, to compare with (needs PyTorch)")
  .option('--python <path>', "what runs the authors' code and NumPy", 'python3')
  .addHelpText('after', `\nCases:\n${[...abouts].map(([name, about]) => `  ${name.padEnd(14)} ${about}`).join('\n')}\n`)
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error/, 'bench')) })
  .exitOverride();

try {
  program.parse();
  const { case: names, ...options } = program.opts<BenchOptions & { readonly case?: readonly string[] }>();
  for (const chosen of all.filter(({ benchCase }) => names?.includes(benchCase.name) ?? !benchCase.byName))
    if (!(await ran(chosen, options))) process.exitCode = 1;
} catch (error) {
  // Commander has said it already.
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
