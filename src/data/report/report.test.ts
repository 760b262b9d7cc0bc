import { describe, expect, it } from 'vitest';
import type { Dataset, Samples } from '../dataset.ts';
import { reportOf } from './report.ts';

const split = (ids: string[], data: number[], lengths: number[], labels?: number[]): Samples => ({
  ids,
  features: { text: { shape: [ids.length, 2, 2], data: Float32Array.from(data) } },
  lengths: { text: Int32Array.from(lengths) },
  ...(labels === undefined ? {} : { labels: Float32Array.from(labels) }),
});
const dataset: Dataset = {
  name: 'small',
  task: { kind: 'regression', range: [-3, 3] },
  metrics: 'mosi',
  modalities: [{ name: 'text', time: 2, width: 2, lengthSource: { kind: 'trailing-zeros' }, cleaned: 3 }],
  ignored: ['raw_text'],
  splits: {
    train: split(['a', 'b', 'a'], [1, 5, 3, 5, 2, 5, 0, 0, 2, 5, 0, 0], [2, 1, 1], [2.6, -2, -1.4]),
    test: split(['b'], [0, 0, 1, 1], [2]),
  },
};

describe('reportOf', () => {
  it('counts, measures and finds what is not sound', () => {
    expect(JSON.parse(JSON.stringify(reportOf(dataset)))).toEqual({
      name: 'small',
      task: { kind: 'regression', range: [-3, 3] },
      metrics: 'mosi',
      splits: {
        train: {
          samples: 3,
          labels: [
            { label: '-2', count: 1 },
            { label: '-1', count: 1 },
            { label: '3', count: 1 },
          ],
          duplicateIds: ['a'],
        },
        test: { samples: 1, duplicateIds: [] },
      },
      modalities: [
        {
          ...dataset.modalities[0],
          steps: 6,
          lengths: [1, 1, 1.5, 2, 2],
          min: 1,
          max: 5,
          mean: 3.5,
          std: expect.closeTo(Math.sqrt(14.75 - 12.25)) as number,
          constantFeatures: 1,
          zeroSteps: 1,
          missingIn: [],
          absent: 0,
          absentIn: [],
        },
      ],
      sharedIds: ['b'],
      identicalSamples: [
        [
          { split: 'train', row: 1, id: 'b' },
          { split: 'train', row: 2, id: 'a' },
        ],
      ],
      ignored: ['raw_text'],
    });
  });

  it('finds what is there twice', () => {
    const row = [1, 2, 3, 4];
    const train = split(['v$_$1', 'v$_$2'], [...row, 5, 6, 7, 8], [2, 2]);
    const described = reportOf({ ...dataset, splits: { train, test: split(['v$_$3'], row, [2]) } });
    expect(described.identicalSamples).toEqual([
      [
        { split: 'train', row: 0, id: 'v$_$1' },
        { split: 'test', row: 0, id: 'v$_$3' },
      ],
    ]);
    expect(described.sharedGroups).toEqual([{ group: 'v', splits: ['train', 'test'] }]);
  });

  it('visits every step once, of samples that are read some at a time', () => {
    const width = 2 ** 17;
    const wide: Samples = {
      ids: ['a', 'b', 'c', 'd', 'e'],
      features: { text: { shape: [5, 1, width], read: (into) => into.fill(2) } },
      lengths: { text: new Int32Array(5).fill(1) },
    };
    const modalities = [{ ...dataset.modalities[0]!, time: 1, width }];
    const [text] = reportOf({ ...dataset, modalities, splits: { train: wide } }).modalities;
    expect(text).toMatchObject({ steps: 5, mean: 2, std: 0, zeroSteps: 0 });
  });

  it('counts labels that are there', () => {
    const samples = { ids: ['a', 'b', 'c'], features: {}, lengths: {}, labels: Float32Array.of(1, Number.NaN, 1) };
    const dataset = { name: 'some', metrics: 'regression', modalities: [], splits: { train: samples } } as const;
    expect(reportOf({ ...dataset, task: { kind: 'regression', range: [0, 1] } }).splits.train).toMatchObject({
      samples: 3,
      labels: [{ label: '1', count: 2 }],
    });
  });

  it('names classes', () => {
    const task = { kind: 'classification', classes: ['sad', 'glad'] } as const;
    const labelled = split(['a', 'b'], new Array<number>(8).fill(1), [2, 2], [1, 1]);
    expect(reportOf({ ...dataset, task, splits: { train: labelled } }).splits.train!.labels).toEqual([
      { label: 'glad', count: 2 },
    ]);
  });
});
