import { describe, expect, test } from 'vitest';
import { ablationEntries } from './ablation.ts';
import { configOf } from './benchmark/entries.ts';
import { reportedFor, reportedOn } from './reported.ts';

const data = [{ source: 'mosi.pkl' }];
const none = { set: [], options: [] } as const;
const named = (set: readonly string[], recipe = 'paper'): ReturnType<typeof ablationEntries> =>
  ablationEntries({ recipe, tables: [3, 4], given: { ...none, set: set.map((pair) => ({ pair })) }, data });
const names = ({ entries }: ReturnType<typeof ablationEntries>): unknown[] =>
  entries.map(({ variant }) => variant?.name ?? 'full');

describe('the rows', () => {
  test('are those of Tables 3 and 4, and the full model last', () => {
    const { entries, base, left } = ablationEntries({ recipe: 'paper', tables: [4], given: none, data });
    expect(names({ entries, base, left })).toEqual([
      ...['without-transport', 'without-contrastive', 'without-semantic', 'without-mmd', 'full'],
    ]);
    expect([base, left]).toEqual(['decalign@paper', []]);
    const config = configOf(entries[3]!, 'mosi.pkl', none);
    const full = configOf(entries[4]!, 'mosi.pkl', none);
    expect(config).toEqual({ ...full, model: { ...full.model, without: ['mmd'] } });
  });

  test('have a figure each in the paper, but for what the paper does not leave out', () => {
    const rows = names(named([]));
    for (const dataset of ['mosi', 'mosei']) {
      const paper = Object.keys(reportedOn(dataset, 'ablation')!.rows);
      expect(rows.filter((row) => !paper.includes(String(row)))).toEqual(['without-decoupling-loss']);
      expect(paper.filter((row) => !rows.includes(row))).toEqual([]);
    }
    expect(reportedFor('mosi', 'without-both', 'ablation')).toEqual({ mae: 0.784, f1: 81.92 });
    // The full model is that of Table 1.
    expect(reportedFor('mosei', 'full', 'ablation')).toEqual({ mae: 0.543, f1: 86.07 });
    expect(reportedFor('mosei', 'decalign')).toMatchObject({ mae: 0.543, f1: 86.07 });
  });

  test('are left out where the model has not what they leave out, and those of its own terms are there', () => {
    const decoupled = named([], 'decoupled');
    expect(decoupled.base).toBe('decalign@decoupled');
    expect(decoupled.left).toEqual(['without the decoupling loss (Eq. 1)']);
    expect(names(decoupled)).toEqual(expect.arrayContaining(['without-independence', 'without-pairing']));
    const fewer = named(['model.without=[homogeneity]', 'model.weights.contrastive=0']);
    expect(names(fewer)).toEqual([
      ...['without-heterogeneity', 'without-mfd', 'without-decoupling-loss', 'without-transport', 'full'],
    ]);
  });

  test('keep a weight that the call gives to what they leave out', () => {
    const given = { ...none, set: [{ pair: 'model.weights.heterogeneity=0.5' }] };
    const { entries } = ablationEntries({ recipe: 'paper', tables: [3], given, data });
    const { model } = configOf(entries[1]!, 'mosi.pkl', given);
    expect(model).toMatchObject({ without: ['heterogeneity'], weights: { heterogeneity: 0.5 } });
  });

  test('that are none are refused', () => {
    expect(() =>
      named(['model.without=[decoupling,heterogeneity,homogeneity,contrastive]', 'model.decouple=false']),
    ).toThrow('decalign@paper has none of the parts that Table 3 or 4 leaves out');
  });
});
