import { describe, expect, test } from 'vitest';
import { random } from '../data/random.ts';
import { pairRatio } from './agreement.ts';
import { decouplingOf } from './decoupling.ts';
import { determination } from './determination.ts';
import { factorProbes } from './factor-probes.ts';
import { groupInterval } from './group-interval.ts';
import { linearProbe } from './linear-probe.ts';
import { partOf, type ModalityParts, type Part, type SplitPart } from './part.ts';
import { retrievalOf } from './retrieval.ts';
import { mapped, normals } from './testing.ts';

const samples = 400;
const width = 3;

const shared = normals('shared', width);
const own = { a: normals('a', width), b: normals('b', width) };
const decoupled: readonly ModalityParts[] = [
  { modality: 'a', unique: own.a, common: shared },
  { modality: 'b', unique: own.b, common: shared },
];

describe('parts that are decoupled', () => {
  test('have a score near 1', () => {
    const { score, agreement, leak, overlap } = decouplingOf(decoupled)();
    expect(agreement).toBe(1);
    expect(leak).toBeLessThan(0.02);
    expect(overlap).toBeLessThan(0.02);
    expect(score).toBeGreaterThan(0.96);
  });

  test('are found across modalities', () => {
    expect(retrievalOf(decoupled)()).toEqual({ at1: 1, at10: 1, chanceAt1: 1 / samples, chanceAt10: 10 / samples });
  });

  test('and constant ones as often as by lot', () => {
    const still = mapped(shared, () => [1, 0, 0]);
    const { at1, at10 } = retrievalOf(decoupled.map((part) => ({ ...part, common: still })))()!;
    expect(at1).toBeCloseTo(1 / samples, 12);
    expect(at10).toBeCloseTo(10 / samples, 12);
  });

  test('hold the factors that they are made of', () => {
    const factors = { common: shared, 'unique.a': own.a, 'unique.b': own.b };
    const found = factorProbes(decoupled, factors, (from, to) => linearProbe(from, to, { penalties: [1e-3] }));
    expect(found.commonShared).toBeGreaterThan(0.999);
    expect(found.uniqueOwn).toBeGreaterThan(0.999);
    expect(found.commonOwn).toBeLessThan(0.02);
    expect(found.uniqueShared).toBeLessThan(0.02);
  });
});

test('common features that are a rotation of unique ones leak whole', () => {
  const turned = mapped(shared, ([x, y, z]) => [y!, z!, x!]);
  const { leak, score } = decouplingOf([
    { modality: 'a', unique: turned, common: shared },
    { modality: 'b', unique: turned, common: shared },
  ])();
  expect(leak).toBeGreaterThan(0.999);
  expect(score).toBeLessThan(1e-3);
});

test('a leak in one direction alone is seen: what is unique holds what is common', () => {
  const both = (mine: SplitPart): SplitPart => ({
    train: partOf(
      samples,
      Float64Array.from(mine.train.data, (x, i) => (i % width === 0 ? shared.train.data[i]! : x)),
    ),
    test: partOf(
      samples,
      Float64Array.from(mine.test.data, (x, i) => (i % width === 0 ? shared.test.data[i]! : x)),
    ),
  });
  const narrow = mapped(shared, ([x]) => [x!]);
  const { leak, uniqueFromCommon, commonFromUnique } = decouplingOf([
    { modality: 'a', unique: both(own.a), common: narrow },
    { modality: 'b', unique: both(own.b), common: narrow },
  ])();
  expect(commonFromUnique).toBeGreaterThan(0.999);
  expect(uniqueFromCommon).toBeCloseTo(1 / 3, 1);
  expect(leak).toBe(Math.min(1, commonFromUnique!));
});

describe('the pair ratio', () => {
  test('is 1 of strangers, and 1/4 by hand', () => {
    expect(pairRatio(own.a.test, own.b.test)).toBeCloseTo(1, 1);
    // Matched distances 1 and 1; strangers 4 and 4: (1 + 1) / (4 + 4).
    expect(pairRatio(partOf(2, [0, 3]), partOf(2, [1, 2]))).toBe(1 / 4);
  });

  test('counts a sample that is drawn twice as no stranger of itself', () => {
    const twice = pairRatio(partOf(3, [0, 3, 9]), partOf(3, [1, 2, 9]), [2, 1, 0]);
    expect(twice).toBe(1 / 4);
  });
});

test('R² is what the noise leaves', () => {
  const noise = normals('noise', 1);
  const first = mapped(shared, ([x]) => [x!]);
  const sum = (part: Part, add: Part): Part =>
    partOf(
      samples,
      part.data.map((x, i) => x + add.data[i]!),
    );
  const noisy = { train: sum(first.train, noise.train), test: sum(first.test, noise.test) };
  const probed = linearProbe(shared, noisy, { penalties: [1e-3] })!;
  expect(determination(probed)).toBeCloseTo(0.5, 1);
  expect(determination(probed, new Float64Array(samples).fill(3))).toBeCloseTo(determination(probed)!, 12);
});

describe('what cannot be measured is absent', () => {
  test('constant features', () => {
    const still = mapped(shared, () => [0.1, 0.1, 0.1]);
    const found = decouplingOf(decoupled.map((part) => ({ ...part, common: still })))();
    expect(found.agreement).toBeUndefined();
    expect(found.score).toBeUndefined();
  });

  test('one modality whose features are constant', () => {
    const still = mapped(shared, () => [0.1, 0.1, 0.1]);
    const [a, b] = decoupled as [ModalityParts, ModalityParts];
    const found = decouplingOf([a, { ...b, common: still }])();
    expect(found.agreement).toBeUndefined();
    expect(found.score).toBeUndefined();
  });

  test('a common part of all modalities at once has no agreement', () => {
    expect(decouplingOf(decoupled, { shared: true })()).toMatchObject({ agreement: undefined, score: undefined });
  });

  test('samples without the modality, or whose numbers are not finite, are left out', () => {
    const data = shared.test.data.slice();
    data[0] = Number.NaN;
    const present = new Int32Array(samples).fill(1);
    present[1] = 0;
    const part = partOf(samples, data, present);
    expect([...part.known.subarray(0, 3)]).toEqual([0, 0, 1]);
    const [a, b] = decoupled as [ModalityParts, ModalityParts];
    const { score } = decouplingOf([{ ...a, common: { ...a.common, test: part } }, b])();
    expect(score).toBeGreaterThan(0.96);
  });

  test('one sample', () => {
    const one = { train: partOf(1, [1, 2]), test: partOf(1, [1, 2]) };
    const parts = ['a', 'b'].map((modality) => ({ modality, unique: one, common: one }));
    expect(decouplingOf(parts)()).toMatchObject({ score: undefined, leak: undefined });
  });
});

test('fewer samples than features give finite figures', () => {
  const wide = (name: string): SplitPart => {
    const stream = random(2, name);
    const part = (): Part =>
      partOf(
        8,
        Float64Array.from({ length: 8 * 20 }, () => stream.normal()),
      );
    return { train: part(), test: part() };
  };
  const parts = ['a', 'b'].map((modality) => ({
    modality,
    unique: wide(`u${modality}`),
    common: wide(`c${modality}`),
  }));
  expect(Number.isFinite(decouplingOf(parts)().score)).toBe(true);
});

test('an interval holds the figure, is the same each time, and needs two groups', () => {
  const groups = Array.from({ length: samples }, (_, n) => `video ${n % 20}`);
  const measure = decouplingOf(decoupled);
  const interval = (): ReturnType<typeof groupInterval> =>
    groupInterval(groups, (weights) => measure(weights).score, { resamples: 50 });
  const { low, high } = interval()!;
  expect(low).toBeLessThan(high);
  expect(high).toBeGreaterThan(0.95);
  expect(interval()).toEqual({ low, high });
  expect(
    groupInterval(
      groups.map(() => 'one'),
      () => 1,
    ),
  ).toBeUndefined();
});
