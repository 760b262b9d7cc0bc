/** The file of a trained model may come from a stranger, so nothing in its description is trusted unchecked. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { fit, openModel, predict, synthetic } from '../index.ts';
import { FormatError } from '../files/error.ts';
import { readSafetensors, type SafeTensors } from '../formats/safetensors/read.ts';
import { writeSafetensors, type SafeTensor } from '../formats/safetensors/write.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'decalign-hostile-'));
afterAll(() => rmSync(folder, { recursive: true }));

const dataset = synthetic({ samples: { train: 16, valid: 8, test: 8 }, modalities: 2 });
const file = path.join(folder, 'run', 'best.safetensors');
beforeAll(async () => {
  const config = {
    model: { width: 8, heads: 2, layers: 1, without: ['heterogeneity', 'homogeneity'] },
    train: { epochs: 1, threads: 1 },
  };
  await fit(dataset, { config, out: path.join(folder, 'run') });
});

interface Said {
  readonly config: Record<string, Record<string, unknown>>;
  readonly data: { task: unknown; labels?: unknown; features: Record<string, unknown>[] };
}

/** A copy of the model's file with a change to its description or its tensors. */
function changed(
  said: (text: Said) => void,
  tensors: (held: SafeTensors['tensors']) => void = () => undefined,
): string {
  const model = readSafetensors(readFileSync(file), { file });
  const described = JSON.parse(model.metadata['decalign']!) as Said;
  said(described);
  tensors(model.tensors);
  const written = Object.entries(model.tensors).map(([name, { shape, data }]): [string, SafeTensor] => [
    name,
    { shape, data: z.instanceof(Float32Array).or(z.instanceof(Int32Array)).parse(data) },
  ]);
  const other = path.join(folder, 'other.safetensors');
  writeFileSync(other, writeSafetensors(Object.fromEntries(written), { decalign: JSON.stringify(described) }));
  return other;
}

test.each<[string, () => string, RegExp]>([
  [
    'a wider network',
    () => changed(({ config }) => (config['model']!['width'] = 16)),
    /has 192 numbers of the parameter/,
  ],
  [
    'a huge one',
    () => changed(({ config }) => (config['model']!['width'] = 2 ** 20)),
    /has 192 numbers of the parameter/,
  ],
  [
    'a deep one',
    () => changed(({ config }) => (config['model']!['layers'] = 2 ** 20)),
    /has no parameter ".*layers\.1\./,
  ],
  [
    'one of a size beyond reason',
    () => changed(({ config }) => (config['model']!['layers'] = 1e9)),
    /one of a size beyond reason/,
  ],
  ['no model', () => changed(({ config }) => delete config['model']), /config names no model/],
  [
    'a model by a name of the language',
    () => changed(({ config }) => (config['model']!['name'] = '__proto__')),
    /no model "__proto__"/,
  ],
  ['no features', () => changed(({ data }) => (data.features = [])), /data\.features: Too small/],
  [
    'features of no length',
    () => changed(({ data }) => (data.features[0]!['time'] = -3)),
    /features\.0\.time: Too small/,
  ],
  [
    'features without end',
    () => changed(({ data }) => (data.features[0]!['time'] = 1e12)),
    /features\.0\.time: Too big/,
  ],
  [
    'no classes',
    () => changed(({ data }) => (data.task = { kind: 'classification', classes: [] })),
    /classes: Too small/,
  ],
  [
    'labels of no deviation',
    () => changed(({ data }) => (data.labels = { standardised: { mean: 0, deviation: 0 } })),
    /labels\.standardised\.deviation: Too small/,
  ],
  [
    'labels beyond all numbers',
    () => changed(({ data }) => (data.labels = { standardised: { mean: 1e39, deviation: 1 } })),
    /labels\.standardised\.mean: Too big/,
  ],
  [
    'a tensor less',
    () =>
      changed(
        () => undefined,
        (held) => delete held['head.weight'],
      ),
    /has no parameter "head\.weight", whose shape is \[1,/,
  ],
  [
    'weights that are not finite',
    () =>
      changed(
        () => undefined,
        ({ 'head.weight': weight }) => ((weight!.data as Float32Array)[0] = Infinity),
      ),
    /"head\.weight" holds numbers that are not finite/,
  ],
  [
    'whole numbers for weights',
    () =>
      changed(
        () => undefined,
        (held) => (held['head.bias'] = Object.assign(held['head.bias']!, { elements: Int32Array.of(7) })),
      ),
    /"head\.bias" holds int32, not floating-point numbers/,
  ],
])('%s is refused in one line', async (_, make, message) => {
  const made = make();
  const failure: unknown = await (async () => predict(openModel(made), dataset))().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Error);
  expect((failure as Error).message).toMatch(message);
  expect((failure as Error).message).not.toContain('\n');
});

test('tensors that it does not need are left alone', async () => {
  const more = changed(
    () => undefined,
    (held) => (held['spare'] = held['head.bias']!),
  );
  expect((await predict(openModel(more), dataset)).prediction).toEqual(
    (await predict(openModel(file), dataset)).prediction,
  );
});

test('cut anywhere, or with any byte changed, it is refused, or is a model all the same', () => {
  const bytes = readFileSync(file);
  for (let i = 0; i < 400; i++) {
    const at = Math.floor(((i * 7919) % 4001) * (bytes.length / 4001));
    const damaged = Buffer.from(i % 2 ? bytes : bytes.subarray(0, at));
    if (i % 2) damaged[at]! ^= 1 + (i % 255);
    const other = path.join(folder, 'damaged.safetensors');
    writeFileSync(other, damaged);
    try {
      openModel(other);
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError);
      expect((error as Error).message).not.toContain('\n');
    }
  }
});
