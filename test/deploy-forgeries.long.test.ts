/** What the example of deployment is given may be damaged or forged: one line, exit code 1, and little memory. */
import { createHash } from 'node:crypto';
import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { Message } from '../src/onnx/message.ts';
import type { ExportDescription } from '../src/deploy/description.ts';
import { exportOnnx } from '../src/runs/export/export-onnx.ts';
import { openModel } from '../src/runs/open-model.ts';
import { temporaryFolder } from './cli/decalign.ts';
import { deployed } from './cli/deployed.ts';
import type { Finished } from './process.ts';

const root = path.resolve(import.meta.dirname, '..');
const folder = temporaryFolder();
const at = (...names: string[]): string => path.join(folder, ...names);

/** MiB of the largest process here; it takes some 90 to start Node and the runtime. */
const most = 300;
const peak = `import { writeFileSync } from 'node:fs';
process.on('exit', () => writeFileSync(${JSON.stringify(at('peak'))}, String(process.resourceUsage().maxRSS / 1024)));`;

const steps = (count: number, width: number): number[][] =>
  Array.from({ length: count }, (_, t) => Array.from({ length: width }, (_, d) => Math.sin(t + d)));
const sample = { text: steps(3, 24), audio: steps(5, 10) };

beforeAll(async () => {
  const model = openModel(path.join(root, 'test/fixtures/runs/run-2'));
  await exportOnnx(model, at('sound'));
  await exportOnnx(model, at('five'), { batch: 5 });
  writeFileSync(at('samples.jsonl'), `${JSON.stringify(sample)}\n`);
});

interface Measured extends Finished {
  readonly megabytes: number;
}

async function predict(model: string, samples = 'samples.jsonl', input = ''): Promise<Measured> {
  const flags = ['--import', `data:text/javascript,${encodeURIComponent(peak)}`];
  const found = await deployed(folder, [model, samples], { flags, input });
  return { ...found, megabytes: Number(readFileSync(at('peak'), 'utf8')) };
}

async function expectRefused(run: Promise<Measured>, says: RegExp): Promise<void> {
  const found = await run;
  expect(found).toMatchObject({ code: 1, stdout: '' });
  expect(found.stderr).toMatch(says);
  expect(found.stderr.trimEnd()).not.toMatch(/\n|\s+at .*:\d+/);
  expect(found.megabytes).toBeLessThan(most);
}

/** A copy of the sound folder, changed. */
function forged(change: (onnx: string, json: string) => void): string {
  rmSync(at('forged'), { recursive: true, force: true });
  cpSync(at('sound'), at('forged'), { recursive: true });
  change(at('forged/model.onnx'), at('forged/model.json'));
  return 'forged';
}

/** Of the same model.onnx, something else said. */
const said = (change: Readonly<Record<string, unknown>>) => (_: string, json: string) => {
  const description = JSON.parse(readFileSync(json, 'utf8')) as ExportDescription;
  writeFileSync(json, JSON.stringify({ ...description, ...change }));
};

test('the sound one predicts, with any number of samples, within that memory', async () => {
  const { megabytes, ...found } = await predict('sound');
  expect(found).toEqual({
    ...{ code: 0, signal: null, stderr: '' },
    stdout: expect.stringMatching(/^\{"id":"row-0","prediction":[-\d.]+\}\n$/) as unknown,
  });
  expect(megabytes).toBeLessThan(most);
  writeFileSync(at('many.jsonl'), `${JSON.stringify(sample)}\n`.repeat(1000));
  const { prediction } = JSON.parse(found.stdout) as { prediction: number };
  for (const model of ['sound', 'five']) {
    const many = await predict(model, 'many.jsonl');
    expect(many).toMatchObject({ code: 0, stderr: '' });
    const lines = many.stdout.trim().split('\n');
    expect(lines).toHaveLength(1000);
    for (const line of lines)
      expect((JSON.parse(line) as { prediction: number }).prediction).toBeCloseTo(prediction, 5);
    expect(many.megabytes).toBeLessThan(most);
  }
});

test('a reader that stops early, as head does, is no failure', async () => {
  writeFileSync(at('more.jsonl'), `${JSON.stringify(sample)}\n`.repeat(3000));
  const { stdout, ...rest } = await deployed(folder, ['sound', 'more.jsonl'], { stops: true });
  expect(rest).toEqual({ code: 0, signal: null, stderr: '' });
  expect(stdout.split('\n').length).toBeLessThan(3000);
});

describe('a model.onnx', () => {
  test('that is not the file described is refused before the runtime sees it', async () => {
    const changed = forged((onnx) => {
      const bytes = readFileSync(onnx);
      bytes[bytes.length >> 1]! ^= 1;
      writeFileSync(onnx, bytes);
    });
    await expectRefused(
      predict(changed),
      /model\.onnx: is damaged, or not the file that model\.json was written for: /,
    );
  });

  /** Other bytes, with their hash. */
  const replaced = (bytes: Uint8Array): string =>
    forged((onnx, json) => {
      writeFileSync(onnx, bytes);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      said({ bytes: bytes.length, sha256 })(onnx, json);
    });

  test.each(['secret.bin', '../secret.bin', './forged/secret.bin', at('secret.bin')])(
    'whose weights are to come from the file %s does not get them',
    async (location) => {
      const entry = (key: string, value: string): Message => new Message().text(1, key).text(2, value);
      const weights = new Message().ints(1, [4]).int(2, 1).text(8, 'w').add(13, entry('location', location)).int(14, 1);
      const four = new Message().add(1, new Message().int(1, 1).add(2, new Message().add(1, new Message().int(1, 4))));
      const value = (name: string): Message => new Message().text(1, name).add(2, four);
      const node = new Message().text(1, 'x').text(1, 'w').text(2, 'y').text(4, 'Add');
      const graph = new Message().add(1, node).text(2, 'g').add(5, weights).add(11, value('x')).add(12, value('y'));
      const model = new Message().int(1, 8).add(7, graph).add(8, new Message().int(2, 18));
      const forgery = replaced(model.finish());
      for (const name of ['secret.bin', 'forged/secret.bin']) writeFileSync(at(name), Buffer.alloc(16));
      await expectRefused(predict(forgery), /model\.onnx: is not read by ONNX Runtime: /);
    },
  );
});

describe('a model.json', () => {
  test.each<[string, (onnx: string, json: string) => void, RegExp]>([
    ['that is missing', (_, json) => rmSync(json), /model\.json: cannot be read \(ENOENT\)/],
    ['of absurd size', (_, json) => truncateSync(json, 2 ** 33), /model\.json: has 8589934592 bytes, more than such/],
    ['nested without end', (_, json) => writeFileSync(json, '['.repeat(1e6)), /model\.json: is not JSON/],
    ['of a large model', said({ bytes: 1e15 }), /model\.onnx: has \d+ bytes, where model\.json says 1e?0+;/],
    ['of another kind of inputs', said({ inputs: [null, 3] }), /"inputs" must be 1 to 64 of float32 \[batch, T, D\]/],
    [
      'of numbers beyond reason in all',
      said({ inputs: [{ name: 'x', dtype: 'float32', shape: ['batch', 65536, 65536], meaning: '' }] }),
      /takes more than 67108864 numbers at once/,
    ],
  ])('%s is refused', async (_, change, says) => {
    await expectRefused(predict(forged(change)), says);
  });
});

describe('samples', () => {
  const text = /line 1: "text" must have 1 to 12 steps of 24 numbers/;
  const none = /other-samples\.jsonl: no sample has any of "text", "audio"/;
  const line = (change: object): string => JSON.stringify({ ...sample, ...change });

  test.each<[string, string, RegExp]>([
    ['that are none', '', /samples\.jsonl: holds no samples/],
    ['that are no JSON', 'text', /line 1: is no JSON object/],
    ['that are a number', '3', /line 1: is no JSON object/],
    ['without a modality', '{}', none],
    ['whose modality is of the language', '{"__proto__": {"text": [[1]]}}', none],
    ['without steps', line({ text: [], audio: null }), none],
    ['with no list', line({ text: 'words' }), text],
    ['with a length of its own', line({ text: { length: 1e12 } }), text],
    ['with steps of another width', line({ text: steps(2, 23) }), text],
    ['with words for numbers', line({ text: [Array(24).fill('1')] }), text],
    ['with lists for numbers', line({ text: [Array(24).fill([])] }), text],
    [
      'with a line without end',
      `${line({})}${' '.repeat(3e7)}`,
      /holds a line of more than 4\d+ characters, which no sample has/,
    ],
    ['nested without end', '['.repeat(50_000), /line 1: is no JSON object/],
    ['of objects without end', `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`, /line 1: is no JSON object/],
  ])('%s are refused', async (_, content, says) => {
    writeFileSync(at('other-samples.jsonl'), content);
    await expectRefused(predict('sound', 'other-samples.jsonl'), says);
  });

  test('that are not there, or a folder, are refused, and so is a call without any', async () => {
    await expectRefused(predict('sound', 'nowhere.jsonl'), /nowhere\.jsonl: .*ENOENT/);
    await expectRefused(predict('sound', 'sound'), /sound: .*EISDIR/);
    expect(await deployed(folder, ['sound'])).toMatchObject({ code: 1, stdout: '', stderr: usage });
  });

  test('the line that is wrong is named, after those before it', async () => {
    writeFileSync(at('last.jsonl'), `${`${line({})}\n`.repeat(100)}\n${line({ text: [[1]] })}`);
    const { code, stdout, stderr } = await predict('sound', 'last.jsonl');
    expect([code, stdout.split('\n').length - 1]).toEqual([1, 64]);
    expect(stderr).toMatch(/^last\.jsonl, line 102: "text" must have .*\n$/);
  });
});

const usage = 'usage: node predict.mjs FOLDER ROWS... [--long cut|refuse]\n';
