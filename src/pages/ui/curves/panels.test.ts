import { expect, test } from 'vitest';
import type { RunSeries, SeriesColumn } from '../../../server/ui/api/routes.ts';
import type { Epochs } from './epochs.ts';
import { isKnownIn, isPositive, linesOf, marksOf, panelTable, panelsFound, panelsOf } from './panels.ts';

const column = (kind: SeriesColumn['kind'], name: string, values: readonly (number | null)[]): SeriesColumn => ({
  ...{ kind, name, label: name.toUpperCase(), values },
});
const run = (columns: readonly SeriesColumn[], more: Partial<RunSeries> = {}): RunSeries => ({
  ...{ run: 'a', from: 0, epochs: [1, 2], stages: [], chosen: 'mae', columns },
  ...more,
});
const loss = run([
  ...[column('loss', 'task', [2, 1]), column('loss', 'total', [3, -1]), column('rate', 'learning_rate', [0.1, 0.1])],
  ...[
    column('metric', 'corr', [0.1, 0.2]),
    column('metric', 'mae', [1, 0.5]),
    column('diagnostic', 'empty', [null, null]),
  ],
]);
const shown = [{ name: 'a', look: 0, runs: [loss] }];

test('the metric that chooses comes first, then the others, and the sum before its terms', () => {
  expect(panelsOf(shown).map(({ name }) => name)).toEqual(['mae', 'corr', 'total', 'task', 'learning_rate']);
});

test.each([
  ['', ['mae', 'corr', 'total', 'task', 'learning_rate']],
  ['CORR ', ['corr']],
  ['rate  learning', ['learning_rate']],
  ['named', ['task']],
  ['loss', ['total', 'task']],
  ['mae corr', []],
])('what is found by %j', (text, names) => {
  const [task, ...others] = loss.columns;
  const named = run([...others, { ...task!, label: 'Named otherwise' }]);
  const panels = panelsOf([{ name: 'a', look: 0, runs: [named] }]);
  expect(panelsFound(panels, text).map(({ name }) => name)).toEqual(names);
});

test('runs of a group are a mean with its band, which the table has too', () => {
  const group = [
    { name: 'g', look: 2, runs: [run([column('metric', 'mae', [1, 3])]), run([column('metric', 'mae', [3, 4])])] },
  ];
  const [panel] = panelsOf(group);
  expect(linesOf(panel!, 0)).toEqual([{ name: 'g', look: 2, x: [1, 2], y: [2, 3.5], low: [1, 3], high: [3, 4] }]);
  expect(panelTable(panel!)).toEqual({
    columns: ['epoch', 'g', 'g (lowest)', 'g (highest)'],
    rows: [
      [1, 2, 1, 3],
      [2, 3.5, 3, 4],
    ],
  });
});

test('of a part of the epochs the table lists these alone, and there may be nothing', () => {
  const [panel] = panelsOf([{ name: 'a', look: 0, runs: [run([column('loss', 'task', [null, 3])])] }]);
  expect(panelTable(panel!, [2, 5])).toEqual({
    columns: ['epoch', 'a'],
    rows: [[2, 3]],
    note: 'Epochs 2 to 5 alone.',
  });
  const ranges: readonly (Epochs | undefined)[] = [undefined, [1, 2], [0, 1], [3, 9]];
  expect(ranges.map((range) => isKnownIn(panel!, range))).toEqual([...[true, true, false, false]]);
});

test('a smoothed line lies over itself', () => {
  const [panel] = panelsOf(shown);
  expect(linesOf(panel!, 0.5)).toEqual([
    { name: 'a', look: 0, x: [1, 2], y: [1, 0.5], isFaint: true },
    { name: 'a', look: 0, x: [1, 2], y: [1, expect.closeTo(2 / 3)] },
  ]);
});

test('an axis by powers of ten needs figures above 0', () => {
  expect(
    panelsOf(shown)
      .filter(isPositive)
      .map(({ name }) => name),
  ).toEqual(['mae', 'corr', 'task', 'learning_rate']);
});

test('stages are marked once, and the best epoch of a single run', () => {
  const stages = [{ name: 'pretraining', last: 3 }];
  const [a, b] = [run([], { stages, bestEpoch: 9 }), run([], { stages, bestEpoch: 8 })];
  expect(marksOf([{ name: 'a', look: 0, runs: [a] }])).toEqual([
    { x: 3.5, word: 'end of pretraining' },
    { x: 9, word: 'best' },
  ]);
  expect(marksOf([{ name: 'a', look: 0, runs: [a, b] }])).toEqual([{ x: 3.5, word: 'end of pretraining' }]);
});
