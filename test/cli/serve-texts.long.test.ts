/** Texts that are sent to a model with an encoder: of a run and of an export, fine-tuned and frozen whole. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { decalign, decalignHere, temporaryFolder } from './decalign.ts';
import { sentences } from '../sentences.ts';
import { curl, jsonOf, served, stopped, type Curled } from './served.ts';

const folder = temporaryFolder();
const at = (name: string): string => path.join(folder, name);
const encoder = path.resolve('test/fixtures/bert/bert');

const line = (n: number): object => ({
  id: `clip ${n}`,
  remark: sentences[n % 4],
  audio: [Math.sin(n), 1, n % 5],
  label: n % 2 === 0 ? 2 + 0.1 * Math.sin(n) : -2,
});
const jsonLines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** Trains a model on the lines with an encoder, and exports it. */
async function trained(name: string, freeze: string): Promise<void> {
  const keys = [
    ...['data.text=tokens', `text.bert.path=${encoder}`, 'text.bert.from=raw_text', 'text.bert.maxLength=8'],
    ...[`text.bert.freeze=${freeze}`, 'train.batchSize=8', 'model.width=8', 'model.heads=2', 'model.layers=1'],
  ].flatMap((pair) => ['--set', pair]);
  const call = ['train', at('dataset.yaml'), ...keys, '--without', 'heterogeneity,homogeneity', '--threads', '1'];
  const run = await decalign([...call, '--epochs', '2', '--no-references', '--quiet', '--out', at(name)]);
  expect(run.code, run.stderr).toBe(0);
  const exported = await decalign(['export', at(name), '--out', at(`${name}-export`)]);
  expect(exported.code, exported.stderr).toBe(0);
}

/** One lacks its text, one its audio, and the text of that is longer than in training. */
const given = [
  { id: 'a', remark: 'it is a very good film', audio: [0.5, 1, 2] },
  { id: 'b', audio: [1, 1, 1] },
  { id: 'c', remark: 'the movie was not good , it was a very very bad film !' },
];

beforeAll(() => {
  writeFileSync(at('lines.jsonl'), jsonLines(Array.from({ length: 48 }, (_, n) => line(n))));
  writeFileSync(at('given.jsonl'), jsonLines(given));
  writeFileSync(
    at('dataset.yaml'),
    [
      'task: regression',
      'range: [-3, 3]',
      'modalities:',
      '  said: { file: lines.jsonl, key: [remark], types: { remark: text } }',
      '  audio: { file: lines.jsonl, key: audio }',
      'labels: { file: lines.jsonl, key: label }',
      'id: { file: lines.jsonl, key: id }',
      'split: { fractions: { train: 0.6, valid: 0.2, test: 0.2 } }',
    ].join('\n'),
  );
});

interface Predicted {
  readonly id: string;
  readonly prediction: number;
}

/** What `decalign predict` gives for the lines. */
async function expectedOf(name: string): Promise<readonly Predicted[]> {
  const { stdout, stderr, code } = await decalignHere(['predict', at(name), at('given.jsonl')]);
  expect(code, stderr).toBe(0);
  return stdout
    .trim()
    .split('\n')
    .map((each) => JSON.parse(each) as Predicted);
}

async function expectSame(url: string, name: string, expected: readonly Predicted[]): Promise<void> {
  const answer = await curl(['--data-binary', '@-', `${url}/v1/predict/${name}`], JSON.stringify({ samples: given }));
  expect(answer.status, answer.body.toString()).toBe(200);
  const { predictions } = jsonOf(answer) as { predictions: readonly Predicted[] };
  expect(predictions.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  predictions.forEach(({ prediction }, n) => expect(prediction).toBeCloseTo(expected[n]!.prediction, 5));
}

describe('an encoder that is fine-tuned', () => {
  test('is served with its tokeniser, by a run and by an export', async () => {
    await trained('tuned', '0');
    const expected = await expectedOf('tuned');
    expect(new Set(expected.map(({ prediction }) => prediction)).size).toBe(3);
    expect(existsSync(at('tuned-export/tokenizer/vocab.txt'))).toBe(true);
    const server = await served([at('tuned'), at('tuned-export')]);
    for (const name of ['tuned', 'tuned-export']) await expectSame(server.url, name, expected);
    const ask = (...samples: readonly object[]): Promise<Curled> =>
      curl(['--data-binary', '@-', `${server.url}/v1/predict/tuned`], JSON.stringify({ samples }));
    // The text may be called as the modality, too.
    const renamed = jsonOf(await ask({ id: 'a', text: given[0]!.remark, audio: given[0]!.audio }));
    expect((renamed as { predictions: readonly Predicted[] }).predictions[0]!.prediction).toBeCloseTo(
      expected[0]!.prediction,
      5,
    );
    for (const [sample, status, message] of [
      [{ video: [1] }, 400, 'Samples: no sample has any of'],
      [{ remark: 3 }, 400, 'Sample 0: \\"remark\\" is 3, and must be a text.'],
      [{ remark: 'a'.repeat(2 ** 17 + 1) }, 413, 'The texts come to 131073 characters, more than 131072'],
    ] as const) {
      const refused = await ask(sample);
      expect(refused.body.toString()).toContain(message);
      expect(refused.status).toBe(status);
    }
    await stopped(server);
  });

  test('without its tokeniser takes tokens, and says so', async () => {
    rmSync(at('tuned-export/tokenizer'), { recursive: true });
    const lost = await decalign(['serve', at('tuned-export'), '--port', '0']);
    expect(lost).toMatchObject({ code: 1, stdout: '' });
    expect(lost.stderr).toMatch(
      /^decalign: .*tokenizer.*holds no tokeniser: neither tokenizer\.json nor vocab\.txt.*\n$/,
    );
    const file = at('tuned-export/model.json');
    const { tokenizer, ...description } = JSON.parse(readFileSync(file, 'utf8')) as { tokenizer: unknown };
    expect(tokenizer).toEqual({ maxLength: 8 });
    writeFileSync(file, JSON.stringify(description));
    const server = await served([at('tuned-export')]);
    const ask = (sample: object): Promise<Curled> =>
      curl(['--data-binary', '@-', `${server.url}/v1/predict/tuned-export`], JSON.stringify({ samples: [sample] }));
    const refused = await ask(given[0]!);
    expect(refused.status).toBe(400);
    expect(refused.body.toString()).toMatch(/\\"remark\\" is text, and the model takes \\"text_ids\\", the token ids/);
    expect((await ask({ id: 'a', text_ids: [2, 5, 6, 3], text_segments: [0, 0, 0, 0] })).status).toBe(200);
    const beyond = await ask({ id: 'a', text_ids: [2, 5000, 3] });
    expect(beyond.status).toBe(400);
    expect(beyond.body.toString()).toMatch(/Sample 0: \\"text_ids\\" at \[1\] has 5000, more than \d+\./);
    await stopped(server);
  });
});

describe('an encoder that is frozen whole', () => {
  test('is run for a run, and an export says that it has none', async () => {
    await trained('frozen', 'all');
    const server = await served([at('frozen'), at('frozen-export')]);
    await expectSame(server.url, 'frozen', await expectedOf('frozen'));
    const body = JSON.stringify({ samples: given });
    const refused = await curl(['--data-binary', '@-', `${server.url}/v1/predict/frozen-export`], body);
    expect(refused.status).toBe(400);
    expect(refused.body.toString()).toMatch(
      /\\"remark\\" is text, and the model takes \\"text\\", the last hidden states of its encoder, 16 numbers/,
    );
    await stopped(server);
  });
});
