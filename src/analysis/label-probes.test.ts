import { describe, expect, test } from 'vitest';
import { labelParts, labelProbes } from './label-probes.ts';
import { mapped, normals } from './testing.ts';
import type { ModalityParts, SplitPart } from './part.ts';

const shared = normals('shared', 2);
const own = { a: normals('a', 2), b: normals('b', 2) };
const parts: readonly ModalityParts[] = [
  { modality: 'a', unique: own.a, common: shared },
  { modality: 'b', unique: own.b, common: shared },
];
const labelled = (from: SplitPart, change: (row: Float64Array) => readonly number[]): readonly SplitPart[] => {
  const { train, valid, test: held } = mapped(from, change);
  const floats = (part: SplitPart['train']): Float32Array => Float32Array.from(part.data);
  return labelParts({ train: floats(train), valid: floats(valid!), test: floats(held) }, train.columns);
};
const regression = { kind: 'regression', range: [-3, 3] } as const;
const classification = { kind: 'classification', classes: ['low', 'mid', 'high'] } as const;

describe('a label', () => {
  test('of the shared part is read from common features, and no constant tells it', () => {
    const { metric, ...found } = labelProbes(
      parts,
      labelled(shared, ([x, y]) => [x! + y!]),
      regression,
    );
    expect(metric).toBe('r2');
    expect(found.common).toBeGreaterThan(0.999);
    expect(found.both).toBeGreaterThan(0.999);
    expect(found.unique).toBeLessThan(0.02);
    expect(found.constant).toBeLessThanOrEqual(0);
    expect(found.constant).toBeGreaterThan(-0.02);
  });

  test('that is a class is read by its share, beside that of the largest class', () => {
    const classOf = ([x]: Float64Array): readonly number[] => [x! < -0.5 ? 0 : x! < 1 ? 1 : 2];
    const { metric, ...found } = labelProbes(parts, labelled(shared, classOf), classification);
    expect(metric).toBe('accuracy');
    expect(found.common).toBeGreaterThan(0.9);
    expect(found.unique).toBeCloseTo(found.constant!, 1);
    expect(found.constant).toBeCloseTo(0.53, 1);
  });

  test('of one modality alone is read from its unique features: the mean over both lies between', () => {
    const found = labelProbes(
      parts,
      labelled(own.a, ([x]) => [x!]),
      regression,
    );
    expect(found.unique).toBeCloseTo(0.5, 1);
    expect(found.common).toBeLessThan(0.02);
  });
});

test('several labels are read each by itself, on the samples that have it', () => {
  const holes = labelled(shared, ([x, y]) => [x! > 0 ? 1 : 0, y! > 1 ? Number.NaN : Number(y! > 0)]);
  const found = labelProbes(parts, holes, { kind: 'multilabel', names: ['first', 'second'] });
  expect(found.metric).toBe('accuracy');
  expect(found.common).toBeGreaterThan(0.95);
  expect(found.constant).toBeLessThan(0.7);
  const values = labelProbes(
    parts,
    labelled(shared, ([x, y]) => [x!, 1000 * y!]),
    {
      kind: 'multitarget',
      names: ['first', 'second'],
      ranges: [
        [-3, 3],
        [-3000, 3000],
      ],
    },
  );
  expect(values.metric).toBe('r2');
  expect(values.common).toBeGreaterThan(0.999);
});

test('labels that no test sample has leave nothing to measure', () => {
  const none = labelParts(
    { train: new Float32Array(400).fill(1), valid: undefined, test: new Float32Array(400).fill(Number.NaN) },
    1,
  );
  expect(labelProbes(parts, none, classification)).toEqual({
    ...{ metric: 'accuracy', common: undefined, unique: undefined, both: undefined, constant: undefined },
  });
});
