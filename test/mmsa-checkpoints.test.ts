/** Checkpoints that MMSA's code saved give its predictions here, from the file to the number. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openModelAndData } from '../src/cli/options/model-and-data.ts';
import { predict, score } from '../src/index.ts';
import { decalign } from './cli/decalign.ts';
import { save, type Table, type Value } from './cli/feature-file.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'decalign-mmsa-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const fixtures = path.resolve(import.meta.dirname, 'fixtures/interop/mmsa');
const at = (name: string): string => path.join(fixtures, name);
const encoder = ['--set', `text.bert.path=${at('bert')}`];

interface Case {
  readonly inputs: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: readonly number[] }>>;
  readonly audio_lengths?: readonly number[];
  readonly vision_lengths?: readonly number[];
  readonly prediction: readonly number[];
}
const caseOf = (name: string): Case => JSON.parse(readFileSync(at(`${name}.json`), 'utf8')) as Case;

/** A case as a feature file of MMSA: with its labels at the predictions, so that a model is never wrong. */
function table(name: string): Table {
  const { inputs, prediction, ...lengths } = caseOf(name);
  const nested = (data: readonly number[], [, ...inner]: readonly number[]): Value[] => {
    const rows = inner.reduce((a, b) => a * b, 1);
    return Array.from({ length: data.length / rows }, (_, n) => {
      const row = data.slice(n * rows, (n + 1) * rows);
      return inner.length > 1 ? nested(row, inner) : row;
    });
  };
  const columns = Object.entries(inputs).map(([key, { shape, data }]) => [key, nested(data, shape)] as const);
  return {
    // Features of the text are in every file, and not what a model with an encoder reads.
    text: prediction.map((_, n) => [[n, 1]]),
    ...Object.fromEntries(columns),
    ...(lengths as unknown as Table),
    regression_labels: [...prediction],
  };
}

const dataOf = (name: string): string => save(path.join(folder, `${name}.pkl`), { test: table(name) });

async function predictions(name: string, model: string, set: readonly string[] = [], data = name): Promise<number[]> {
  const opened = await openModelAndData(at(`${name}.pth`), dataOf(data), {
    ...{ split: 'test', model, set, requireLabels: true },
  });
  expect((await score(opened.model, opened.dataset, { threads: 1 })).metrics['mae']).toBeLessThan(1e-5);
  return [...(await predict(opened.model, opened.dataset, { threads: 1 })).prediction];
}

describe("the predictions are those of MMSA's code", () => {
  const bert = [`text.bert.path=${at('bert')}`];
  test.each<[string, string, readonly string[], string]>([
    ['misa', 'misa', bert, 'misa'],
    ['self-mm', 'self-mm', bert, 'self-mm'],
    // Aligned data has no lengths but those of the text.
    ['self-mm', 'self-mm', bert, 'self-mm-aligned'],
    ['mfm', 'mfm', [], 'mfm'],
    ['mult', 'mult', ['model.heads=3'], 'mult'],
    ['mult-bert', 'mult', ['model.heads=3', ...bert], 'mult-bert'],
    ['cenet', 'cenet', bert, 'cenet'],
  ])('%s.pth, a %s, with %j on %s', async (name, model, set, data) => {
    const found = await predictions(name, model, set, data);
    const worst = caseOf(data).prediction.map((value, n) => Math.abs(found[n]! - value));
    expect(Math.max(...worst)).toBeLessThan(1e-5);
  });
});

test('on the command line', async () => {
  const call = [at('misa.pth'), dataOf('misa'), '--model', 'misa', ...encoder, '--threads', '1'];
  const { stdout } = await decalign(['evaluate', ...call, '--json']);
  expect((JSON.parse(stdout) as { metrics: { mae: number } }).metrics.mae).toBeLessThan(1e-5);
  const lines = (await decalign(['predict', ...call])).stdout.trim().split('\n');
  const predicted = lines.map((line) => (JSON.parse(line) as { prediction: number }).prediction);
  expect(predicted[0]).toBeCloseTo(caseOf('misa').prediction[0]!, 5);
});

describe('what cannot be is said in a line', () => {
  const refused = async (
    file: string,
    options: { readonly model?: string; readonly config?: string; readonly set?: readonly string[] },
    data: string,
    says: string,
  ): Promise<void> => {
    const opening = openModelAndData(file, data, { split: 'test', requireLabels: true, ...options });
    await expect(opening).rejects.toThrow(says);
    await expect(opening).rejects.toThrow(/^[^\n]+$/);
  };
  const noise = path.join(folder, 'noise.pth');
  writeFileSync(noise, 'noise');

  test.each<[string, string, { model?: string; config?: string; set?: string[] }, string]>([
    ['no checkpoint at all', noise, { model: 'mfm' }, 'noise.pth: is no PyTorch checkpoint'],
    ['no file', path.join(folder, 'none.pth'), { model: 'mfm' }, 'none.pth: there is no such file.'],
    ['a model that MMSA lacks', at('mfm.pth'), { model: 'pmr' }, '"pmr" is none of them.'],
    [
      'a checkpoint of another model',
      at('mfm.pth'),
      { model: 'misa' },
      'mfm.pth: lacks "fusion.fusion_layer_3.weight"; is it a checkpoint of MMSA\'s misa?',
    ],
    [
      'an encoder without its folder',
      at('misa.pth'),
      { model: 'misa' },
      'holds an encoder of text: set text.bert.path',
    ],
    [
      'an encoder that is left out',
      at('misa.pth'),
      { model: 'misa', set: ['data.text=features', `text.bert.path=${at('bert')}`] },
      'misa.pth holds an encoder of text, so data.text cannot be features.',
    ],
    ['an unknown number of heads', at('mult.pth'), { model: 'mult' }, 'mult.pth is 3 wide, and does not say how many'],
    [
      'another width',
      at('mfm.pth'),
      { model: 'mfm', set: ['model.memory=6'] },
      '"mfn_encoder.att2_fc2.weight" has shape [5,4], but the configuration makes it [6,4].',
    ],
    ['both --config and --model', at('mfm.pth'), { model: 'mfm', config: 'x.json' }, 'give one of them.'],
    ['--set without --model', at('mfm.pth'), { config: 'x.json', set: ['a=1'] }, '--set goes with --model'],
    ['--model of a run', 'runs/one', { model: 'mfm' }, '--model goes with a PyTorch checkpoint of MMSA'],
  ])('%s', async (_, file, options, says) => {
    await refused(file, options, dataOf('mfm'), says);
  });

  test('data of other widths, or not aligned where it must be', async () => {
    const mult = { model: 'mult', set: ['model.heads=3'] };
    const narrow = {
      ...table('mult'),
      audio: table('mult')['audio']!.map((steps) => (steps as Value[][]).map((s) => [s[0]!])),
    };
    const file = save(path.join(folder, 'narrow.pkl'), { test: narrow });
    await refused(
      at('mult.pth'),
      mult,
      file,
      'narrow.pkl: "audio" has 1 features per step, but the checkpoint takes 3.',
    );
    await refused(at('mfm.pth'), { model: 'mfm' }, dataOf('mult'), "6, 7, 9 steps; MMSA's MFM takes aligned data.");
    const short = { ...table('mult'), text: table('mult')['text']!.map((steps) => (steps as Value[]).slice(0, 1)) };
    const brief = save(path.join(folder, 'brief.pkl'), { test: short });
    await refused(at('mult.pth'), mult, brief, '"text" has 1 steps, fewer than the model\'s kernel of 2.');
  });
});
