import { describe, expect, it } from 'vitest';
import type { Dataset, Samples } from '../dataset.ts';
import { reportOf } from './report.ts';
import { findings, foldFindings, leakageFindings, trainingFindings } from './findings.ts';

const width = 3;
/** Rows of one step; different numbers everywhere unless given. */
let next = 0;
const row = (): number[] => Array.from({ length: width }, () => Math.sin((next += 1)));
const split = (
  ids: readonly string[],
  more: { rows?: number[][]; labels?: number[]; groups?: string[] } = {},
): Samples => {
  const { rows = ids.map(row), labels = ids.map((_, n) => n % 2), groups } = more;
  return {
    ids,
    features: { audio: { shape: [ids.length, 1, width], data: Float32Array.from(rows.flat()) } },
    lengths: { audio: new Int32Array(ids.length).fill(1) },
    labels: Float32Array.from(labels),
    ...(groups && { groups }),
  };
};
const emotions: Dataset['task'] = { kind: 'classification', classes: ['sad', 'glad'] };
const found = (
  splits: Dataset['splits'],
  { cleaned = 0, task = emotions }: { readonly cleaned?: number; readonly task?: Dataset['task'] } = {},
): string[] =>
  findings(
    reportOf({
      name: 'small',
      task,
      metrics: 'classification',
      modalities: [{ name: 'audio', time: 1, width, lengthSource: { kind: 'single-step' }, cleaned }],
      splits,
    }),
  );
const train = split(['a', 'b', 'c', 'd']);
const valid = split(['e', 'f']);
const test = split(['g', 'h']);

describe('findings', () => {
  it('are none for sound data', () => {
    expect(found({ train, valid, test })).toEqual([]);
  });

  it('tell leakage first: ids, features and groups in two splits', () => {
    const same = row();
    const leaking = split(['a', 'x', 'y'], { rows: [row(), same, row()], groups: ['v', 'v', 'w'] });
    const leaked = split(['a', 'z'], { rows: [row(), same], groups: ['u', 'w'] });
    const clean = split(['e', 'f'], { groups: ['s', 't'] });
    expect(found({ train: leaking, valid: clean, test: leaked })).toEqual([
      expect.stringMatching(/^1 id in more than one split \(a\): .*keep each in one split\.$/),
      expect.stringMatching(/^1 sample in more than one split by identical features \(train x = test z\): remove/),
      expect.stringMatching(/^1 group, .* in more than one split \(w in train and test\): .*by group with --folds\.$/),
    ]);
  });

  it('of folds tell what is in several of them, whatever its split, and of a fold for training nothing of that', () => {
    const same = row();
    const splits = {
      train: split(['v$_$1', 'v$_$2', 'w$_$1', 'w$_$2'], { rows: [same, row(), row(), row()] }),
      test: split(['x$_$1'], { rows: [same] }),
    };
    const dataset: Dataset = {
      ...{ name: 'small', task: emotions, metrics: 'classification', splits },
      modalities: [{ name: 'audio', time: 1, width, lengthSource: { kind: 'single-step' }, cleaned: 0 }],
    };
    const folds = (...of: number[]) => ({
      count: 3,
      byId: new Map(['v$_$1', 'v$_$2', 'w$_$1', 'w$_$2', 'x$_$1'].map((id, n) => [id, of[n]!])),
    });
    expect(foldFindings(dataset, folds(0, 0, 1, 1, 0))).toEqual([]);
    expect(foldFindings(dataset, folds(2, 0, 1, 1, 0))).toEqual([
      '1 sample in more than one fold by identical features (fold 3 v$_$1 = fold 1 x$_$1): remove the copies from one.',
      '1 group, such as a video or speaker, in more than one fold (v in folds 1, 3): a model may know them again; keep each in one, as --folds N does unless --group says otherwise.',
    ]);
    const leaking = { ...dataset, splits: { ...splits, valid: split(['v$_$3', 'v$_$3']) } };
    expect(leakageFindings(leaking)).toEqual([
      expect.stringMatching(/^1 sample in more than one split by identical features/),
      expect.stringMatching(/^1 group, .* in more than one split \(v in train and valid\)/),
      '1 id more than once in valid (v$_$3): give each sample its own.',
    ]);
    expect(trainingFindings(reportOf(leaking))).toEqual(leakageFindings(leaking));
    expect(trainingFindings(reportOf(leaking), { isFold: true })).toEqual(leakageFindings(leaking).slice(2));
  });

  it('stay in a line whatever ids hold', () => {
    const [told] = found({ train: split(['a\nWarning: b', 'c']), valid, test: split(['a\nWarning: b', 'd']) });
    expect(told).toMatch(/^1 id in more than one split \(a\\nWarning: b\): /);
  });

  it('tell copies within a split', () => {
    const same = row();
    const copied = split(['a', 'a', 'b', 'c'], { rows: [same, same, same, row()] });
    expect(found({ train: copied, valid, test })).toEqual([
      '1 id more than once in train (a): give each sample its own.',
      expect.stringMatching(/^2 samples of train with the same features as another \(train a = train a = train b\): /),
    ]);
  });

  it('tell columns that are constant, and values that were not finite', () => {
    const still = [row(), row(), row(), row()].map((others) => [5, ...others.slice(1)]);
    expect(found({ train: split(['a', 'b', 'c', 'd'], { rows: still }), valid, test }, { cleaned: 2 })).toEqual([
      'audio misses 2 numbers, NaN or infinite, for which the training mean stands: find out where they come from.',
      'audio has 1 of 3 features that never vary: they carry nothing; leave them out.',
    ]);
    const constant = ['a', 'b'].map(() => [1, 2, 3]);
    expect(found({ train: split(['a', 'b'], { rows: constant }), valid, test })).toContain(
      'audio never varies in the first split: leave it out by --modalities.',
    );
  });

  it('tell steps without anything in them', () => {
    const rows = [[0, 0, 0], row(), row(), row()];
    expect(found({ train: split(['a', 'b', 'c', 'd'], { rows }), valid, test })).toEqual([
      expect.stringMatching(/^audio is all zero in 13 % of its steps: /),
    ]);
  });

  it('tell of many the first few and how many more there are', () => {
    const five = ['a', 'b', 'c', 'd', 'e'];
    const rows = five.map(row);
    const twice = (order: number[]): Samples =>
      split(
        order.map((n) => five[n]!),
        { rows: order.map((n) => rows[n]!) },
      );
    const [ids, copies] = found({ train: twice([0, 1, 2, 3, 4]), valid, test: twice([0, 1, 2, 3, 4]) });
    expect(ids).toMatch(/^5 ids in more than one split \(\w, \w, \w, … 2 more\): /);
    expect(copies).toMatch(
      /^5 samples in more than one split by identical features \(train a = test a, train b = test b, … 3 more\): /,
    );
    const same = row();
    const many = split(five, { rows: five.map(() => same) });
    expect(found({ train: many, valid, test })).toContainEqual(
      expect.stringMatching(/^4 samples of train .* \(train a = train b = train c = … 2 more\): /),
    );
  });

  it('shorten names of more than 160 characters', () => {
    const [just, long] = ['x'.repeat(160), 'y'.repeat(161)];
    const [ids] = found({ train: split([just, long]), valid, test: split([just, long]) });
    expect(ids).toMatch(/ \(.*x{160},? ?.*\): /);
    expect(ids).toMatch(/[ (]y{160}…[,)]/);
  });

  it('tell a sample without an id of its own by its place', () => {
    const same = row();
    const nameless = split(['train-0', 'train-1'], { rows: [same, same] });
    expect(found({ train: nameless, valid, test })[0]).toMatch(/\(train-0 = train-1\)/);
  });

  it('tell a regression whose labels are all alike, and say nothing of one whose are not', () => {
    const task = { kind: 'regression', range: [-3, 3] } as const;
    const flat = split(['e', 'f'], { labels: [2, 2] });
    expect(found({ train, valid: flat, test }, { task })).toEqual([
      'valid has labels near 2 alone: there is nothing to predict; look at the label column.',
    ]);
    expect(found({ train, valid, test }, { task })).toEqual([]);
  });

  it('tell where numbers are missing, and which samples lack a modality', () => {
    const gaps = [row(), [1, NaN, NaN], row(), row(), row()];
    const given = split(['a', 'b', 'c', 'train-3', 'd'], { rows: gaps });
    given.lengths['audio']!.set([0, 0], 2);
    expect(found({ train: given, valid, test }, { cleaned: 2 })).toEqual([
      'audio misses 2 numbers, NaN or infinite (first in train row 1 "b"), for which the training mean stands: find out where they come from.',
      'audio is absent from 2 samples (train row 2 "c", train row 3): they are trained on and predicted without it.',
    ]);
  });

  it('tell one value that was not finite as one', () => {
    expect(found({ train, valid, test }, { cleaned: 1 })).toEqual([
      'audio misses 1 number, NaN or infinite, for which the training mean stands: find out where they come from.',
    ]);
  });

  it('tell a split and a class that are missing, and labels', () => {
    const { ids, features, lengths } = test;
    expect(found({ train, test: { ids, features, lengths } })).toEqual([
      expect.stringMatching(/^no split valid: /),
      expect.stringMatching(/^test has no labels: /),
    ]);
    expect(found({ train, valid: split(['e', 'f'], { labels: [0, 0] }), test })).toEqual([
      expect.stringMatching(/^valid has no sample of class glad: /),
    ]);
  });
});
