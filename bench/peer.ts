/** The authors' public code on PyTorch beside ours, a few steps of each in turn: a busy machine slows both. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { compile } from '../src/runtime/node.ts';
import type { BenchCase, BenchLine, BenchOptions } from './case.ts';
import { ceiling } from './ceiling.ts';
import { configuration, recipes, type Recipe } from './configurations.ts';
import { exportedModel, predictor } from './predict.ts';
import { median, rounded } from './statistics.ts';
import { stepping } from './stepping.ts';

const rounds = 5;
const subjects = ['step-mosi', 'step-iemocap', 'predict-one'] as const;
type Subject = (typeof subjects)[number];

/** Whoever takes part: milliseconds of some steps (or predictions), one after another. */
interface Contestant {
  readonly run: (count: number) => Promise<number[]>;
  readonly stop: () => Promise<void>;
}

const library = z.object({ library: z.string(), build: z.array(z.string()), blas: z.array(z.string()) });

interface Theirs extends Contestant {
  readonly threads: number;
  readonly library: z.output<typeof library>;
  /** GFLOP/s of a 1024³ float32 product. */
  readonly product: () => Promise<number>;
}

/** Their code in a process that is stopped between its turns, so that threads that wait by spinning cost us nothing. */
async function theirs(
  subject: Subject,
  { authors, python, threads }: { readonly authors: string; readonly python: string; readonly threads: number },
): Promise<Theirs> {
  const script = fileURLToPath(new URL('peer.py', import.meta.url));
  const child = spawn(python, [script, authors, subject, String(threads)], {
    stdio: 'pipe',
    env: { ...process.env, OMP_NUM_THREADS: String(threads), OPENBLAS_NUM_THREADS: String(threads) },
  });
  // A process that is stopped would never learn that nobody waits for it.
  const end = (): void => void child.kill('SIGKILL');
  process.on('exit', end);
  let complaint = '';
  child.stderr.on('data', (text: Buffer) => (complaint = `${complaint}${text.toString()}`.slice(-2000)));
  const ended = new Promise<never>((_, reject) => {
    child.on('error', reject);
    child.on('close', () => {
      process.off('exit', end);
      reject(new Error(`${python} bench/peer.py ended: ${complaint.trim().split('\n').at(-1) ?? ''}`));
    });
  });
  ended.catch(() => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<unknown> => {
    const line = await Promise.race([lines.next(), ended]);
    return line.done ? await ended : (JSON.parse(line.value) as unknown);
  };
  const ask = async (question: string): Promise<unknown> => {
    child.kill('SIGCONT');
    child.stdin.write(`${question}\n`);
    const answered = await answer();
    child.kill('SIGSTOP');
    return answered;
  };
  const about = library.parse(await answer());
  child.kill('SIGSTOP');
  return {
    threads,
    library: about,
    run: async (count) => z.array(z.number()).parse(await ask(String(count))),
    product: async () => z.number().parse(await ask('product')),
    async stop() {
      end();
      await ended.catch(() => undefined);
    },
  };
}

async function ours(subject: Subject, recipe: Recipe, threads: number): Promise<Contestant> {
  if (subject === 'predict-one') {
    const { predict, dispose } = await predictor(await exportedModel(recipe, { batch: 1 }), { size: 1, threads: 1 });
    return { run: (count) => repeated(count, predict), stop: dispose };
  }
  const training = await stepping(configuration({ name: subject, recipe }), { compile, threads });
  const step = async (): Promise<number> => (await training.step()).step;
  return { run: (count) => repeated(count, step), stop: training.stop };
}

async function repeated(count: number, work: () => Promise<number>): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) times.push(await work());
  return times;
}

async function* compared(subject: Subject, options: BenchOptions & { authors: string }): AsyncGenerator<BenchLine> {
  const { threads, authors } = options;
  if (!existsSync(path.join(authors, 'models', 'model.py')))
    throw new Error(`${authors} is no checkout of the authors' code: it has no models/model.py.`);
  const perRound = subject === 'predict-one' ? 40 : Math.ceil(options.repetitions / rounds);
  const peers: Theirs[] = [];
  for (const count of new Set([1, threads])) peers.push(await theirs(subject, { ...options, threads: count }));
  const own: (Contestant & { readonly recipe: Recipe })[] = [];
  for (const recipe of recipes) own.push({ recipe, ...(await ours(subject, recipe, threads)) });
  const all = [...peers, ...own];
  try {
    const times = new Map(all.map((contestant) => [contestant, [] as number[]]));
    const products = new Map(peers.map((peer) => [peer, [] as number[]]));
    const ceilings: number[] = [];
    for (const contestant of own) await contestant.run(3);
    for (let round = 0; round < rounds; round++) {
      for (const contestant of all) times.get(contestant)!.push(...(await contestant.run(perRound)));
      for (const peer of peers) products.get(peer)!.push(await peer.product());
      ceilings.push(await ceiling(threads));
    }
    const taken = peers.map((peer) => ({ peer, ms: median(times.get(peer)!) }));
    const [best] = taken.toSorted((a, b) => a.ms - b.ms);
    for (const contestant of own) {
      const ms = median(times.get(contestant)!);
      yield {
        case: 'peer',
        of: subject,
        recipe: contestant.recipe,
        threads: subject === 'predict-one' ? 1 : threads,
        ours_ms: rounded(ms, 2),
        theirs_ms: rounded(best!.ms, 2),
        theirs_threads: best!.peer.threads,
        times: rounded(best!.ms / ms, 2),
        ceiling_gflops: rounded(median(ceilings)),
        theirs: {
          ...best!.peer.library,
          by_threads: taken.map(({ peer, ms: each }) => ({
            threads: peer.threads,
            ms: rounded(each, 2),
            product_gflops: rounded(median(products.get(peer)!)),
          })),
        },
      };
    }
  } finally {
    await Promise.all(all.map((contestant) => contestant.stop()));
  }
}

export const peerCase: BenchCase = {
  name: 'peer',
  about: "the authors' steps and predictions on PyTorch, in turn with ours; needs --authors",
  async *run({ authors, ...options }) {
    if (authors === undefined)
      yield { case: 'peer', skipped: "needs --authors, a checkout of the authors' code, and PyTorch" };
    else for (const subject of subjects) yield* compared(subject, { ...options, authors });
  },
};
