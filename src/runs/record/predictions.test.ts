import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { joined, linesOf, predictionLines, readPredictions, writePredictions } from './predictions.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'decalign-predictions-'));
afterAll(() => rmSync(directory, { recursive: true }));
const file = path.join(directory, 'predictions.jsonl');
beforeEach(() => rmSync(file, { force: true }));

const regression = { kind: 'regression', range: [-3, 3] } as const;
const moods = { kind: 'classification', classes: ['sad', '7', 'happy'] } as const;
const prediction = Float32Array.of(0.1, -2.5);
const samples = { ids: ['a', 'b'], labels: Float32Array.of(0.3, NaN), groups: ['one', 'two'] };

describe('values', () => {
  const lines = [
    ...predictionLines(regression, { samples: { ids: ['v'] }, prediction: Float32Array.of(1), split: 'valid' }),
    ...predictionLines(regression, { samples, prediction, split: 'test', fold: 2 }),
  ];

  test('stand beside the label, where it is known, and the group, where there are any', () => {
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { split: 'valid', id: 'v', prediction: 1 },
      { split: 'test', fold: 2, id: 'a', group: 'one', label: Math.fround(0.3), prediction: Math.fround(0.1) },
      { split: 'test', fold: 2, id: 'b', group: 'two', prediction: -2.5 },
    ]);
  });

  test('are read by split, to the bit', () => {
    writePredictions(directory, lines);
    expect(readPredictions(directory)).toEqual({
      ...{ ids: ['a', 'b'], groups: ['one', 'two'], labels: [...samples.labels], values: [...prediction] },
    });
    expect(readPredictions(directory, { split: 'valid' })).toEqual({ ids: ['v'], labels: [NaN], values: [1] });
    expect(readPredictions(directory, { split: 'train' })).toEqual({ ids: [], labels: [], values: [] });
    expect(linesOf(directory, 'test')).toEqual(lines.slice(1));
  });
});

describe('classes', () => {
  const logits = Float32Array.of(0, Math.log(3), -100, 2, 1, 2.0000002);
  const lines = predictionLines(moods, {
    ...{ samples: { ids: ['a', 'b'], labels: Float32Array.of(2, 0) }, prediction: logits, split: 'test' },
  });

  test('stand by their names, with the probability of each', () => {
    const [first] = lines.map((line) => JSON.parse(line) as { probabilities: Record<string, number> });
    expect(first).toMatchObject({ id: 'a', label: 'happy', prediction: '7' });
    expect(first!.probabilities['sad']).toBeCloseTo(0.25, 6);
    expect(first!.probabilities['7']).toBeCloseTo(0.75, 6);
  });

  test('are read in any order that is asked for', () => {
    writePredictions(directory, lines);
    const { labels, values } = readPredictions(directory, { classes: ['happy', 'sad', '7'] });
    expect(labels).toEqual([0, 1]);
    expect(values.slice(0, 3)).toEqual([expect.closeTo(0, 6), expect.closeTo(0.25, 6), expect.closeTo(0.75, 6)]);
  });

  test('logits that differ in their last bit keep the largest the largest', () => {
    writePredictions(directory, lines);
    const [sad, , happy] = readPredictions(directory, moods).values.slice(3);
    expect(happy).toBeGreaterThan(sad!);
    expect(JSON.parse(lines[1]!)).toMatchObject({ prediction: 'happy' });
  });

  test('scores that are no logits give no probabilities', () => {
    const scored = predictionLines(moods, { samples: { ids: ['a', 'b'] }, prediction: logits, scores: true });
    expect(JSON.parse(scored[0]!)).toEqual({ id: 'a', prediction: '7' });
    writePredictions(directory, scored);
    expect(readPredictions(directory, moods).values).toEqual([0, 1, 0, 0, 0, 1]);
  });

  test('labels may go by other names', () => {
    const [line] = predictionLines(moods, {
      ...{ samples: { ids: ['a'], labels: Float32Array.of(1) }, prediction: logits.subarray(0, 3) },
      labelNames: ['7', 'happy'],
    });
    expect(JSON.parse(line!)).toMatchObject({ label: 'happy' });
  });

  test.each(['__proto__', 'constructor'])('may be called %s, as every object has a member', (name) => {
    const named = { kind: 'classification', classes: ['calm', name] } as const;
    const predicted = {
      samples: { ids: ['a'], labels: Float32Array.of(1) },
      prediction: Float32Array.of(0, Math.log(3)),
    };
    writePredictions(directory, predictionLines(named, predicted));
    const { labels, values } = readPredictions(directory, named);
    expect(labels).toEqual([1]);
    expect(values).toEqual([expect.closeTo(0.25, 6), expect.closeTo(0.75, 6)]);
    // A line may lack the probability of a class that was left out.
    writeFileSync(file, '{"id":"a","label":"calm","prediction":"calm","probabilities":{"calm":1}}\n');
    expect(readPredictions(directory, named).values).toEqual([1, 0]);
  });

  test('of another name are refused', () => {
    writePredictions(directory, lines);
    expect(() => readPredictions(directory, { classes: ['sad', 'angry'] })).toThrow(
      `${file} has a class "happy", which is none of sad, angry.`,
    );
  });
});

test('those of a benchmark of before, which had the test split alone and logits of classes, are read', () => {
  writeFileSync(file, '{"id":"a","label":1,"prediction":[0.5,2]}\n{"id":"b","label":0,"prediction":[0.5,-2]}\n');
  expect(readPredictions(directory)).toEqual({ ids: ['a', 'b'], labels: [1, 0], values: [0.5, 2, 0.5, -2] });
  writeFileSync(file, '{"id":"a","label":1.5,"prediction":0.25}\n');
  expect(readPredictions(directory)).toEqual({ ids: ['a'], labels: [1.5], values: [0.25] });
});

test('a value that is not finite is read as none', () => {
  writePredictions(directory, predictionLines(regression, { samples, prediction: Float32Array.of(NaN, 1) }));
  expect(readPredictions(directory).values).toEqual([NaN, 1]);
});

test('a line that is none is told with its place', () => {
  writeFileSync(file, '{"id":"a","prediction":1}\n{"id":"a","pre');
  expect(() => readPredictions(directory)).toThrow(`${file}, line 2: this is no prediction;`);
  writeFileSync(file, '{"id":"a","prediction":{"x":1},"probabilities":{"x":3.5}}\n');
  expect(() => readPredictions(directory, { classes: ['x'] })).toThrow(`${file}, line 1: this is no prediction;`);
});

test('parts are joined; groups only where all have them', () => {
  const part = { ids: ['a'], groups: ['g'], labels: [1], values: [2] };
  expect(joined([part, part])).toEqual({ ids: ['a', 'a'], groups: ['g', 'g'], labels: [1, 1], values: [2, 2] });
  expect(joined([part, { ids: ['b'], labels: [3], values: [4] }])).not.toHaveProperty('groups');
});

test('the file ends with a line break', () => {
  writePredictions(directory, predictionLines(regression, { samples, prediction }));
  expect(readFileSync(file, 'utf8')).toMatch(/[^\n]\n$/);
});

describe('several labels', () => {
  const feelings = { kind: 'multilabel', names: ['joy', 'fear'] } as const;
  const some = { ids: ['a', 'b'], labels: Float32Array.of(1, NaN, 0, 1) };
  const logits = Float32Array.of(Math.log(3), -1, -2, Math.log(0.25));
  const lines = predictionLines(feelings, {
    ...{ samples: some, prediction: logits, split: 'test', thresholds: [0.8, 0.1] },
  });

  test('stand by their names: null where a sample lacks one, 1 where the probability is above the threshold', () => {
    expect(JSON.parse(lines[0]!)).toEqual({
      ...{ split: 'test', id: 'a', label: { joy: 1, fear: null }, prediction: { joy: 0, fear: 1 } },
      probabilities: { joy: expect.closeTo(0.75, 6) as number, fear: expect.closeTo(0.2689, 4) as number },
      thresholds: { joy: 0.8, fear: 0.1 },
    });
  });

  test('are read in the order that is asked for, as logits above 0 where one is predicted', () => {
    writePredictions(directory, lines);
    const { labels, values } = readPredictions(directory, { classes: ['fear', 'joy'] });
    expect(labels).toEqual([NaN, 1, 1, 0]);
    const [above, below] = [Math.log(0.1 / 0.9), Math.log(0.8 / 0.2)];
    for (const [i, wanted] of [-1 - above, Math.log(3) - below, Math.log(0.25) - above, -2 - below].entries())
      expect(values[i]).toBeCloseTo(wanted, 5);
    expect(() => readPredictions(directory, { classes: ['anger'] })).toThrow(
      `${file} has no label "anger"; it has joy, fear.`,
    );
  });

  test('may be called as every object has a member', () => {
    const named = { kind: 'multilabel', names: ['__proto__', 'constructor'] } as const;
    writePredictions(directory, predictionLines(named, { samples: some, prediction: logits, split: 'test' }));
    const { labels, values } = readPredictions(directory, { classes: named.names });
    expect(labels).toEqual([1, NaN, 0, 1]);
    for (const [i, logit] of logits.entries()) expect(values[i]).toBeCloseTo(logit, 5);
  });

  test('of a reference have scores, above 0 where one is predicted, and no probabilities', () => {
    writePredictions(directory, predictionLines(feelings, { samples: some, prediction: logits, scores: true }));
    expect(JSON.parse(readFileSync(file, 'utf8').split('\n')[0]!)).not.toHaveProperty('probabilities');
    expect(readPredictions(directory, { classes: feelings.names }).values).toEqual([...logits]);
  });

  test('that are values are kept to the bit', () => {
    const axes = {
      kind: 'multitarget',
      names: ['x', 'y'],
      ranges: [
        [0, 1],
        [0, 9],
      ],
    } as const;
    writePredictions(directory, predictionLines(axes, { samples: some, prediction: logits }));
    expect(readPredictions(directory, { classes: axes.names })).toMatchObject({
      ...{ labels: [1, NaN, 0, 1], values: [...logits] },
    });
    // Of samples without labels each lacks all.
    writePredictions(directory, predictionLines(axes, { samples: { ids: ['a', 'b'] }, prediction: logits }));
    expect(readPredictions(directory, { classes: axes.names }).labels).toEqual([NaN, NaN, NaN, NaN]);
  });
});
