/** A server of models under load, against bodies of any kind, slow clients and those that go away; and what it keeps of it all. */
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serve } from '../../src/server/serve/serve.ts';
import { exportSum } from '../../src/server/serve/testing.ts';
import { temporaryFolder } from './decalign.ts';
import { protocolError } from './open-inference-protocol.ts';
import { curl, jsonOf, served, stopped, type Served } from './served.ts';

const folder = temporaryFolder();
/** A model whose prediction is the sum of a sample's numbers. */
const model = path.join(folder, 'sum');
beforeAll(async () => {
  await exportSum(model);
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

interface Asking {
  readonly agent?: Agent;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Asks over a connection of its own or of an agent. */
const post = (url: string, body: Uint8Array | string, { agent, headers = {} }: Asking = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    request(
      url,
      { method: 'POST', agent, headers: { ...headers, 'Content-Length': Buffer.byteLength(body) } },
      (response) => {
        let text = '';
        response.on('data', (piece: Buffer) => (text += piece.toString()));
        response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: text }));
      },
    )
      .on('error', reject)
      .end(body);
  });

const samplesBody = (...samples: readonly object[]): string => JSON.stringify({ samples });

describe('bodies of any kind', () => {
  const paths = ['/v2/models/sum/infer', '/v1/predict/sum'];
  let server: Served;
  beforeAll(async () => {
    server = await served(['--max-body', '8K', '--quiet', model]);
  });
  afterAll(async () => {
    await stopped(server);
  });

  /** Whatever is sent, it is answered or refused, and in the protocol's form. */
  async function taken(
    agent: Agent,
    location: string,
    body: Uint8Array | string,
    headers: Readonly<Record<string, string>>,
  ): Promise<void> {
    const answer = await post(`${server.url}${location}`, body, { agent, headers });
    expect([200, 400, 413]).toContain(answer.status);
    if (answer.status !== 200) protocolError.parse(JSON.parse(answer.body));
  }

  const json = fc.jsonValue({ maxDepth: 5 });
  const tensor = fc.record(
    {
      name: fc.constantFrom('text', 'text_lengths', 'audio', '__proto__'),
      datatype: fc.constantFrom('FP32', 'INT64', 'BYTES'),
      shape: fc.oneof(fc.constantFrom([1, 4, 3], [1], [1, 1, 2], [2, 1, 2], [1e9, 4, 3], [-1]), json),
      data: fc.oneof(fc.array(fc.oneof(fc.double(), fc.constant(null)), { maxLength: 14 }), json),
      parameters: fc.oneof(fc.record({ binary_data_size: fc.nat(64) }), json),
    },
    { requiredKeys: ['name'] },
  );
  const sample = fc.record(
    {
      id: json,
      text: fc.oneof(
        fc.array(fc.array(fc.oneof(fc.double(), fc.constant(null)), { minLength: 3, maxLength: 3 })),
        json,
      ),
      audio: fc.oneof(fc.array(fc.float(), { minLength: 2, maxLength: 2 }), json),
      text_lengths: fc.oneof(fc.nat(6), json),
    },
    { requiredKeys: [] },
  );
  const object = fc.oneof(
    fc.record(
      { id: json, inputs: fc.array(fc.oneof({ weight: 5, arbitrary: tensor }, json)), outputs: json, parameters: json },
      { requiredKeys: ['inputs'] },
    ),
    fc.record(
      { samples: fc.array(fc.oneof({ weight: 5, arbitrary: sample }, json)), long: json },
      { requiredKeys: ['samples'] },
    ),
    json,
  );
  /** JSON with bytes cut out of it, put into it and changed in it. */
  const damaged = fc
    .tuple(object, fc.array(fc.tuple(fc.nat(), fc.nat(3), fc.uint8Array({ maxLength: 3 })), { maxLength: 3 }))
    .map(([whole, changes]) =>
      changes.reduce(
        (bytes, [place, cut, put]) => {
          const at = place % (bytes.length + 1);
          return Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + cut)]);
        },
        Buffer.from(JSON.stringify(whole)),
      ),
    );

  test('JSON, whole or damaged, never makes it fail', async () => {
    const agent = new Agent({ keepAlive: true });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), damaged, (location, body) => taken(agent, location, body, {})),
      { numRuns: 3000 },
    );
    agent.destroy();
  });

  test('bytes behind JSON, nor with lengths that are none', async () => {
    const agent = new Agent({ keepAlive: true });
    const length = fc.oneof(fc.nat(200).map(String), fc.constant(undefined), fc.stringMatching(/^[\w.-]{1,8}$/));
    await fc.assert(
      fc.asyncProperty(damaged, fc.uint8Array({ maxLength: 80 }), length, (head, bytes, given) =>
        taken(agent, paths[0]!, Buffer.concat([head, bytes]), {
          'Inference-Header-Content-Length': given ?? String(head.length),
        }),
      ),
      { numRuns: 2000 },
    );
    agent.destroy();
  });

  test('lists within lists without end, nor objects', async () => {
    const other = await served(['--quiet', model]);
    const depth = 200_000;
    const deep = ['['.repeat(depth) + ']'.repeat(depth), `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`];
    const bodies = deep.flatMap((value) => [
      ...['id', 'text', 'audio', 'text_lengths', 'other'].map((name) => [
        paths[1]!,
        `{"samples":[{"${name}":${value}}]}`,
      ]),
      ...['id', 'inputs', 'outputs', 'parameters'].map((name) => [paths[0]!, `{"inputs":[{}],"${name}":${value}}`]),
      ...['name', 'shape', 'datatype', 'data'].map((name) => [
        paths[0]!,
        `{"inputs":[{"name":"audio","datatype":"FP32","shape":[1,1,2],"${name}":${value}}]}`,
      ]),
    ]) as [string, string][];
    for (const [location, body] of bodies) {
      const { status, body: answer } = await post(`${other.url}${location}`, body);
      expect([body.slice(0, 60), status, answer.slice(0, 80)]).toEqual([body.slice(0, 60), 400, answer.slice(0, 80)]);
    }
    expect((await post(`${other.url}${paths[1]!}`, samplesBody({ audio: [1, 2] }))).status).toBe(200);
    await stopped(other);
  });

  test('what is no HTTP, nor its ends', async () => {
    const { hostname, port } = new URL(server.url);
    const spoken = (text: string | Uint8Array): Promise<string> =>
      new Promise((resolve) => {
        const socket = connect(Number(port), hostname);
        let answer = '';
        socket.on('data', (data: Buffer) => (answer += data.toString()));
        socket.on('close', () => resolve(answer)).on('error', () => undefined);
        socket.end(text);
      });
    const head = `POST ${paths[1]!} HTTP/1.1\r\nHost: localhost\r\n`;
    for (const text of [
      ...['nonsense\r\n\r\n', '\0\0\0', `${head}Content-Length: x\r\n\r\n`, `${head}Content-Length: 5\r\n\r\n{}`],
      ...[
        `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
        `${head}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}`,
      ],
      `${head}X: ${'y'.repeat(20_000)}\r\n\r\n`,
    ])
      expect(await spoken(text)).not.toMatch(/^HTTP\/1\.1 (2|5)/);
    expect((await post(`${server.url}${paths[1]!}`, samplesBody({ audio: [1, 2] }))).status).toBe(200);
  });

  test('too much of it is refused while it arrives', async () => {
    const large = Buffer.alloc(2 ** 22, '[');
    const whole = await curl(['--data-binary', '@-', `${server.url}${paths[0]!}`], large);
    const chunked = await curl(
      ['--header', 'Transfer-Encoding: chunked', '--data-binary', '@-', `${server.url}${paths[0]!}`],
      large,
    );
    for (const answer of [whole, chunked]) {
      expect(answer.status).toBe(413);
      expect(protocolError.parse(jsonOf(answer)).error).toBe(
        'The body is larger than 8192 bytes: send fewer samples at once.',
      );
    }
  });
});

test('answers that were computed together are those of single requests', async () => {
  const server = await served(['--quiet', model]);
  const url = `${server.url}/v1/predict/sum`;
  const bodies = Array.from({ length: 400 }, (_, n) =>
    samplesBody(
      ...Array.from({ length: 1 + (n % 5) }, (__, i) => ({
        id: `${n}/${i}`,
        audio: [Math.sin(n), Math.cos(i)],
        ...(n % 3 > 0 && { text: Array.from({ length: 1 + (n % 4) }, (___, t) => [n, i, t].map(Math.sin)) }),
      })),
    ),
  );
  const predictionsOf = ({ status, body }: Answer): readonly { id: string; prediction: number }[] => {
    expect(status, body).toBe(200);
    return (JSON.parse(body) as { predictions: { id: string; prediction: number }[] }).predictions;
  };
  const [one, many] = [1, 32].map((maxSockets) => new Agent({ keepAlive: true, maxSockets })) as [Agent, Agent];
  const single: Answer[] = [];
  for (const body of bodies) single.push(await post(url, body, { agent: one }));
  const together = await Promise.all(bodies.map((body) => post(url, body, { agent: many })));
  for (const [n, answer] of together.entries()) {
    const expected = predictionsOf(single[n]!);
    const found = predictionsOf(answer);
    expect(found.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
    found.forEach(({ prediction }, i) => expect(prediction).toBeCloseTo(expected[i]!.prediction, 5));
  }
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  // Fewer runs than requests: some ran together.
  expect(Number(/^decalign_batch_samples_count\{.*\} (\d+)$/m.exec(metrics)![1])).toBeLessThan(800);
  for (const agent of [one, many]) agent.destroy();
  await stopped(server);
});

describe('more than it can do', () => {
  /** So much that a model that takes one sample at a time is busy until nobody waits any more. */
  const endless = samplesBody(...Array.from({ length: 60_000 }, () => ({ audio: [1, 2] })));
  const metric = async ({ url }: Served, name: string): Promise<number> => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return Number(new RegExp(`^${name}\\{.*\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  };
  /** Looks until it is so: there is nothing that would tell when. */
  const until = async (isSo: () => Promise<boolean>): Promise<void> => {
    while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve));
  };

  test('is refused, and who goes away makes room', async () => {
    const server = await served(['--max-batch', '1', '--max-queue', '1', '--timeout', '600', model]);
    const url = `${server.url}/v1/predict/sum`;
    const running = request(url, { method: 'POST' }).on('error', () => undefined);
    running.end(endless);
    await until(async () => (await metric(server, 'decalign_batch_samples_count')) > 1);
    const leaving = request(url, { method: 'POST' }).on('error', () => undefined);
    leaving.end(samplesBody({ audio: [3, 4] }));
    const isWaiting = async (): Promise<boolean> => (await metric(server, 'decalign_queue_requests')) === 1;
    await until(isWaiting);
    const refused = await post(url, samplesBody({ audio: [5, 6] }));
    expect(refused.status).toBe(503);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(protocolError.parse(JSON.parse(refused.body)).error).toBe(
      'The model is busy: 1 requests wait for it already.',
    );
    // The one that waits goes, and another takes its place; the one that is computed goes, and that is answered.
    leaving.destroy();
    await until(async () => !(await isWaiting()));
    const waiting = post(url, samplesBody({ audio: [7, 8] }));
    await until(isWaiting);
    running.destroy();
    expect(JSON.parse((await waiting).body)).toMatchObject({ predictions: [{ prediction: 15 }] });
    await server.told(/"status":499,.*"samples":60000/);
    await stopped(server);
  });

  test('is told when its time is over, and the others are answered', async () => {
    const server = await served(['--max-batch', '1', '--timeout', '1', '--quiet', model]);
    const url = `${server.url}/v1/predict/sum`;
    const late = await post(url, endless);
    expect(late.status).toBe(504);
    expect(protocolError.parse(JSON.parse(late.body)).error).toBe('There was no answer within 1 s.');
    expect((await post(url, samplesBody({ audio: [1, 2] }))).status).toBe(200);
    await stopped(server);
  });
});

describe('clients that are slow', () => {
  /** What is answered until the server closes the connection. */
  const answerTo = ({ url }: Served, text: string): Promise<string> =>
    new Promise((resolve) => {
      const { hostname, port } = new URL(url);
      const socket = connect(Number(port), hostname);
      let answer = '';
      socket.on('data', (data: Buffer) => (answer += data.toString()));
      socket.on('close', () => resolve(answer)).on('error', () => undefined);
      socket.write(text);
    });

  test('are told so, or cut off, whether it is the body or the headers that do not come', async () => {
    const server = await served(['--timeout', '1', '--quiet', model]);
    const head = 'POST /v1/predict/sum HTTP/1.1\r\nHost: localhost\r\n';
    const [body, headers] = await Promise.all([
      answerTo(server, `${head}Content-Length: 1000\r\n\r\n{"samples":`),
      answerTo(server, head),
    ]);
    expect(body).toMatch(/^HTTP\/1\.1 408 [^]*\{"error":"The body did not arrive in time\."\}$/);
    expect(headers).toMatch(/^HTTP\/1\.1 408 /);
    expect((await post(`${server.url}/v1/predict/sum`, samplesBody({ audio: [1, 2] }))).status).toBe(200);
    await stopped(server);
  });
});

test('10,000 requests leave nothing behind', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  /** Bytes that are held once what was said goodbye to has gone. */
  const held = async (): Promise<number> => {
    for (let n = 0; n < 5; n++) {
      await new Promise((resolve) => setImmediate(resolve));
      collect();
    }
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const { url, drain } = await serve({
    ...{ models: [{ name: 'sum', location: model }], host: '127.0.0.1', port: 0, threads: 1 },
    ...{ maxBatch: 32, maxQueue: 256, timeout: 600, maxBody: 2 ** 16, signal: new AbortController().signal },
    ...{ log: () => undefined, onError: (error) => expect.unreachable(error.message) },
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const good = samplesBody({ id: 'a', audio: [1, 2], text: [[1, 2, 3]] });
  const ask = async (count: number): Promise<void> => {
    let left = count;
    const asking = async (): Promise<void> => {
      for (let n = left--; n > 0; n = left--) {
        // Every tenth is wrong, and every hundredth leaves.
        const answer = await post(`${url}/v1/predict/sum`, n % 10 === 0 ? '{' : good, { agent });
        expect(answer.status).toBe(n % 10 === 0 ? 400 : 200);
        if (n % 100 === 0)
          request(`${url}/v1/predict/sum`, { method: 'POST' })
            .on('error', () => undefined)
            .destroy();
      }
    };
    await Promise.all(Array.from({ length: 16 }, asking));
  };
  await ask(2000);
  const before = await held();
  await ask(10_000);
  const growth = (await held()) - before;
  // A hundred bytes of each request would be a megabyte.
  expect(growth).toBeLessThan(1e6);
  agent.destroy();
  await drain();
});
