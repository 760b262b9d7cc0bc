import { expect, test } from 'vitest';
import { bert, type BertConfig } from '../nn/index.ts';
import { constant } from '../tensor/index.ts';
import { cenet, cenetHead, enhance } from './cenet.ts';
import { goldenError, goldenOf } from './golden/testing.ts';
import { runOneBatch, type Build, type OneBatch } from './one-batch/testing.ts';
import { asPrediction, taskLoss } from './task.ts';
import { valuesFor, type Modality } from './testing.ts';

const config = cenet.config.parse({ width: 4, heads: 2, layers: 1 });
const modalities: Modality[] = [
  { name: 'text', time: 4, width: 3, lengths: [4, 2, 1, 3] },
  { name: 'audio', time: 5, width: 2, lengths: [1, 5, 3, 2] },
  { name: 'vision', time: 1, width: 4 },
];
const batch: OneBatch = { modalities, labels: [2.4, -1.2, 0.3, -0.8] };

const { unit, model } = goldenOf('cenet');
const heard: Modality[] = [
  { name: 'vision', time: 3, width: 2 },
  { name: 'audio', time: 5, width: 3 },
];

test("the enhancement and its gradients are those of MMSA's code", async () => {
  const enhanced: Build = (scope, { features: { text, ...others } }) => {
    const prediction = enhance(scope.at('enhancement'), text!.value, others);
    const product = prediction.mul(constant(valuesFor('direction y', 32), [2, 4, 4], 'float64')).sum();
    return { prediction, losses: { product }, diagnostics: {}, representations: {} };
  };
  const outcome = await runOneBatch(enhanced, {
    modalities: [{ name: 'text', time: 4, width: 4 }, ...heard],
    labels: unit!.labels,
  });
  expect(goldenError(outcome, unit!)).toBeLessThan(1e-8);
});

test("inside BERT, after its first layer, all is as in MMSA's code", async () => {
  const encoder: BertConfig = {
    ...{ kind: 'bert', vocabulary: 9, width: 4, layers: 2, heads: 2, inner: 6, activation: 'gelu', positions: 8 },
    ...{ segments: 2, padding: 0, epsilon: 1e-12, dropout: { hidden: 0, attention: 0 }, deviation: 0.02 },
  };
  const whole: Build = (scope, { features, labels, task }) => {
    const ids = constant([1, 4, 2, 7, 3, 8, 0, 0], [2, 4], 'int64');
    const mask = constant([1, 1, 1, 1, 1, 1, 0, 0], [2, 4], 'float64');
    const { last } = bert(scope.at('bert'), { ids, mask }, encoder, {
      between: (layer, hidden) => (layer === 1 ? enhance(scope.at('enhancement'), hidden, features) : hidden),
    });
    const first = last.value.slice(1, 0, 1).reshape([2, 4]);
    const prediction = asPrediction(cenetHead(scope.at('head'), first, 1, 0), task);
    const loss = taskLoss(prediction, labels!, task, 'l1');
    return { prediction, losses: { task: loss }, diagnostics: {}, representations: {} };
  };
  const outcome = await runOneBatch(whole, { modalities: heard, labels: model!.labels });
  expect(goldenError(outcome, model!)).toBeLessThan(1e-9);
});

test('classification, of two modalities and of four, whatever text is called and whichever step the head reads', async () => {
  const four = [{ ...modalities[0]!, name: 'words' }, ...modalities.slice(1), { name: 'motion', time: 2, width: 2 }];
  const first = cenet.config.parse({ ...config, summary: 'first' });
  for (const some of [modalities.slice(0, 2), four]) {
    const task = { kind: 'classification', classes: 3 } as const;
    const given = { modalities: some, labels: [2, 0, 0, 2], task };
    const { prediction, losses } = await runOneBatch((scope, inputs) => cenet.build(scope, inputs, first), given);
    expect(prediction).toHaveLength(12);
    expect(Object.values(losses).every(Number.isFinite)).toBe(true);
  }
});

test('what cannot be built says why', async () => {
  const odd = cenet.config.parse({ ...config, heads: 3 });
  await expect(runOneBatch((scope, inputs) => cenet.build(scope, inputs, odd), batch)).rejects.toThrow(
    'model.heads (=3) must divide model.width (=4).',
  );
});
