import { expect, it } from 'vitest';
import { synthetic } from '../data/datasets/synthetic.ts';
import type { Dataset, Task } from '../data/dataset.ts';
import { classNamesFor, labelsFor } from './labels.ts';

const made = synthetic({ samples: { train: 1, valid: 1, test: 3 } });
const held = (classes: string[], ...labels: number[]): Dataset => ({
  ...{ ...made, name: 'new.pkl', task: { kind: 'classification', classes } },
  splits: { test: { ...made.splits.test!, labels: Float32Array.from(labels) } },
});
const trained = (...classes: string[]): { task: Task } => ({ task: { kind: 'classification', classes } });

it.each<[string, string[], string[], number[], number[]]>([
  ['names in another order', ['sad', 'glad'], ['glad', 'sad'], [0, 1, 0], [1, 0, 1]],
  ['numbers of which the file lacks one', ['1', '3'], ['1', '2', '3'], [0, 1, 1], [0, 2, 2]],
  ['numbers from 1 of a run of before, which counted from 0', ['1', '2'], ['0', '1', '2'], [0, 1, 0], [1, 2, 1]],
  ['numbers where the run has names', ['0', '2'], ['happy', 'sad', 'angry'], [0, 1, 1], [0, 2, 2]],
  ['names where the run has numbers', ['happy', 'sad', 'angry'], ['0', '1', '2'], [2, 0, 1], [2, 0, 1]],
])('maps %s to the classes of the run', (_, classes, own, labels, expected) => {
  expect([...labelsFor(trained(...own), held(classes, ...labels), 'test')!]).toEqual(expected);
});

it('names a label that the run does not know, if a sample has it', () => {
  expect(() => labelsFor(trained('glad', 'sad'), held(['glad', 'angry'], 0, 0, 1), 'test')).toThrow(
    'new.pkl: split "test", row 2: label "angry" is none of the 2 classes that the model was trained on (glad, sad).',
  );
  expect(() => labelsFor(trained('happy', 'sad'), held(['1', '2'], 0, 1), 'test')).toThrow('row 1: label "2" is none');
  expect([...labelsFor(trained('glad', 'sad'), held(['glad', 'angry'], 0, 0), 'test')!]).toEqual([0, 0]);
});

it('names the classes of a file as the run does, and others as the file does', () => {
  expect(classNamesFor(trained('happy', 'sad'), held(['0', '1', '2']))).toEqual(['happy', 'sad', '2']);
  expect(classNamesFor(trained('1', '2', '3'), held(['3', '4']))).toEqual(['3', '4']);
});

it('keeps values, and labels that are missing', () => {
  expect(labelsFor({ task: made.task }, made, 'test')).toBe(made.splits.test!.labels);
  expect([...labelsFor(trained('a'), held(['a'], Number.NaN, 0), 'test')!]).toEqual([Number.NaN, 0]);
});

const several = (names: string[], ...labels: number[]): Dataset => ({
  ...{ ...made, name: 'new.pkl', task: { kind: 'multilabel', names } },
  splits: { test: { ...made.splits.test!, labels: Float32Array.from(labels) } },
});
const trainedOn = (...names: string[]): { task: Task } => ({ task: { kind: 'multilabel', names } });

it('puts several labels in the order of the run, by their names', () => {
  const dataset = several(['sad', 'glad', 'new'], 0, 1, 0, 1, Number.NaN, 0, 1, 1, 1);
  expect([...labelsFor(trainedOn('glad', 'sad'), dataset, 'test')!]).toEqual([1, 0, Number.NaN, 1, 1, 1]);
});

it('names several labels that the data lacks, and another task', () => {
  const dataset = several(['sad'], 0, 1, 1);
  expect(() => labelsFor(trainedOn('glad', 'sad'), dataset, 'test')).toThrow(
    'new.pkl lacks "glad" of the labels that the model was trained on; it has sad.',
  );
  expect(() => labelsFor({ task: made.task }, dataset, 'test')).toThrow(
    'The labels of new.pkl are of the task multilabel, and the model was trained for regression; predict needs no labels.',
  );
});
