import { describe, expect, test } from 'vitest';
import { planMeasures } from './transport-plan.ts';

const even = Float64Array.of(1 / 2, 1 / 2);
const two = { text: even, audio: even };

describe('a transport plan', () => {
  test('that sends each prototype to one of its own has all information', () => {
    expect(planMeasures(Float64Array.of(0.5, 0, 0, 0.5), two).information).toBeCloseTo(1, 12);
  });

  test('that sends each to all alike has none', () => {
    expect(planMeasures(Float64Array.of(0.25, 0.25, 0.25, 0.25), two).information).toBe(0);
  });

  test('in between, by hand, and whatever its mass', () => {
    // log 2 + 2 (0.4 log 0.4 + 0.1 log 0.1), over log 2
    const share = (Math.log(2) * 2 + 2 * (0.4 * Math.log(0.4) + 0.1 * Math.log(0.1))) / Math.log(2);
    expect(planMeasures(Float64Array.of(0.4, 0.1, 0.1, 0.4), two).information).toBeCloseTo(share, 12);
    expect(planMeasures(Float64Array.of(4, 1, 1, 4), two).information).toBeCloseTo(share, 12);
  });

  test('of three modalities is the mean over pairs', () => {
    // text and audio are matched, vision has its own way.
    const plan = Float64Array.of(0.25, 0.25, 0, 0, 0, 0, 0.25, 0.25);
    expect(planMeasures(plan, { ...two, vision: even }).information).toBeCloseTo(1 / 3, 12);
  });
});

test('effective prototypes: all where they are as large, fewer where some have no samples', () => {
  const masses = { text: Float64Array.of(1 / 3, 1 / 3, 1 / 3, 0), audio: Float64Array.of(1, 0) };
  const { prototypes, information } = planMeasures(Float64Array.of(1, 0, 1, 0, 1, 0, 0, 0), masses);
  expect(prototypes[0]).toMatchObject({ modality: 'text', count: 4 });
  expect(prototypes[0]!.effective).toBeCloseTo(3, 12);
  expect(prototypes[1]).toEqual({ modality: 'audio', count: 2, effective: 1 });
  expect(information).toBeUndefined();
});
