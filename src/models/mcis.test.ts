import { describe, expect, test } from 'vitest';
import { evaluate, relativeError } from '../runtime/testing.ts';
import { input, size } from '../tensor/index.ts';
import { Scope } from '../nn/index.ts';
import type { ModelTask } from './index.ts';
import { mcis } from './mcis.ts';
import { runOneBatch, withGarbage, type Build, type OneBatch } from './one-batch/testing.ts';
import { featuresOf, valuesFor, type Modality } from './testing.ts';

const config = mcis.config.parse({ width: 4, heads: 2, layers: 1 });
const build: Build = (scope, inputs) => mcis.build(scope, inputs, config);
const modalities: Modality[] = [
  { name: 'text', time: 4, width: 3, lengths: [4, 2, 1, 3] },
  { name: 'audio', time: 5, width: 2, lengths: [1, 5, 3, 2] },
  { name: 'vision', time: 1, width: 4 },
];
const batch: OneBatch = { modalities, labels: [2.4, 1.2, 3.3, -0.8] };

/** Predictions without labels, as after training, with the two weights. */
async function predict(
  given: readonly Modality[],
  [alpha, beta]: readonly [number, number],
  task: ModelTask = { kind: 'regression' },
): Promise<Record<string, number[]>> {
  const scope = new Scope({ dtype: 'float64' });
  const feeds: Record<string, readonly number[]> = {};
  const features = Object.fromEntries(
    given.map((m) => {
      const value = input(`features ${m.name}`, [4, m.time, m.width], 'float64');
      feeds[`features ${m.name}`] = featuresOf(m, 4);
      if (!m.lengths) return [m.name, { value }];
      feeds[`mask ${m.name}`] = m.lengths.flatMap((l) => Array.from({ length: m.time }, (_, t) => Number(t < l)));
      return [m.name, { value, mask: input(`mask ${m.name}`, [4, m.time], 'float64') }];
    }),
  );
  const { prediction, representations } = build(scope, { features, task });
  for (const [name, { value }] of scope.parameters) feeds[name] = valuesFor(name, size(value.shape));
  feeds['weights.label'] = [alpha];
  feeds['weights.context'] = [beta];
  return evaluate({ prediction, ...representations }, feeds);
}

const zeros = modalities.map((m) => ({ ...m, values: featuresOf(m, 4).map(() => 0) }));

describe('the prediction', () => {
  test('is the factual one less both counterfactuals', async () => {
    const plain = await predict(modalities, [0, 0]);
    const debiased = await predict(modalities, [0.5, -0.25]);
    const { 'prediction.label': label, 'prediction.context': context, 'prediction.factual': factual } = plain;
    expect(plain['prediction']).toEqual(factual);
    const expected = factual!.map((y, n) => y - 0.5 * label![n]! + 0.25 * context![n]!);
    expect(relativeError(debiased['prediction']!, expected)).toBeLessThan(1e-12);
  });

  test('the label counterfactual is the prediction of mean features', async () => {
    const { 'prediction.label': label } = await predict(modalities, [0, 0]);
    expect(relativeError((await predict(zeros, [0, 0]))['prediction']!, label!)).toBeLessThan(1e-12);
  });

  test('the context counterfactual sees no more than the least heeded steps of the text', async () => {
    const others = modalities.map((m, i) => (i === 0 ? m : zeros[i]!));
    const { 'prediction.context': context } = await predict(modalities, [0, 0]);
    // A single step cannot be heeded more than the mean: the text is all seen, and nothing else is.
    const single = (await predict(others, [0, 0]))['prediction']!;
    expect(context![2]).toBeCloseTo(single[2]!, 12);
    // Of several steps some are heeded more, so the whole text says something else.
    expect(Math.abs(context![0]! - single[0]!)).toBeGreaterThan(1e-6);
    expect(Math.abs(context![0]! - (await predict(zeros, [0, 0]))['prediction']![0]!)).toBeGreaterThan(1e-6);
  });

  test('with labels, as in training, it is the factual one', async () => {
    const { prediction } = await runOneBatch(build, batch);
    expect(relativeError(prediction, (await predict(modalities, [0, 0]))['prediction']!)).toBeLessThan(1e-12);
  });

  test('does not depend on padding', async () => {
    const [a, b] = [await predict(withGarbage(modalities, 4), [0.5, 0.5]), await predict(modalities, [0.5, 0.5])];
    expect(relativeError(a['prediction']!, b['prediction']!)).toBeLessThan(1e-12);
  });

  test('of classes, and of two modalities without text', async () => {
    const { prediction } = await predict(modalities.slice(1), [0.5, 0.5], { kind: 'classification', classes: 3 });
    expect(prediction).toHaveLength(12);
    expect(prediction!.every(Number.isFinite)).toBe(true);
  });
});

test('the weights are tried from 0 upwards', () => {
  const grid = mcis.chosenOnValidation?.(mcis.config.parse({ grid: { limit: 1, steps: 2 } }));
  expect(grid?.['weights.label']).toEqual([0, 0.5, 1]);
  expect(mcis.chosenOnValidation?.(mcis.config.parse({ grid: { limit: 0 } }))['weights.context']).toEqual([0]);
});
