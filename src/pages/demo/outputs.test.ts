import { describe, expect, test } from 'vitest';
import type { Task } from '../../data/task.ts';
import {
  changeText,
  labelText,
  mainOutput,
  outputsOf,
  predictedText,
  trueValue,
  valuesOf,
  valueText,
} from './outputs.ts';

const regression: Task = { kind: 'regression', range: [-3, 3] };
const classes: Task = { kind: 'classification', classes: ['no', 'yes'] };
const labels: Task = { kind: 'multilabel', names: ['joy', 'fear'] };
const targets: Task = { kind: 'multitarget', names: ['height', 'share'], ranges: [[0, 2000], [0, 0.02]] }; // prettier-ignore

describe('the outputs of a task', () => {
  test('have the scale of what can be, and their thresholds', () => {
    expect(outputsOf(regression)).toEqual([{ name: 'prediction', range: [-3, 3] }]);
    expect(outputsOf(classes).map(({ range }) => range)).toEqual([
      [0, 1],
      [0, 1],
    ]);
    expect(outputsOf(labels, [0.3, 0.7]).map(({ threshold }) => threshold)).toEqual([0.3, 0.7]);
    expect(outputsOf(targets)[1]).toEqual({ name: 'share', range: [0, 0.02] });
  });

  test('take their numbers of predictions by name', () => {
    expect(valuesOf(outputsOf(regression), { prediction: 0.5 })).toEqual([0.5]);
    const probabilities = { yes: 0.75, no: 0.25 };
    expect(valuesOf(outputsOf(classes), { prediction: 'yes', probabilities })).toEqual([0.25, 0.75]);
    expect(valuesOf(outputsOf(targets), { prediction: { share: 0.01, height: 900 } })).toEqual([900, 0.01]);
  });

  test('that are looked at first are the likeliest, or the first target', () => {
    expect(mainOutput(classes, [0.25, 0.75])).toBe(1);
    expect(mainOutput(targets, [1, 2])).toBe(0);
  });
});

describe('numbers in words', () => {
  test('have the digits that their scale tells apart', () => {
    expect(valueText(regression, outputsOf(regression)[0]!, -1.2345)).toBe('−1.23');
    const [height, share] = outputsOf(targets);
    expect(valueText(targets, height!, 1234.5)).toBe('1235');
    expect(valueText(targets, share!, 0.012345)).toBe('0.0123');
    expect(valueText(classes, outputsOf(classes)[0]!, 0.1234)).toBe('12.3\u00a0%');
  });

  test('changes have a sign, and none where they are nothing', () => {
    const [value] = outputsOf(regression);
    expect(changeText(regression, value!, 0.5)).toBe('+0.50');
    expect(changeText(regression, value!, -0.5)).toBe('−0.50');
    expect(changeText(regression, value!, 0.001)).toBe('±0.00');
    expect(changeText(regression, value!, -0.001)).toBe('±0.00');
    expect(changeText(classes, outputsOf(classes)[0]!, -0.118)).toBe('−11.8 points');
  });

  test('predictions and labels are named', () => {
    const outputs = outputsOf(labels);
    expect(
      predictedText(labels, outputs, { prediction: { joy: 1, fear: 0 }, probabilities: { joy: 1, fear: 0 } }),
    ).toBe('joy');
    expect(
      predictedText(labels, outputs, { prediction: { joy: 0, fear: 0 }, probabilities: { joy: 0, fear: 0 } }),
    ).toBe('none');
    expect(labelText(labels, outputs, { joy: null, fear: 1 })).toBe('fear');
    expect(labelText(targets, outputsOf(targets), { height: 1700, share: null })).toBe('height 1700');
    expect(predictedText(classes, outputsOf(classes), { prediction: 'yes' })).toBe('yes');
  });

  test('a true label says what is true of each output, as far as it is known', () => {
    const [joy, fear] = outputsOf(labels);
    expect(trueValue({ joy: null, fear: 1 }, joy!)).toBeUndefined();
    expect(trueValue({ joy: null, fear: 1 }, fear!)).toBe(1);
    expect(outputsOf(classes).map((output) => trueValue('yes', output))).toEqual([0, 1]);
    expect(trueValue(undefined, joy!)).toBeUndefined();
  });
});
