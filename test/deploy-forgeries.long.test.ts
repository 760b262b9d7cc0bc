/** What `examples/deploy-node` is given may be damaged or forged: one line, exit code 1, and little memory. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Message } from '../src/onnx/message.ts';
import type { ExportDescription } from '../src/deploy/description.ts';
import { exportOnnx } from '../src/runs/export/export-onnx.ts';
import { openModel } from '../src/runs/open-model.ts';

const root = path.resolve(import.meta.dirname, '..');
const folder = mkdtempSync(path.join(tmpdir(), 'decalign-forgeries-'));
afterAll(() => rmSync(folder, { recursive: true }));
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
  cpSync(path.join(root, 'examples/deploy-node'), folder, { recursive: true });
  mkdirSync(at('node_modules'));
  symlinkSync(path.join(root, 'node_modules/onnxruntime-node'), at('node_modules/onnxruntime-node'));
  writeFileSync(at('samples.jsonl'), `${JSON.stringify(sample)}\n`);
});

function predict(model: string, samples = 'samples.jsonl') {
  const args = ['--import', `data:text/javascript,${encodeURIComponent(peak)}`, 'predict.mjs', model, samples];
  const { status, stdout, stderr } = spawnSync('node', args, { cwd: folder, encoding: 'utf8' });
  return { status, stdout, stderr, megabytes: Number(readFileSync(at('peak'), 'utf8')) };
}

function refused(found: ReturnType<typeof predict>, says: RegExp): void {
  expect(found).toMatchObject({ status: 1, stdout: '' });
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

type Description = Record<keyof ExportDescription, unknown> & {
  inputs: { name: unknown; dtype: unknown; shape: unknown[] }[];
};

/** Of the same model.onnx, something else said. */
const said = (change: (description: Description) => void) => (_: string, json: string) => {
  const description = JSON.parse(readFileSync(json, 'utf8')) as Description;
  change(description);
  writeFileSync(json, JSON.stringify(description));
};
const time = (value: unknown): ReturnType<typeof said> => said(({ inputs }) => (inputs[0]!.shape[1] = value));

test('the sound one predicts, with any number of samples, within that memory', () => {
  const { megabytes, ...found } = predict('sound');
  expect(found).toEqual({
    status: 0,
    stdout: expect.stringMatching(/^\{"id":"row-0","prediction":[-\d.]+\}\n$/) as unknown,
    stderr: '',
  });
  expect(megabytes).toBeLessThan(most);
  writeFileSync(at('many.jsonl'), `${JSON.stringify(sample)}\n`.repeat(1000));
  const { prediction } = JSON.parse(found.stdout) as { prediction: number };
  for (const model of ['sound', 'five']) {
    const many = predict(model, 'many.jsonl');
    expect(many).toMatchObject({ status: 0, stderr: '' });
    const lines = many.stdout.trim().split('\n');
    expect(lines).toHaveLength(1000);
    for (const line of lines)
      expect((JSON.parse(line) as { prediction: number }).prediction).toBeCloseTo(prediction, 5);
    expect(many.megabytes).toBeLessThan(most);
  }
});

test('a reader that stops early, as head does, is no failure', () => {
  const all = `${JSON.stringify(sample)}\n`.repeat(3000);
  const command = 'node predict.mjs sound - | head -n 1';
  const { stdout, stderr } = spawnSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8', input: all });
  expect(stdout.split('\n')).toHaveLength(2);
  expect(stderr).toBe('');
});

test('an export of format 2, which said nothing of rows, predicts as it did', () => {
  const before = said((description) => Object.assign(description, { format: 'decalign export 2', rows: undefined }));
  expect(predict(forged(before))).toMatchObject({ status: 0, stdout: predict('sound').stdout, stderr: '' });
});

describe('a model.onnx', () => {
  test.each<[string, (onnx: string) => void, RegExp]>([
    ['that is missing', (onnx) => rmSync(onnx), /model\.onnx: cannot be read \(ENOENT\)/],
    [
      'that is a folder',
      (onnx) => {
        rmSync(onnx);
        mkdirSync(onnx);
      },
      /model\.onnx: is no file/,
    ],
    [
      'cut short',
      (onnx) => truncateSync(onnx, 1000),
      /model\.onnx: has 1000 bytes, where model\.json says \d+; copy both/,
    ],
    ['of another export', (onnx) => cpSync(at('five/model.onnx'), onnx), /model\.onnx: has \d+ bytes, where model/],
    [
      'with one bit changed',
      (onnx) => {
        const bytes = readFileSync(onnx);
        bytes[bytes.length >> 1]! ^= 1;
        writeFileSync(onnx, bytes);
      },
      /model\.onnx: is damaged, or not the file that model\.json was written for: its SHA-256 is another; copy both/,
    ],
  ])('%s is refused before the runtime sees it', (_, change, says) => {
    refused(predict(forged(change)), says);
  });

  /** Other bytes, with their hash. */
  const replaced = (bytes: Uint8Array): string =>
    forged((onnx, json) => {
      writeFileSync(onnx, bytes);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      said((description) => Object.assign(description, { bytes: bytes.length, sha256 }))(onnx, json);
    });

  test('that is none, with the hash of what it is, is refused by the runtime', () => {
    refused(predict(replaced(Buffer.alloc(5000, 'no model'))), /model\.onnx: is not read by ONNX Runtime: /);
  });

  test.each(['secret.bin', '../secret.bin', './forged/secret.bin', at('secret.bin')])(
    'whose weights are to come from the file %s does not get them',
    (location) => {
      const entry = (key: string, value: string): Message => new Message().text(1, key).text(2, value);
      const weights = new Message().ints(1, [4]).int(2, 1).text(8, 'w').add(13, entry('location', location)).int(14, 1);
      const four = new Message().add(1, new Message().int(1, 1).add(2, new Message().add(1, new Message().int(1, 4))));
      const value = (name: string): Message => new Message().text(1, name).add(2, four);
      const node = new Message().text(1, 'x').text(1, 'w').text(2, 'y').text(4, 'Add');
      const graph = new Message().add(1, node).text(2, 'g').add(5, weights).add(11, value('x')).add(12, value('y'));
      const model = new Message().int(1, 8).add(7, graph).add(8, new Message().int(2, 18));
      const forgery = replaced(model.finish());
      for (const name of ['secret.bin', 'forged/secret.bin']) writeFileSync(at(name), Buffer.alloc(16));
      refused(predict(forgery), /model\.onnx: is not read by ONNX Runtime: /);
    },
  );
});

describe('a model.json', () => {
  const shapes = /model\.json: "inputs" must be 1 to 64 of float32 \[batch, T, D\] or int64 \[batch, T\], \[batch\]/;
  const rows = /model\.json: "rows" must say of each modality where it is/;
  const columns = (value: unknown): ReturnType<typeof said> =>
    said((said) => (said.rows = { text: { columns: value } }));
  const other = /model\.onnx: takes "text" float32 \[batch, 12, 24\], .* but model\.json says /;

  test.each<[string, (onnx: string, json: string) => void, RegExp]>([
    ['that is missing', (_, json) => rmSync(json), /model\.json: cannot be read \(ENOENT\)/],
    ['that is no JSON', (_, json) => truncateSync(json, 500), /model\.json: is not JSON/],
    ['that is a list', (_, json) => writeFileSync(json, '[1, 2]'), /model\.json: is no description of a model/],
    ['nested without end', (_, json) => writeFileSync(json, '['.repeat(1e6)), /model\.json: is not JSON/],
    ['of absurd size', (_, json) => truncateSync(json, 2 ** 33), /model\.json: has 8589934592 bytes, more than such/],
    [
      'of before there was a hash',
      said((description) => Object.assign(description, { format: 'decalign export 1', decalign: undefined })),
      /model\.json: is of format 1, written by .*, and this program reads formats 2 and 3: export the model again/,
    ],
    [
      'of a later format',
      said((description) => Object.assign(description, { format: 'decalign export 4', decalign: '9.8.7' })),
      /is of format 4, written by decalign "9\.8\.7", and this program reads formats 2 and 3: take the examples\/deploy-node that/,
    ],
    ['of another format', said((said) => (said.format = 'decalign 1')), /is no description of a model/],
    ['without a hash', said((said) => (said.sha256 = undefined)), /does not say length \("bytes"\) and hash/],
    ['with a hash that is none', said((said) => (said.sha256 = ['a'])), /does not say length \("bytes"\) and hash/],
    ['with an absurd length', said((said) => (said.bytes = 1e300)), /does not say length \("bytes"\) and hash/],
    [
      'with a large length',
      said((said) => (said.bytes = 1e15)),
      /model\.onnx: has \d+ bytes, where model\.json says 1e?0+;/,
    ],
    ['without inputs', said((said) => Object.assign(said, { inputs: undefined })), shapes],
    ['with no inputs', said((said) => (said.inputs = [])), shapes],
    ['with inputs of no kind', said((said) => (said.inputs = [null, 3] as never)), shapes],
    ['of 1e12 time steps', time(1e12), shapes],
    ['of half a time step', time(0.5), shapes],
    ['of no time steps', time(0), shapes],
    ['of time steps in words', time('12'), shapes],
    ['of more time steps than the file', time(65536), other],
    [
      'of numbers beyond reason in all',
      said(({ inputs }) => (inputs[0]!.shape = ['batch', 65536, 65536])),
      /takes more than 67108864 numbers at once/,
    ],
    [
      'of absurdly many samples at once',
      said(({ inputs }) => {
        for (const { shape } of inputs) shape[0] = 65536;
        inputs[0]!.shape[1] = 1000;
      }),
      /takes more than 67108864 numbers at once/,
    ],
    ['of a fixed number of samples', said(({ inputs }) => inputs.forEach(({ shape }) => (shape[0] = 7))), other],
    [
      'of different numbers of samples',
      said(({ inputs }) => (inputs[0]!.shape[0] = 2)),
      /must have different names and the same number of samples/,
    ],
    ['of another type', said(({ inputs }) => (inputs[0]!.dtype = 'float64')), shapes],
    [
      'of another input',
      said(({ inputs }) => (inputs[2]!.name = 'vision')),
      /"audio_lengths" is the length of no other/,
    ],
    ['of an input less', said(({ inputs }) => (inputs.length = 2)), other],
    ['of an input twice', said(({ inputs }) => inputs.push(inputs[0]!)), /must have different names/],
    [
      'of an input more',
      said(({ inputs }) => inputs.push({ name: 'vision', dtype: 'float32', shape: ['batch', 2, 2] })),
      other,
    ],
    [
      'without a task',
      said((said) => (said.task = null)),
      /"task" must be a regression, or a classification, multilabel or multitarget with/,
    ],
    ['of rows that are none', said((said) => (said.rows = [])), rows],
    ['of columns that are none', columns([{ column: 'c', category: 3 }]), rows],
    ['of parts of a date that are none', columns([{ column: 'c', date: ['age'], order: 'ymd' }]), rows],
    [
      'of more columns than numbers',
      columns(['a', 'b']),
      /model\.json: "text" is of \[batch, 12, 24\], and its columns are 2 numbers/,
    ],
    [
      'of no classes',
      said((said) => (said.task = { kind: 'classification', classes: [] })),
      /"task" must be a regression, or a classification, multilabel or multitarget with/,
    ],
    [
      'of labels without thresholds',
      said((said) => (said.task = { kind: 'multilabel', names: ['a', 'b'] })),
      /"thresholds" must be a probability for each of the 2 labels/,
    ],
    [
      'of another task',
      said((said) => (said.task = { kind: 'classification', classes: ['a', 'b'] })),
      /model\.onnx: does not give "probabilities", which a classification is to give/,
    ],
  ])('%s is refused', (_, change, says) => {
    refused(predict(forged(change)), says);
  });
});

describe('samples', () => {
  const text = /line 1: "text" must have 1 to 12 steps of 24 numbers/;
  const none = /other-samples\.jsonl: has none of "text", "audio"/;
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
  ])('%s are refused', (_, content, says) => {
    writeFileSync(at('other-samples.jsonl'), content);
    refused(predict('sound', 'other-samples.jsonl'), says);
  });

  test('that are not there, or a folder, are refused', () => {
    refused(predict('sound', 'nowhere.jsonl'), /nowhere\.jsonl: .*ENOENT/);
    refused(predict('sound', 'sound'), /sound: .*EISDIR/);
  });

  test('the line that is wrong is named, after those before it', () => {
    writeFileSync(at('last.jsonl'), `${`${line({})}\n`.repeat(100)}\n${line({ text: [[1]] })}`);
    const { status, stdout, stderr } = predict('sound', 'last.jsonl');
    expect([status, stdout.split('\n').length - 1]).toEqual([1, 64]);
    expect(stderr).toMatch(/^last\.jsonl, line 102: "text" must have .*\n$/);
  });
});
