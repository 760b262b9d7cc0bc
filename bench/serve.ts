import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { inMemory } from '../src/data/features.ts';
import type { BenchCase, BenchLine } from './case.ts';
import { configuration, type Request } from './configurations.ts';
import { exportUntrained } from './predict.ts';
import { samplesOf } from './samples.ts';
import { median, percentile, rounded } from './statistics.ts';

const program = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

/** Connections that ask at once, each for one answer after another. */
const connections = 32;

/** What is asked, again and again: one sample as bytes, or as JSON. */
interface Asked {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

interface Server {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

async function served(folder: string, args: readonly string[]): Promise<Server> {
  const call = [program, 'serve', '--name', `model=${folder}`, '--port', '0', '--quiet', ...args];
  const child = spawn(process.execPath, call, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await addressOf(child);
  return {
    url,
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

const addressOf = ({ stdout, stderr }: ChildProcessByStdio<null, Readable, Readable>): Promise<string> =>
  new Promise((resolve, reject) => {
    let complaint = '';
    stderr.on('data', (text: Buffer) => (complaint += text.toString()));
    stdout.once('data', (line: Buffer) => resolve(line.toString().trim()));
    stderr.once('end', () => reject(new Error(complaint.trim())));
  });

/** A sample of each form. */
function forms(request: Request): Readonly<Record<'bytes' | 'json', Asked>> {
  const { features, task } = configuration(request).spec;
  const { features: values, lengths } = samplesOf({ features, task }, 1);
  const tensors = features.flatMap(({ name, masked }) => [
    { name, datatype: 'FP32', shape: values[name]!.shape, data: inMemory(values[name]!).data },
    ...(masked
      ? [{ name: `${name}_lengths`, datatype: 'INT64', shape: [1], data: BigInt64Array.from(lengths[name]!, BigInt) }]
      : []),
  ]);
  const head = Buffer.from(
    JSON.stringify({
      inputs: tensors.map(({ data, ...tensor }) => ({ ...tensor, parameters: { binary_data_size: data.byteLength } })),
    }),
  );
  const parts = tensors.map(({ data: { buffer, byteOffset, byteLength } }) =>
    Buffer.from(buffer, byteOffset, byteLength),
  );
  const rows = features.map(({ name, time, width }) => {
    const { data } = inMemory(values[name]!);
    const steps = Array.from({ length: lengths[name]![0]! }, (_, t) => [...data.subarray(t * width, (t + 1) * width)]);
    return [name, time === 1 ? steps[0] : steps] as const;
  });
  return {
    bytes: {
      path: 'v2/models/model/infer',
      headers: { 'Inference-Header-Content-Length': String(head.length) },
      body: Buffer.concat([head, ...parts]),
    },
    json: {
      ...{ path: 'v1/predict/model', headers: {} },
      body: Buffer.from(JSON.stringify({ samples: [{ id: 'a', ...Object.fromEntries(rows) }] })),
    },
  };
}

/** Milliseconds that each of `count` answers takes, over so many connections. */
async function answers(url: string, asked: Asked, agent: Agent, count: number): Promise<readonly number[]> {
  const times: number[] = [];
  let left = count;
  const asking = async (): Promise<void> => {
    while (left-- > 0) times.push(await answer(`${url}${asked.path}`, asked, agent));
  };
  await Promise.all(Array.from({ length: agent.maxSockets }, asking));
  return times;
}

const answer = (url: string, { headers, body }: Asked, agent: Agent): Promise<number> =>
  new Promise((resolve, reject) => {
    const start = performance.now();
    httpRequest(url, { method: 'POST', agent, headers: { ...headers, 'Content-Length': body.length } }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`The server answers ${response.statusCode}.`));
      response.resume().on('end', () => resolve(performance.now() - start));
    })
      .on('error', reject)
      .end(body);
  });

/** What requests were answered a second, and the latencies, in milliseconds. */
interface Measured {
  readonly rate: number;
  readonly times: readonly number[];
}

async function measured(url: string, asked: Asked, agent: Agent, count: number): Promise<Measured> {
  const start = performance.now();
  const times = await answers(url, asked, agent, count);
  return { rate: (1000 * count) / (performance.now() - start), times };
}

/** Rounds in which the three ways take turns, so that all meet the machine as it is. */
async function compared(
  folder: string,
  asked: Asked,
  { repetitions, count }: { repetitions: number; count: number },
): Promise<BenchLine> {
  const [batching, single] = [await served(folder, []), await served(folder, ['--max-batch', '1'])];
  const one = new Agent({ keepAlive: true, maxSockets: 1 });
  const many = new Agent({ keepAlive: true, maxSockets: connections });
  const alone = new Agent({ keepAlive: true, maxSockets: connections });
  const batches: number[] = [];
  const ways = { one: [] as Measured[], many: [] as Measured[], unbatched: [] as Measured[] };
  try {
    for (const [url, agent] of [
      [batching.url, many],
      [single.url, alone],
    ] as const)
      await answers(url, asked, agent, count);
    for (let round = 0; round < repetitions; round++) {
      ways.one.push(await measured(batching.url, asked, one, Math.ceil(count / 4)));
      const before = await runsOf(batching.url);
      ways.many.push(await measured(batching.url, asked, many, count));
      const after = await runsOf(batching.url);
      batches.push((after.samples - before.samples) / (after.runs - before.runs));
      ways.unbatched.push(await measured(single.url, asked, alone, count));
    }
    const rate = (way: readonly Measured[]): number => median(way.map((each) => each.rate));
    const ratio = (over: readonly Measured[]): number =>
      rounded(median(ways.many.map(({ rate: own }, round) => own / over[round]!.rate)), 2);
    const latencies = ways.many.flatMap(({ times }) => times);
    return {
      ...{
        one_per_s: Math.round(rate(ways.one)),
        per_s: Math.round(rate(ways.many)),
        unbatched_per_s: Math.round(rate(ways.unbatched)),
      },
      ...{ over_one: ratio(ways.one), over_unbatched: ratio(ways.unbatched), mean_batch: rounded(median(batches)) },
      one_p50_ms: rounded(median(ways.one.flatMap(({ times }) => times)), 2),
      p50_ms: rounded(median(latencies), 1),
      p99_ms: rounded(percentile(latencies, 0.99), 1),
    };
  } finally {
    for (const agent of [one, many, alone]) agent.destroy();
    await Promise.all([batching.stop(), single.stop()]);
  }
}

/** How often the model has run, and the samples of all runs. */
async function runsOf(url: string): Promise<{ readonly runs: number; readonly samples: number }> {
  const text = await (await fetch(`${url}metrics`)).text();
  const value = (name: string): number =>
    Number(new RegExp(`^decalign_batch_samples_${name}\\{[^}]*\\} (.*)$`, 'm').exec(text)![1]);
  return { runs: value('count'), samples: value('sum') };
}

const subjects: readonly { readonly request: Request; readonly count: number }[] = [
  { request: { name: 'step-iemocap', recipe: 'paper' }, count: 640 },
  { request: { name: 'step-mosi', recipe: 'paper' }, count: 96 },
];

export const serveCase: BenchCase = {
  name: 'serve',
  about: `requests a second of decalign serve at ${connections} connections, over one at a time and over no batches`,
  async *run({ repetitions }) {
    for (const { request, count } of subjects) {
      const folder = mkdtempSync(path.join(tmpdir(), 'decalign-served-'));
      try {
        await exportUntrained(request, folder);
        for (const [form, asked] of Object.entries(forms(request))) {
          const line = await compared(folder, asked, { repetitions: Math.ceil(repetitions / 3), count });
          yield {
            case: 'serve',
            model: request.name.replace('step-', ''),
            form,
            body_kb: rounded(asked.body.length / 1000),
            connections,
            ...line,
          };
        }
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }
  },
};
