/**
 * `npm run fuzz`: opens thousands of damaged files of every format. A reader gives a value or a FormatError of one line,
 * in bounded time and memory, and writes nothing. `-- --seed 7 --count 20000 --format npz` chooses; a failure prints
 * what repeats it.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Attempts } from './attempt.ts';
import { seeded } from './mutate.ts';
import { targets } from './targets.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    count: { type: 'string', default: '12000' },
    format: { type: 'string', default: targets.map(({ format }) => format).join() },
    watched: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
const chosen = targets.filter(({ format }) => values.format.split(',').includes(format));
const countEach = Math.ceil(Number(values.count) / chosen.length);

if (values.watched) await run();
else await watch();

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
  console.log(`fuzz: --seed ${seed} --count ${values.count}`);
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
