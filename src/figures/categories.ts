/** Figure 5 of the paper: how many samples of each class are right, by variant of a model, and how sure that is. */
import { wilson } from '../metrics/wilson.ts';
import { confusedOf, type Confused } from './confused.ts';
import { CannotShow, type Drawing } from './figure.ts';
import { coloured, mostSeries, shaped } from './series.ts';
import { rowsOfFigure, type Source } from './source.ts';

export interface CategoriesData {
  readonly runs: readonly string[];
  readonly categories: readonly {
    readonly name: string;
    /** How many test samples are of it. */
    readonly count: number;
    /** By run, the share that is right, a mean over seeds, with its 95 % interval over samples. */
    readonly shares: readonly { readonly accuracy: number; readonly low: number; readonly high: number }[];
  }[];
}

/** Variants of an ablation that Figure 5 shows. */
const ofFigure5 = ['full', 'without-heterogeneity', 'without-homogeneity', 'without-both'];

export async function readCategories(source: Source): Promise<CategoriesData> {
  const shown = rowsOfFigure(source, ofFigure5);
  if (shown.length > mostSeries)
    throw new CannotShow(`there are more than ${mostSeries} models, which are not told apart: name runs`);
  const confused: Confused[] = [];
  for (const each of shown) confused.push(await confusedOf(each, source));
  const { labels, seeds } = confused[0]!;
  if (confused.some((each) => each.labels.join() !== labels.join()))
    throw new CannotShow('the runs have different classes');
  const sizesOf = (matrix: Confused['seeds'][number]): readonly number[] =>
    matrix.map((row) => row.reduce((sum, n) => sum + n, 0));
  const sizes = sizesOf(seeds[0]!);
  if (confused.some((each) => sizesOf(each.seeds[0]!).join() !== sizes.join()))
    throw new CannotShow('the runs are of different test samples');
  return {
    runs: shown.map(({ name }) => name),
    categories: labels.flatMap((name, c) => {
      const count = sizes[c]!;
      if (count === 0) return [];
      const shares = confused.map((each) => {
        const hits = each.seeds.reduce((sum, matrix) => sum + matrix[c]![c]!, 0) / each.seeds.length;
        return { accuracy: hits / count, ...wilson(hits, count) };
      });
      return [{ name, count, shares }];
    }),
  };
}

export function categories({ runs, categories: all }: CategoriesData): Drawing {
  const names = all.map(({ name, count }) => `${name} (${count})`);
  const values = all.flatMap(({ shares }, c) =>
    shares.map((share, r) => ({ category: names[c]!, run: runs[r]!, ...share })),
  );
  const isWide = all.length * runs.length > 14;
  return {
    title: 'Accuracy by class',
    notes: [
      'Test split, means over seeds, with 95 % intervals (Wilson) over the samples of a class, whose number is in brackets.',
    ],
    description: `Accuracy by class. ${all.map(({ name, count, shares }) => `${name} (${count} samples): ${shares.map(({ accuracy }, r) => `${runs[r]!} ${accuracy.toFixed(2)}`).join(', ')}`).join('; ')}.`,
    columns: isWide ? 2 : 1,
    across: 1,
    spec: (width) => {
      const y = {
        ...{ type: 'quantitative', scale: { domain: [0, 1] } },
        axis: { title: 'accuracy', tickCount: 5 },
      } as const;
      return {
        ...{ width, height: 110 },
        data: { values },
        encoding: {
          x: {
            ...{ field: 'category', type: 'nominal', sort: names, scale: { paddingInner: 0.2, paddingOuter: 0.1 } },
            axis: { title: null, labelAngle: 0, labelLimit: 0, ticks: false },
          },
          xOffset: { field: 'run', type: 'nominal', sort: runs, scale: { paddingOuter: 0.5 } },
          ...coloured('run', runs),
        },
        layer: [
          { mark: { type: 'rule', strokeWidth: 0.8 }, encoding: { y: { field: 'low', ...y }, y2: { field: 'high' } } },
          { mark: { type: 'point', size: 22 }, encoding: { y: { field: 'accuracy', ...y }, ...shaped('run', runs) } },
        ],
      };
    },
  };
}
