/** `decalign serve` as whoever runs it and whoever asks it sees it: processes, signals, and curl with the texts of the protocol. */
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decalign, decalignHere, temporaryFolder, tiny } from './decalign.ts';
import {
  inferenceResponse,
  metadataModel,
  metadataServer,
  modelReady,
  protocolError,
  serverHealth,
} from './open-inference-protocol.ts';
import { curl, jsonOf, served, stopped, type Curled, type Served } from './served.ts';

const folder = temporaryFolder();
const at = (name: string): string => path.join(folder, name);
const samples = ['data.synthetic.samples=40', 'data.synthetic.seed=3'].flatMap((pair) => ['--set', pair]);

let server: Served;
beforeAll(async () => {
  const train = ['train', 'synthetic', ...tiny, ...samples, '--epochs', '1', '--no-references', '--quiet'];
  const trained = await decalign([...train, '--out', at('run')]);
  expect(trained.code, trained.stderr).toBe(0);
  const exported = await decalign(['export', at('run'), '--out', at('deploy')]);
  expect(exported.code, exported.stderr).toBe(0);
  server = await served([at('run'), '--name', `named=${at('deploy')}`]);
});
afterAll(async () => {
  expect(await stopped(server)).toMatchObject({ code: 0, signal: null });
});

const get = (location: string, ...more: readonly string[]): Promise<Curled> =>
  curl([...more, `${server.url}${location}`]);
const post = (location: string, body: Uint8Array | string, ...more: readonly string[]): Promise<Curled> =>
  curl(['--data-binary', '@-', ...more, `${server.url}${location}`], body);

interface Sample {
  readonly id: string;
  readonly [modality: string]: unknown;
}

/** Samples as they are trained on, without one modality or all but one: text `[12, 24]`, audio `[20, 10]`, vision `[16, 16]`. */
function made(count: number): readonly Sample[] {
  const steps = (time: number, width: number, n: number): number[][] =>
    Array.from({ length: time }, (_, t) => Array.from({ length: width }, (__, d) => Math.sin(n + 2 * t + 3 * d)));
  return Array.from({ length: count }, (_, n) => ({
    id: `sample ${n}`,
    text: steps(1 + (n % 12), 24, n),
    ...(n % 3 > 0 && { audio: steps(1 + (n % 20), 10, n) }),
    vision: n % 5 === 0 ? null : steps(1 + (n % 16), 16, n),
  }));
}

describe('the Open Inference Protocol', () => {
  test('the server and its models are described as its text has them', async () => {
    for (const location of ['/v2', '/v2/']) {
      const { extensions } = metadataServer.parse(jsonOf(await get(location)));
      expect(extensions).toContain('binary_tensor_data');
    }
    for (const location of ['/v2/health/live', '/v2/health/ready'])
      expect(serverHealth.parse(jsonOf(await get(location)))).toMatchObject({ live: true });
    const models = jsonOf(await get('/v2/models')) as { name: string; versions: string[] }[];
    expect(models.map(({ name }) => name)).toEqual(['run', 'named']);
    for (const { name, versions } of models)
      for (const location of [`/v2/models/${name}`, `/v2/models/${name}/versions/${versions[0]!}`]) {
        const described = metadataModel.parse(jsonOf(await get(location)));
        expect(described).toMatchObject({ name, versions });
        expect(described.inputs).toContainEqual({ name: 'audio', datatype: 'FP32', shape: [-1, 20, 10] });
        expect(described.outputs).toEqual([{ name: 'prediction', datatype: 'FP32', shape: [-1] }]);
        expect(modelReady.parse(jsonOf(await get(`${location}/ready`)))).toEqual({ name, ready: true });
      }
  });

  test('errors are as its text has them', async () => {
    const answers = [
      await get('/v2/models/none'),
      await get('/v2/models/run/versions/9/ready'),
      await get('/v2/none'),
      await get('/v2', '--request', 'DELETE'),
      await post('/v2/models/run/infer', '{"inputs": ['),
      await post(
        '/v2/models/run/infer',
        '{"inputs": [{"name": "text", "shape": [1e9, 12, 24], "datatype": "FP32", "data": []}]}',
      ),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 405, 400, 413]);
    for (const answer of answers) protocolError.parse(jsonOf(answer));
  });

  const request = {
    id: '42',
    inputs: [
      { name: 'audio', shape: [2, 20, 10], datatype: 'FP32', data: Array.from({ length: 400 }, (_, i) => i / 100) },
      { name: 'audio_lengths', shape: [2], datatype: 'INT64', data: [20, 7] },
    ],
    outputs: [{ name: 'prediction' }],
  };

  test('tensors as JSON are answered as JSON', async () => {
    const answer = await post(
      '/v2/models/run/infer',
      JSON.stringify(request),
      '--header',
      'Content-Type: application/json',
    );
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(Number(answer.headers['content-length'])).toBe(answer.body.length);
    const { id, model_name: name, outputs } = inferenceResponse.parse(jsonOf(answer));
    expect({ id, name }).toEqual({ id: '42', name: 'run' });
    expect(outputs).toMatchObject([{ name: 'prediction', shape: [2], datatype: 'FP32' }]);
  });

  test('tensors as bytes are answered as bytes, with the same numbers', async () => {
    const [audio, lengths] = request.inputs as [(typeof request.inputs)[0], (typeof request.inputs)[0]];
    const json = Buffer.from(
      JSON.stringify({
        model_name: 'run',
        inputs: [
          { ...audio, data: undefined, parameters: { binary_data_size: 1600 } },
          { ...lengths, data: undefined, parameters: { binary_data_size: 16 } },
        ],
        outputs: [{ name: 'prediction', parameters: { binary_data: true } }],
      }),
    );
    const bytes = [Float32Array.from(audio.data), BigInt64Array.from(lengths.data, BigInt)].map(({ buffer }) =>
      Buffer.from(buffer),
    );
    const answer = await post(
      '/v2/models/run/infer',
      Buffer.concat([json, ...bytes]),
      ...['--header', 'Content-Type: application/octet-stream'],
      ...['--header', `Inference-Header-Content-Length: ${json.length}`],
    );
    expect(answer.status, answer.body.toString()).toBe(200);
    expect(answer.headers['content-type']).toBe('application/octet-stream');
    const length = Number(answer.headers['inference-header-content-length']);
    expect(Number(answer.headers['content-length'])).toBe(length + 8);
    const { outputs } = inferenceResponse.parse(JSON.parse(answer.body.subarray(0, length).toString()));
    expect(outputs).toEqual([
      { name: 'prediction', shape: [2], datatype: 'FP32', parameters: { binary_data_size: 8 } },
    ]);
    const plain = inferenceResponse.parse(jsonOf(await post('/v2/models/named/infer', JSON.stringify(request))));
    expect([0, 4].map((offset) => answer.body.readFloatLE(length + offset))).toEqual(plain.outputs[0]!.data);
  });
});

test('samples get the figures that decalign predict gives', async () => {
  const given = made(40);
  writeFileSync(at('given.jsonl'), given.map((sample) => `${JSON.stringify(sample)}\n`).join(''));
  const { stdout, code, stderr } = await decalignHere(['predict', at('run'), at('given.jsonl')]);
  expect(code, stderr).toBe(0);
  const expected = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Predicted);
  for (const name of ['run', 'named']) {
    const answer = await post(`/v1/predict/${name}`, JSON.stringify({ samples: given }));
    expect(answer.status, answer.body.toString()).toBe(200);
    const { predictions } = jsonOf(answer) as { predictions: Predicted[] };
    expect(predictions.map(({ id }) => id)).toEqual(given.map(({ id }) => id));
    predictions.forEach(({ prediction }, n) => expect(prediction).toBeCloseTo(expected[n]!.prediction, 5));
  }
  expect(new Set(expected.map(({ prediction }) => prediction)).size).toBe(40);
});

interface Predicted {
  readonly id: string;
  readonly prediction: number;
}

test('paths and hosts that try to be others get nowhere', async () => {
  const asPath = (location: string): Promise<Curled> => get(location, '--path-as-is');
  const statuses = await Promise.all(
    [
      '/docs/../../package.json',
      '/docs/%2e%2e/%2e%2e/package.json',
      '/docs/..%2f..%2fpackage.json',
      '/v2/models/%00',
      '/v2/models/%ff',
      '//evil.example/v2',
    ].map(async (location) => (await asPath(location)).status),
  );
  expect(statuses).toEqual([404, 404, 404, 404, 404, 404]);
  expect((await get('/v2', '--header', 'Host: evil.example')).status).toBe(421);
  expect((await get('/v2', '--header', 'Host: 127.0.0.1.evil.example:8080')).status).toBe(421);
  expect((await get('/v2', '--header', 'Host: localhost:1')).status).toBe(200);
  expect((await get('/v2', '--header', 'Host;')).status).toBe(400);
});

test('each request is a line of JSON on stderr', async () => {
  const { status } = await post('/v1/predict/run', JSON.stringify({ samples: made(3) }));
  expect(status).toBe(200);
  await server.told(
    /"path":"\/v1\/predict\/run","status":200,.*"model":"run","received_bytes":\d+,"samples":3,"batch":3,/,
  );
});

/** A request whose body has begun to arrive, and goes on when it is told to. */
async function begun({ url }: Served): Promise<{ socket: Socket; end: () => void; answer: Promise<string> }> {
  const { hostname, port } = new URL(url);
  const body = JSON.stringify({ samples: made(1) });
  const socket = connect(Number(port), hostname);
  let answer = '';
  socket.on('data', (data: Buffer) => (answer += data.toString()));
  const closed = new Promise<string>((resolve) =>
    socket.on('close', () => resolve(answer)).on('error', () => undefined),
  );
  socket.write(
    `POST /v1/predict/run HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n${body.slice(0, 10)}`,
  );
  // It is under way once the server has asked for the rest of it.
  await new Promise<void>((resolve) => socket.once('data', () => resolve()));
  return { socket, end: () => void socket.write(body.slice(10)), answer: closed };
}

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  const code = signal === 'SIGTERM' ? 0 : 130;

  test('ends the server once what is under way is answered', async () => {
    const other = await served([at('deploy'), '--name', `run=${at('deploy')}`]);
    const { end, answer } = await begun(other);
    other.child.kill(signal);
    await other.told(/^Stopping: what is under way is answered/m);
    // It says so before it closes its port.
    await expect
      .poll(() => curl([`${other.url}/v2`]).catch(String), { timeout: 300_000 })
      .toContain('curl ended with 7');
    end();
    expect(await answer).toMatch(/HTTP\/1\.1 200 OK[^]*"predictions":\[\{"id":"sample 0"/);
    const ended = await other.ended;
    expect(ended).toMatchObject({ code, signal: null });
    expect(ended.stderr).toMatch(/Stopped\.\n$/);
  });

  test('a second time ends it at once', async () => {
    const other = await served([at('deploy'), '--name', `run=${at('deploy')}`]);
    const { answer } = await begun(other);
    other.child.kill(signal);
    await other.told(/^Stopping/m);
    other.child.kill(signal);
    expect(await other.ended).toMatchObject({ code: signal === 'SIGTERM' ? 143 : 130, signal: null });
    expect(await answer).not.toContain('200 OK');
  });
});

test('a client that never reads its answers does not keep the server from ending', async () => {
  const other = await served([at('deploy'), '--timeout', '1']);
  const socket = connect(Number(new URL(other.url).port), '127.0.0.1');
  socket.on('error', () => undefined).pause();
  const request = 'GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n';
  await new Promise((resolve) => socket.write(request.repeat(5000), resolve));
  await other.told(/openapi/);
  expect(await stopped(other)).toMatchObject({ code: 0, signal: null });
  socket.destroy();
});

test('a model whose folder is gone is served as before', async () => {
  const gone = at('gone');
  cpSync(at('deploy'), gone, { recursive: true });
  const other = await served([gone]);
  rmSync(gone, { recursive: true });
  const body = JSON.stringify({ samples: [{ text: [Array(24).fill(0.5)] }] });
  const answer = await curl(['--data-binary', '@-', `${other.url}/v1/predict/gone`], body);
  expect(answer.status, answer.body.toString()).toBe(200);
  expect((await curl([`${other.url}/readyz`])).status).toBe(200);
  await stopped(other);
});

describe('a call that is wrong ends in one line:', () => {
  const damaged = (name: string, change: (content: Buffer) => Buffer): string => {
    mkdirSync(at(name));
    copyFileSync(path.join(at('deploy'), 'model.json'), path.join(at(name), 'model.json'));
    writeFileSync(path.join(at(name), 'model.onnx'), change(readFileSync(path.join(at('deploy'), 'model.onnx'))));
    return at(name);
  };

  test.each<[string, () => readonly string[], number, RegExp]>([
    [
      'a model with another bit',
      () => [damaged('flipped', (content) => (content.writeUInt8(content[999]! ^ 1, 999), content))],
      1,
      /flipped\/model\.onnx.* is damaged, or not the file/,
    ],
    [
      'a model that is cut short',
      () => [damaged('short', (content) => content.subarray(0, -1))],
      1,
      /short\/model\.onnx.* bytes, where model\.json says/,
    ],
    ['a folder of something else', () => [folder], 1, /is neither an export nor a run/],
    ['no such folder', () => [at('nothing')], 1, /nothing does not exist; give the folder of an export, or a run/],
    ['an empty path', () => [''], 2, /A path is empty: give the folder of an export, or a run directory/],
    [
      'the file of an export',
      () => [path.join(at('deploy'), 'model.onnx')],
      1,
      /model\.onnx is a file; give the folder of the export that it is in/,
    ],
    ['no model', () => [], 2, /Name an export or a run to serve/],
    [
      'two of a name',
      () => [at('run'), '--name', `run=${at('deploy')}`],
      2,
      /Two models are called "run": call one otherwise/,
    ],
    ['a name without a path', () => ['--name', 'run'], 2, /It must be NAME=PATH/],
    [
      'a size that is none',
      () => [at('run'), '--max-body', '16X'],
      2,
      /It must be a number of bytes, as in 500K, 16M or 1G/,
    ],
    ['a name that paths have for folders', () => ['--name', `..=${at('deploy')}`], 2, /It must be NAME=PATH/],
    ['a port that there is none of', () => [at('run'), '--port', '65536'], 2, /It must be a whole number up to 65535/],
    ['no address', () => [at('run'), '--host', ''], 2, /It must be an address or a name of this machine/],
    [
      'an origin that no browser sends',
      () => [at('run'), '--cors', 'example.org'],
      2,
      /It must be \*, or an origin as https:\/\/example\.org/,
    ],
    ['a host with a scheme', () => [at('run'), '--allow-host', 'http://example.org'], 2, /It must be \*, or a name/],
    ['a token that is short', () => [at('run'), '--token', 'short'], 2, /A token must have 8 characters or more/],
  ])('%s', async (_, args, code, message) => {
    const ended = await decalignHere(['serve', ...args()]);
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
    expect(ended).toMatchObject({ code, stdout: '' });
  });

  test('a port in use', async () => {
    const ended = await decalign(['serve', at('deploy'), '--port', new URL(server.url).port]);
    expect(ended.stderr).toMatch(/^decalign: .*port \d+ is in use: name another by --port.*\n$/);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
  });
});

describe('a server that others reach', () => {
  const open = ['--host', '0.0.0.0'];

  test('asks for a token that it makes and tells', async () => {
    const other = await served([...open, at('deploy')]);
    const { hash, port } = new URL(other.address);
    const token = hash.replace('#token=', '');
    expect(token).toMatch(/^[\w-]{32}$/);
    const url = `http://127.0.0.1:${port}/v2`;
    expect((await curl([url])).status).toBe(401);
    expect((await curl(['--header', `Authorization: Bearer ${token}`, url])).status).toBe(200);
    expect((await curl([`http://127.0.0.1:${port}/readyz`])).status).toBe(200);
    await stopped(other);
  });

  test('takes one from the environment, and none where none is wanted', async () => {
    const own = await served([at('deploy')], { env: { DECALIGN_TOKEN: 'of-my-own' } });
    expect((await curl([`${own.url}/v2`])).status).toBe(401);
    expect((await curl(['--header', 'Authorization: Bearer of-my-own', `${own.url}/v2`])).status).toBe(200);
    await stopped(own);
    const none = await served([...open, '--no-token', '--allow-host', 'models.example', at('deploy')]);
    const url = `http://127.0.0.1:${new URL(none.address).port}/v2`;
    expect((await curl([url])).status).toBe(200);
    expect((await curl(['--header', 'Host: models.example', url])).status).toBe(200);
    expect((await curl(['--header', 'Host: other.example', url])).status).toBe(421);
    await stopped(none);
  });
});
