/** The numbers of the authors' metric code and of scikit-learn, to 4 digits. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { evaluate } from '../../src/metrics/metric.ts';
import type { MetricKind } from '../../src/metrics/metric.ts';

interface Golden {
  readonly kind: 'mosi-regression' | 'sims-regression' | 'classification';
  readonly truth: readonly number[];
  readonly prediction?: readonly number[];
  readonly logits?: readonly (readonly number[])[];
  readonly classes?: number;
  /** Under the authors' names, rounded to 4 digits. */
  readonly authors?: Readonly<Record<string, number>>;
  readonly extra?: Readonly<Record<string, number>>;
  readonly sklearn?: Readonly<Record<string, number>>;
}

const ours: Readonly<Record<string, string>> = {
  Acc_2: 'acc2',
  Acc_7: 'acc7',
  F1_score: 'f1',
  MAE: 'mae',
  Corr: 'corr',
  Mult_acc_2: 'acc2',
  Mult_acc_3: 'acc3',
  Mult_acc_5: 'acc5',
};

const kinds: Readonly<Record<Golden['kind'], MetricKind>> = {
  'mosi-regression': 'mosi',
  'sims-regression': 'sims',
  classification: 'classification',
};

const file = new URL('../fixtures/metrics/golden.json', import.meta.url);
const cases = Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, Golden>);

test.each(cases)('metrics of %s', (_name, golden) => {
  const prediction = Float32Array.from(golden.prediction ?? golden.logits!.flat());
  const classes = Array.from({ length: golden.classes ?? 0 }, (_, c) => `class ${c}`);
  const found = evaluate(kinds[golden.kind], prediction, Float32Array.from(golden.truth), classes);

  const expected = Object.entries({ ...golden.authors, ...golden.extra, ...golden.sklearn });
  expect(expected.length).toBeGreaterThanOrEqual(4);
  for (const [name, value] of expected) {
    // Half a unit of the fourth digit, and the rounding of a mean in float32.
    expect(Math.abs(found[ours[name] ?? name]! - value), name).toBeLessThan(0.5e-4 + 1e-6);
  }
});
