import { expect, test } from 'vitest';
import { determination } from './determination.ts';
import { kernelProbe } from './kernel-probe.ts';
import { linearProbe } from './linear-probe.ts';
import { mapped, normals } from './testing.ts';
import { beside, type SplitPart } from './part.ts';

const x = normals('x', 2);
const strong: { readonly penalties: readonly number[] } = { penalties: [0.01] };
const r2 = (probe: typeof kernelProbe, from: SplitPart, to: SplitPart): number => determination(probe(from, to)!)!;
const linear: typeof kernelProbe = (from, to) => linearProbe(from, to, strong);

test('what hides behind a curve is found, and a linear probe does not see it', () => {
  const product = mapped(x, ([a, b]) => [a! * b!]);
  expect(r2(linear, x, product)).toBeLessThan(0.05);
  expect(r2(kernelProbe, x, product)).toBeGreaterThan(0.9);
});

test('what is not there is not found: validation chooses a penalty that predicts about the mean', () => {
  const noise = normals('noise', 1);
  expect(r2(kernelProbe, x, noise)).toBeGreaterThan(-0.02);
  expect(r2(kernelProbe, x, noise)).toBeLessThan(0.05);
  const weak = determination(kernelProbe(x, noise, strong)!)!;
  expect(weak).toBeLessThan(r2(kernelProbe, x, noise));
});

test('each target has its own penalty', () => {
  const both = mapped(x, ([a, b]) => [a! * b!]);
  const noise = normals('noise', 1);
  const together = kernelProbe(x, beside(both, noise))!;
  const of = (column: number): number => determination({ ...together, varying: [column] })!;
  expect(of(0)).toBeCloseTo(r2(kernelProbe, x, both), 12);
  expect(of(1)).toBeCloseTo(r2(kernelProbe, x, noise), 12);
});

test('without a validation split the middle penalty is taken', () => {
  const without = { train: x.train, test: x.test };
  const y = mapped(x, ([a]) => [a! ** 2]);
  expect(kernelProbe(without, y)).toEqual(kernelProbe(without, y, { penalties: [0.3] }));
});

test('samples that are alike have no distance to go by', () => {
  const still = mapped(x, () => [1, 2]);
  expect(kernelProbe(still, x)).toBeUndefined();
});

test('more samples than it is bounded to are taken evenly', () => {
  const y = mapped(x, ([a]) => [a!]);
  const some = determination(kernelProbe(x, y, { penalties: [0.01], most: 50 })!)!;
  expect(some).toBeLessThan(r2(kernelProbe, x, y));
  expect(some).toBeGreaterThan(0.8);
});
