/** A server of models, asked without a socket; what needs one is in test/cli/serve.test.ts. */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serverApp, type ServerOptions } from './app.ts';
import { endpoints } from './endpoints.ts';
import { openMetrics } from './metrics.ts';
import { openServed, type ServedModel } from './model.ts';
import type { OpenApi } from './described.ts';
import { openReader } from './threads/reading-thread.ts';
import { openRoom } from './room.ts';
import { exportSum, inferBodyOf, temporaryFolder } from './testing.ts';

const folder = temporaryFolder();
const models: ServedModel[] = [];
beforeAll(async () => {
  const limits = { maxBatch: 8, maxQueue: 8, threads: 1 };
  await exportSum(path.join(folder, 'sum'));
  await exportSum(path.join(folder, 'fixed'), { batch: 3, classes: true });
  for (const name of ['sum', 'fixed'])
    models.push(await openServed({ name, location: path.join(folder, name) }, limits));
});
afterAll(async () => {
  await Promise.all(models.map((model) => model.close()));
});

type Request = (path: string, init?: RequestInit) => Promise<Response>;
interface Server {
  readonly ask: Request;
  readonly post: (path: string, body: unknown) => Promise<Response>;
  readonly lines: string[];
  readonly errors: Error[];
}

function server(more: Partial<ServerOptions> = {}): Server {
  const [lines, errors]: [string[], Error[]] = [[], []];
  const app = serverApp({
    ...{ models, metrics: openMetrics(() => new Map(models.map(({ name, queue }) => [name, queue.depth]))) },
    ...{
      room: openRoom(2 ** 20),
      reader: openReader(),
      maxBody: 2 ** 16,
      timeout: 600,
      onWait: () => undefined,
      isReady: () => true,
    },
    ...{ log: (line: string) => lines.push(line), onError: (error: Error) => errors.push(error) },
    ...more,
  });
  const ask: Request = async (location, init = {}) => {
    const headers = new Headers(init.headers);
    if (!headers.has('host')) headers.set('host', 'localhost:8080');
    return app.request(location, { ...init, headers });
  };
  const post = (location: string, body: unknown): Promise<Response> =>
    ask(location, { method: 'POST', body: JSON.stringify(body) });
  return { ask, post, lines, errors };
}

const errorOf = async (response: Response): Promise<string> => ((await response.json()) as { error: string }).error;
const twelve = Array.from({ length: 12 }, (_, i) => i / 4);
const sumOfTwelve = 16.5;

describe('predictions', () => {
  test('for tensors, all outputs or those that are asked for', async () => {
    const { post } = server();
    const body = inferBodyOf(twelve, [1, 2]);
    const sum = await post('/v2/models/sum/infer', { ...body, id: 'q' });
    expect(await sum.json()).toEqual({
      ...{ model_name: 'sum', model_version: models[0]!.version, id: 'q' },
      outputs: [{ name: 'prediction', datatype: 'FP32', shape: [1], data: [sumOfTwelve + 3] }],
    });
    const classes = await post(`/v2/models/fixed/versions/${models[1]!.version}/infer`, {
      ...body,
      outputs: [{ name: 'logits' }],
    });
    expect(await classes.json()).toMatchObject({
      outputs: [{ name: 'logits', shape: [1, 2], data: [sumOfTwelve + 3, 0] }],
    });
  });

  test('as bytes', async () => {
    const { post } = server();
    const response = await post('/v2/models/sum/infer', {
      ...inferBodyOf([...twelve, ...twelve], [1, 2, 3, 4]),
      parameters: { binary_data_output: true },
    });
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    const body = new Uint8Array(await response.arrayBuffer());
    const length = Number(response.headers.get('inference-header-content-length'));
    expect(JSON.parse(Buffer.from(body.subarray(0, length)).toString())).toMatchObject({
      outputs: [{ name: 'prediction', datatype: 'FP32', shape: [2], parameters: { binary_data_size: 8 } }],
    });
    expect([...new Float32Array(body.slice(length).buffer)]).toEqual([sumOfTwelve + 3, sumOfTwelve + 7]);
  });

  test('for samples as people have them', async () => {
    const { post } = server();
    const samples = [
      {
        id: 'a',
        text: [
          [1, 2, 3],
          [4, 5, 6],
        ],
        audio: [1, 1],
      },
      { audio: [2, null] },
      { id: 7, text: [[1, 2, 3]], audio: null },
    ];
    const response = await post('/v1/predict/sum', { samples });
    expect(await response.json()).toEqual({
      predictions: [
        { id: 'a', prediction: 23 },
        { id: 'row-1', prediction: 2 },
        { id: '7', prediction: 6 },
      ],
    });
    const classes = (await (await post('/v1/predict/fixed', { samples: [{ id: 'a', audio: [1, 0] }] })).json()) as {
      predictions: object[];
      warnings: string[];
    };
    expect(classes.predictions).toEqual([
      {
        id: 'a',
        prediction: 'plus',
        probabilities: { plus: expect.closeTo(0.731, 3) as number, zero: expect.closeTo(0.269, 3) as number },
      },
    ]);
    expect(classes.warnings).toEqual(['no sample has "text": the model predicts without.']);
  });

  test('with an id of parts joined, and the place of the sample for what is no id', async () => {
    const ids = [['v', 2], ['v', {}], []];
    const samples = ids.map((id) => ({ id, audio: [1, 2] }));
    const response = await server().post('/v1/predict/sum', { samples });
    const { predictions } = (await response.json()) as { predictions: { id: string }[] };
    expect(predictions.map(({ id }) => id)).toEqual(['v_2', 'row-1', 'row-2']);
    const deep = `{"samples": [{"id": ${'['.repeat(1e5)}${']'.repeat(1e5)}, "audio": [1, 2]}]}`;
    const answer = await server({ maxBody: 2 ** 20 }).ask('/v1/predict/sum', { method: 'POST', body: deep });
    expect(await answer.json()).toMatchObject({ predictions: [{ id: 'row-0' }] });
  });

  test('not for a text that has no end, which is told at once', async () => {
    const body = `{"samples": NaN, "${'\\"'.repeat(2 ** 18)}`;
    const response = await server({ maxBody: 2 ** 20 }).ask('/v1/predict/sum', { method: 'POST', body });
    expect([response.status, await errorOf(response)]).toEqual([400, expect.stringContaining('The body is no JSON')]);
  });

  test('of a file that takes just so many samples at once, for any number of them', async () => {
    const { post, lines } = server();
    const samples = Array.from({ length: 7 }, (_, n) => ({ id: n, audio: [n, 1] }));
    const response = await post('/v1/predict/fixed', { samples });
    const { predictions } = (await response.json()) as { predictions: { probabilities: { plus: number } }[] };
    expect(predictions.map(({ probabilities: { plus } }) => Math.round(Math.log(plus / (1 - plus))))).toEqual(
      samples.map((_, n) => n + 1),
    );
    expect(JSON.parse(lines[0]!)).toMatchObject({ samples: 7, batch: 3 });
  });

  test('for samples as Python writes them: long numbers as ids, NaN for what is missing', async () => {
    const samples =
      '[{"id": 1234567890123456789, "audio": [NaN, 2]}, {"id": "NaN: 1234567890123456789", "audio": [1, 1]}]';
    const response = await server().ask('/v1/predict/sum', { method: 'POST', body: `{"samples": ${samples}}` });
    expect(await response.json()).toMatchObject({
      predictions: [
        { id: '1234567890123456789', prediction: 2 },
        { id: 'NaN: 1234567890123456789', prediction: 2 },
      ],
    });
  });

  test.each<[string, unknown, number, string]>([
    ['no samples', {}, 400, '"samples" must be a list of one object or more.'],
    ['samples that are none', { samples: [1] }, 400, '"samples" must be a list of one object or more.'],
    [
      'another width',
      { samples: [{ audio: [1, 2] }, { id: 'b', text: [[1, 2]] }] },
      400,
      'Sample 1 ("b"): "text" must have 1 to 4 steps of 3 numbers, and [0] has 2.',
    ],
    [
      'a number beyond 32 bits',
      { samples: [{ audio: [1, 2] }, { audio: [1, 1e300] }] },
      400,
      'Sample 1: "audio" at [0, 1] has a number beyond those of 32 bits.',
    ],
    [
      'one below them',
      { samples: [{ audio: [-1e300, 2] }] },
      400,
      'Sample 0: "audio" at [0, 0] has a number beyond those of 32 bits.',
    ],
    [
      'nothing of the model',
      { samples: [{ id: 'a', video: [1] }] },
      400,
      'Samples: no sample has any of "text", "audio".',
    ],
    [
      'what is too long, if that is refused',
      { samples: [{ text: Array(5).fill([1, 2, 3]) }], long: 'refuse' },
      400,
      'Sample 0: "text" must have 1 to 4 steps of 3 numbers, and has 5.',
    ],
    ['another word for that', { samples: [{ audio: [1, 2] }], long: 'no' }, 400, '"long" must be "cut" or "refuse"'],
    [
      'more than there is room for',
      { samples: Array(5000).fill({}) },
      413,
      '5000 samples are 75000 numbers, more than the 65536 of a request: send at most 4369 at once.',
    ],
  ])('are refused for %s', async (_, body, status, message) => {
    const response = await server().post('/v1/predict/sum', body);
    expect(response.status).toBe(status);
    expect(await errorOf(response)).toContain(message);
  });
});

describe('what is not there', () => {
  test.each([
    ['/v2/models/sun', 404, 'There is no model "sun"; did you mean "sum"?'],
    ['/v2/models/other/ready', 404, 'There is no model "other"; there are "sum", "fixed".'],
    ['/v2/models/sum/versions/1', 404, 'The model "sum" has no version "1"; it is '],
    ['/v2/models/..%2f..%2fetc%2fpasswd', 404, 'There is no model "../../etc/passwd"'],
    ['/docs/..%2f..%2fpackage.json', 404, 'The page has no such file.'],
    ['/docs/package.json', 404, 'The page has no such file.'],
    ['/nothing', 404, 'There is nothing at /nothing; /docs lists what there is.'],
    ['/v2/models/sum/infer', 405, 'This is asked for by POST.'],
  ])('%s is told of', async (location, status, message) => {
    const response = await server().ask(location);
    expect(response.status).toBe(status);
    expect(await errorOf(response)).toContain(message);
  });

  test('another method is told which is right', async () => {
    const response = await server().ask('/v2', { method: 'DELETE' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET']);
  });
});

test('readiness ends before the server does', async () => {
  const { ask } = server({ isReady: () => false });
  const statuses = await Promise.all(
    ['/readyz', '/v2/health/ready', '/healthz', '/v2/health/live'].map(
      async (location) => (await ask(location)).status,
    ),
  );
  expect(statuses).toEqual([503, 503, 200, 200]);
});

describe('who may ask', () => {
  test('by other names nobody may, unless they are allowed', async () => {
    const evil = { headers: { host: 'evil.example' } };
    expect((await server().ask('/v2', evil)).status).toBe(421);
    expect((await server({ hosts: ['evil.example'] }).ask('/v2', evil)).status).toBe(200);
    expect((await server({ hosts: ['*'] }).ask('/v2', evil)).status).toBe(200);
    // Whoever has the token is no page that a name was pointed at.
    expect(
      (
        await server({ token: 'secret' }).ask('/v2', {
          headers: { host: 'evil.example', authorization: 'Bearer secret' },
        })
      ).status,
    ).toBe(200);
  });

  test('pages of other origins may not, unless they are allowed', async () => {
    const body = JSON.stringify({ samples: [{ audio: [1, 2] }] });
    const from = (origin: string): RequestInit => ({ method: 'POST', body, headers: { origin } });
    expect((await server().ask('/v1/predict/sum', from('https://a.example'))).status).toBe(403);
    const { ask } = server({ origins: ['https://a.example'] });
    const allowed = await ask('/v1/predict/sum', from('https://a.example'));
    expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([200, 'https://a.example']);
    // An error is read by the page as well.
    const wrong = await ask('/v1/predict/sum', { ...from('https://a.example'), body: '{' });
    expect([wrong.status, wrong.headers.get('access-control-allow-origin')]).toEqual([400, 'https://a.example']);
    const other = await ask('/v1/predict/sum', from('https://b.example'));
    expect([other.status, other.headers.get('access-control-allow-origin')]).toEqual([403, null]);
    const anyOrigin = await server({ origins: ['*'] }).ask('/v1/predict/sum', from('https://b.example'));
    expect([anyOrigin.status, anyOrigin.headers.get('access-control-allow-origin')]).toEqual([200, '*']);
    const preflight = await server({ origins: ['*'], token: 'secret' }).ask('/v1/predict/sum', {
      method: 'OPTIONS',
      headers: {
        origin: 'https://b.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      },
    });
    expect([preflight.status, preflight.headers.get('access-control-allow-headers')]).toEqual([204, 'authorization']);
  });

  test('where there is a token, it is asked for by all but health and the page itself', async () => {
    const { ask } = server({ token: 'secret' });
    for (const { method, path: pattern, ...endpoint } of Object.values(endpoints)) {
      const location = pattern
        .replace(':model', 'sum')
        .replace(':version', models[0]!.version)
        .replace(':file', 'none');
      const { status } = await ask(location, { method });
      expect([location, status === 401]).toEqual([location, !('open' in endpoint)]);
      const known = await ask(location, { method, headers: { authorization: 'Bearer secret' } });
      expect(known.status).not.toBe(401);
    }
  });
});

describe('an operator', () => {
  test('has a line for each request, which says nothing of what was in it', async () => {
    const { ask, post, lines } = server();
    await post('/v1/predict/sum?key=secret', { samples: [{ id: 'patient 17', audio: [12345678, 87654321] }] });
    await post('/v1/predict/sum', { samples: [{ id: 'patient 17', audio: 'words' }] });
    await ask('/nothing');
    const parsed = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(parsed).toEqual([
      {
        ...{ time: expect.any(String) as string, method: 'POST', path: '/v1/predict/sum', status: 200, model: 'sum' },
        ...{
          ms: expect.any(Number) as number,
          received_bytes: 61,
          samples: 1,
          batch: 1,
          waited_ms: expect.any(Number) as number,
        },
      },
      expect.objectContaining({ status: 400, model: 'sum' }) as object,
      expect.objectContaining({ status: 404, path: '/nothing' }) as object,
    ]);
    expect(lines.join()).not.toMatch(/patient|12345678|87654321|words|secret/);
  });

  test('has counts by endpoint, whatever paths are asked for', async () => {
    const { ask, post } = server();
    await post('/v1/predict/sum', { samples: [{ audio: [1, 2] }] });
    await post('/v1/predict/none', {});
    for (const n of [1, 2, 3]) await ask(`/random/${n}`);
    const text = await (await ask('/metrics')).text();
    expect(text).toContain('decalign_requests_total{route="/v1/predict/:model",model="sum",status="200"} 1');
    expect(text).toContain('decalign_requests_total{route="/v1/predict/:model",model="",status="404"} 1');
    expect(text).toContain('decalign_requests_total{route="none",model="",status="404"} 3');
    expect(text).toContain('decalign_queue_requests{model="sum"} 0');
  });

  test('is told what failed, and the client that it did', async () => {
    const failing: ServedModel = {
      ...models[0]!,
      queue: { depth: 0, run: () => Promise.reject(new Error('out of memory')) },
    };
    const { post, errors } = server({ models: [failing] });
    const response = await post('/v1/predict/sum', { samples: [{ audio: [1, 2] }] });
    expect([response.status, await errorOf(response)]).toEqual([
      500,
      'The server failed; its operator has been told why.',
    ]);
    expect(errors.map(({ message }) => message)).toEqual(['out of memory']);
  });
});

test('a request that waits longer than it may is a 504', async () => {
  const waiting: ServedModel = {
    ...models[0]!,
    queue: {
      depth: 0,
      run: (_, signal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    },
  };
  const room = openRoom(2 ** 20);
  const { post } = server({ models: [waiting], timeout: 0.01, room });
  const response = await post('/v1/predict/sum', { samples: [{ audio: [1, 2] }] });
  expect([response.status, await errorOf(response)]).toEqual([504, 'There was no answer within 0.01 s.']);
  expect(room.taken).toBe(0);
});

describe('openapi.json', () => {
  test('has every endpoint, and whatever it refers to', async () => {
    const document = (await (await server().ask('/openapi.json')).json()) as OpenApi;
    expect(Object.keys(document.paths)).toEqual(
      Object.values(endpoints).map(({ path: pattern }) => pattern.replaceAll(/:(\w+)/g, '{$1}')),
    );
    const references = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name!,
    );
    expect(new Set(references).size).toBeGreaterThan(8);
    expect(references.filter((name) => !(name in document.components.schemas))).toEqual([]);
  });

  test('has an example of each model that it predicts', async () => {
    const { ask, post } = server();
    const { 'x-decalign-models': described } = (await (await ask('/openapi.json')).json()) as OpenApi;
    expect(described.map(({ name }) => name)).toEqual(['sum', 'fixed']);
    for (const { name, example } of described) expect((await post(`/v1/predict/${name}`, example)).status).toBe(200);
  });
});
