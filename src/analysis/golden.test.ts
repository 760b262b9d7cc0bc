/** Numbers of NumPy, SciPy and scikit-learn (test/fixtures/analysis/make.py). */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { dependence } from './dependence.ts';
import { determination, type Probed } from './determination.ts';
import { kernelProbe } from './kernel-probe.ts';
import { linearProbe } from './linear-probe.ts';
import { logistic } from './logistic.ts';
import { modalityGap } from './modality-gap.ts';
import { partOf, type Part, type SplitPart } from './part.ts';

const rows = z.array(z.array(z.number()));
const samples = z.object({ x: rows, y: rows });
const golden = z
  .object({
    probes: z.object({
      ...{ penalty: z.number(), train: samples, test: samples },
      ...{ linear: rows, linear_r2: z.number(), kernel: rows, kernel_r2: z.number() },
    }),
    logistic: z.object({
      ...{ penalty: z.number(), x: rows, labels: z.array(z.number()), weights: rows, intercepts: z.array(z.number()) },
    }),
    hsic: z.object({ u: rows, c: rows, hsic: z.number() }),
    gap: z.object({ a: rows, b: rows, centroids: z.number(), moments: z.number(), mmd: z.number() }),
  })
  .parse(JSON.parse(readFileSync(new URL('../../test/fixtures/analysis/golden.json', import.meta.url), 'utf8')));

const part = (of: readonly (readonly number[])[]): Part => partOf(of.length, of.flat());
const onlyTest = (of: readonly (readonly number[])[]): SplitPart => ({ train: part(of), test: part(of) });
/** max |found − expected| / max |expected|, as the script has it. */
function expectClose(found: ArrayLike<number>, expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  const far = Math.max(...expected.map((value, i) => Math.abs(found[i]! - value)));
  expect(far / Math.max(...expected.map(Math.abs))).toBeLessThan(1e-9);
}

describe('probes', () => {
  const { penalty, train, test: held, ...expected } = golden.probes;
  const [x, y] = (['x', 'y'] as const).map((name) => ({ train: part(train[name]), test: part(held[name]) })) as [
    SplitPart,
    SplitPart,
  ];
  test.each([
    ['linear', linearProbe, expected.linear, expected.linear_r2],
    ['kernel', kernelProbe, expected.kernel, expected.kernel_r2],
  ] as const)('%s', (_, probe, predictions, r2) => {
    const found: Probed = probe(x, y, { penalties: [penalty] })!;
    expectClose(found.predicted.data, predictions.flat());
    expectClose([determination(found)!], [r2]);
  });
});

test('logistic regression', () => {
  const { penalty, x, labels, weights, intercepts } = golden.logistic;
  const { rows: classes, columns, data } = logistic(part(x), labels, 3, { penalty, tolerance: 1e-13, steps: 500 });
  const found = Array.from({ length: classes }, (_, c) => [...data.subarray(c * columns, (c + 1) * columns)]);
  expectClose(
    found.flatMap((row) => row.slice(0, -1)),
    weights.flat(),
  );
  const mean = found.reduce((sum, row) => sum + row.at(-1)! / classes, 0);
  expectClose(
    found.map((row) => row.at(-1)! - mean),
    intercepts,
  );
});

test('normalised HSIC', () => {
  const { u, c, hsic } = golden.hsic;
  expectClose([dependence(part(u), part(c))!.hsic], [hsic]);
});

test('the gap between modalities', () => {
  const { a, b, ...expected } = golden.gap;
  const found = modalityGap(
    [a, b].map((common, m) => ({ modality: String(m), unique: onlyTest(common), common: onlyTest(common) })),
  )!;
  for (const name of ['centroids', 'moments', 'mmd'] as const) expectClose([found[name].value], [expected[name]]);
});
