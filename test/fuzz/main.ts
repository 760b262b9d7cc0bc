/**
 * `npm run fuzz`: opens thousands of damaged files of every format. A reader gives a value or a FormatError of one line,
 * in bounded time and memory, and writes nothing. `-- --seed 7 --count 20000 --format npz` chooses; a failure prints
 * what repeats it.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { InvalidArgumentError, Option } from 'commander';
import { lane, someOf, wholeFrom } from '../lane.ts';
import { Attempts } from './attempt.ts';
import { seeded } from './mutate.ts';
import { targets } from './targets.ts';

const known = targets.map(({ format }) => format);
const { seed, count, format, watched } = lane(
  'fuzz',
  'Opens damaged files of every format: a value or an error of one line.',
)
  .option(
    '--seed <n>',
    'chooses the damages; one with decimals repeats a file, with --format and --count 1',
    seedOf,
    Date.now() % 1_000_000,
  )
  .option('--count <n>', 'files, of all formats together', wholeFrom(1), 12_000)
  .addOption(
    new Option('--format <names>', 'only these, such as npz,csv').argParser(someOf(known)).default(known, 'all'),
  )
  .addOption(new Option('--watched').hideHelp())
  .parse()
  .opts<{
    readonly seed: number;
    readonly count: number;
    readonly format: readonly string[];
    readonly watched?: true;
  }>();
const chosen = targets.filter((target) => format.includes(target.format));
const countEach = Math.ceil(count / chosen.length);

if (watched) await run();
else await watch();

/** A number that may have decimals, as the seed of a single file has. */
function seedOf(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value < Infinity))
    throw new InvalidArgumentError('It must be a number from 0.');
  return value;
}

/** Opens the files, and tells the watcher of each before it does. */
async function run(): Promise<void> {
  const attempts = new Attempts();
  try {
    await attempts.begin(chosen);
    for (const target of chosen) {
      const outcomes = { read: 0, refused: 0 };
      const start = performance.now();
      for (let i = 0; i < countEach; i++) {
        // Each file has a seed of its own, so that it can be made again without those before it.
        const own = Math.round(seed * 1_000_000) + i;
        process.send?.(`--format ${target.format} --seed ${own / 1_000_000} --count 1`);
        outcomes[await attempts.damaged(target, seeded(own))] += 1;
      }
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      const { read, refused } = outcomes;
      console.log(`${target.format}: ${read + refused} files in ${seconds} s, ${read} read, ${refused} refused`);
    }
    console.log(`most memory: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`);
  } finally {
    attempts.close();
  }
}

/** Runs the files in a process that can be stopped, should it hang or run out of memory. */
async function watch(): Promise<void> {
  console.log(`fuzz: --seed ${seed} --count ${count}`);
  const child = fork(fileURLToPath(import.meta.url), [...process.argv.slice(2), '--seed', String(seed), '--watched'], {
    execArgv: [...process.execArgv, '--max-old-space-size=1024'],
  });
  let last = 'at the sound files';
  let timer: NodeJS.Timeout | undefined;
  const expect = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
  };
  expect();
  child.on('message', (repeat: string) => {
    last = repeat;
    expect();
  });
  const code = await new Promise<number | null>((resolve) => child.on('exit', resolve));
  clearTimeout(timer);
  if (code === 0) return;
  console.error(`fuzz: ${code === null ? 'stopped, or it hung,' : 'failed'}; repeat it with npm run fuzz -- ${last}`);
  process.exitCode = 1;
}
