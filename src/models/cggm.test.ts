import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { evaluate, relativeError } from '../runtime/testing.ts';
import { constant, input } from '../tensor/index.ts';
import { Scope } from '../nn/index.ts';
import type { Network } from '../train/network.ts';
import { cggm, directionLoss, shares } from './cggm.ts';
import type { ModelTask } from './model.ts';
import { runOneBatch, type Numbers, type OneBatch } from './one-batch/testing.ts';
import { valuesFor, type Modality } from './testing.ts';

type Own = Readonly<Record<string, unknown>>;
const small = { width: 4, heads: 2, layers: 3, classifierLayers: 1 };
const build =
  (own: Own = {}): Network['build'] =>
  (scope, inputs) =>
    cggm.build(scope, inputs, cggm.config.parse({ ...small, ...own }));

const plain: Modality[] = [
  { name: 'text', time: 4, width: 3 },
  { name: 'audio', time: 1, width: 2 },
  { name: 'vision', time: 3, width: 4 },
];
const modalities: Modality[] = [
  { ...plain[0]!, lengths: [4, 2, 1, 3, 4, 1] },
  plain[1]!,
  { ...plain[2]!, lengths: [1, 3, 3, 2, 2, 3] },
];
const labels = [2.4, -1.2, 0.3, 2.1, -0.8, 0];
const batch: OneBatch = { modalities, labels };

interface Golden {
  readonly labels: readonly (readonly number[])[];
  readonly predictions: readonly (readonly number[])[];
  readonly accuracies: readonly (readonly number[])[];
  readonly cosines: readonly (readonly number[])[];
  readonly task: readonly number[];
  readonly classifiers: readonly number[];
  readonly direction: number;
  readonly directionGradient: Numbers;
  readonly gradients: readonly Numbers[];
}
const golden = JSON.parse(readFileSync('test/fixtures/models/cggm.json', 'utf8')) as Record<string, Golden>;
const tasks: Record<string, ModelTask> = {
  regression: { kind: 'regression' },
  classification: { kind: 'classification', classes: 4 },
};

describe('as the authors’ code, two steps after one another', () => {
  test.each(Object.keys(tasks))('%s', async (kind) => {
    const expected = golden[kind]!;
    let accuracies = [0, 0, 0];
    for (const step of [0, 1]) {
      const own = plain.map((m) => ({
        ...m,
        values: valuesFor(`features ${m.name}${step ? ' second' : ''}`, 6 * m.time * m.width, -2, 2),
      }));
      const given: OneBatch = { modalities: own, labels: expected.labels[step]!, task: tasks[kind]! };
      const states = { 'state.accuracies': accuracies };
      const authors = { direction: 'weights', limit: 1e12 };
      const got = await runOneBatch(build({ ...authors, lambda: 0 }), { ...given, states });
      expect(relativeError(got.prediction, expected.predictions[step]!)).toBeLessThan(1e-9);
      expect(relativeError(got.next['state.accuracies']!, expected.accuracies[step]!)).toBeLessThan(1e-9);
      expect(relativeError([got.losses['task']!], [expected.task[step]!])).toBeLessThan(1e-9);
      expect(relativeError([got.losses['classifiers']!], [expected.classifiers[step]!])).toBeLessThan(1e-9);
      const cosines = plain.map(({ name }) => got.diagnostics[`cosine.${name}`]!);
      expect(relativeError(cosines, expected.cosines[step]!)).toBeLessThan(1e-9);
      for (const [name, values] of Object.entries(expected.gradients[step]!)) {
        // The code modulates the encoders alone; here the projections before them are a part of them.
        const projection = /^projection\.(\w+)/.exec(name)?.[1];
        const factor = projection ? 1.3 * got.diagnostics[`coefficient.${projection}`]! : 1;
        const scaled = values.map((v) => v * factor);
        expect(relativeError(got.gradients[name]!, scaled), name).toBeLessThan(1e-7);
      }
      if (step === 0) {
        const whole = await runOneBatch(build(authors), { ...given, states });
        expect(relativeError([whole.losses['direction']!], [expected.direction])).toBeLessThan(1e-9);
        for (const [name, values] of Object.entries(expected.directionGradient)) {
          const difference = whole.gradients[name]!.map((g, i) => g - got.gradients[name]![i]!);
          expect(relativeError(difference, values), name).toBeLessThan(1e-7);
        }
      }
      accuracies = [...got.next['state.accuracies']!];
    }
  });
});

describe('the coefficients', () => {
  const of = async (changes: readonly number[], limit = 10): Promise<number[]> => {
    const list = shares(constant(changes, [changes.length], 'float64'), limit);
    const values = await evaluate(Object.fromEntries(list.map((x, i) => [String(i), x])));
    return changes.map((_, i) => values[String(i)]![0]!);
  };
  test('are the shares of the other modalities in all changes', async () => {
    const got = await of([0.1, 0.3, 0.2]);
    [5 / 6, 1 / 2, 2 / 3].forEach((x, i) => expect(got[i]).toBeCloseTo(x, 6));
  });
  test('are 1 where nothing changed, and stay within the limit where changes cancel', async () => {
    expect(await of([0, 0, 0])).toEqual([1, 1, 1]);
    expect(await of([0.5, -0.5], 3)).toEqual([-3, 3]);
  });
  test('weigh the cosines', async () => {
    const [cosines, weights] = [
      [0.5, -1],
      [2, -3],
    ].map((list) => list.map((x) => constant([x], [], 'float64')));
    const { loss } = await evaluate({ loss: directionLoss(cosines!, weights!) });
    expect(loss![0]).toBeCloseTo((2 - 2 * 0.5 + 3 + 3 * -1) / 2, 12);
  });
});

test('encoders take the gradient of the task times ρB, and what comes after them takes it as it is', async () => {
  const base = { ...batch, modalities: plain };
  const one = await runOneBatch(build({ lambda: 0 }), base);
  const two = await runOneBatch(build({ lambda: 0, rho: 2.6 }), base);
  for (const [name, values] of Object.entries(one.gradients)) {
    const factor = /^(encoder|projection)/.test(name) ? 2 : 1;
    expect(
      relativeError(
        two.gradients[name]!,
        values.map((g) => g * factor),
      ),
      name,
    ).toBeLessThan(1e-12);
  }
});

test('the direction of gradients is learned by what comes before the last layer, too', async () => {
  const [without, weights, gradients] = await Promise.all([
    runOneBatch(build({ lambda: 0 }), batch),
    runOneBatch(build({ direction: 'weights' }), batch),
    runOneBatch(build({ direction: 'gradients' }), batch),
  ]);
  expect(weights.gradients['fusion.norm.weight']).toEqual(without.gradients['fusion.norm.weight']);
  const changed = relativeError(gradients.gradients['fusion.norm.weight']!, without.gradients['fusion.norm.weight']!);
  expect(changed).toBeGreaterThan(1e-3);
});

test('what cannot be built says why', () => {
  const features = { text: { value: input('x', [2, 1, 2]) } };
  const inputs = { features, task: tasks['regression']! };
  expect(() => build()(new Scope(), inputs)).toThrow('CGGM needs at least two modalities, got text.');
  expect(() =>
    build({ heads: 3 })(new Scope(), { ...inputs, features: { ...features, audio: features.text } }),
  ).toThrow('model.heads (=3) must divide model.width (=4).');
});
