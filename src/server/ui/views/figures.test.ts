/** Which figures are offered of a run: those that can be made of it. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Tree } from '../../../json/tree.ts';
import type { FigureList } from '../api/routes.ts';
import { answer, Runs, serverOf } from '../testing.ts';

let runs: Runs;
beforeEach(() => (runs = new Runs()));
afterEach(() => runs.remove());

const part = (tree: Tree, name: string): Tree => tree[name] as Tree;

/** The figures of a run whose record was changed so. */
async function offered(
  change: { readonly metrics?: string; readonly source?: string } = {},
): Promise<readonly string[]> {
  runs.add('one');
  runs.edit('one', 'config.json', (tree) => ({ ...tree, data: { ...part(tree, 'data'), ...change } }));
  const { figures } = await answer<FigureList>(serverOf(runs.root), '/api/runs/one/figures');
  return figures.map(({ name }) => name);
}
const ofPredictions = ['residuals', 'confusion', 'categories', 'calibration'];

test.each([
  ['regression', ['residuals']],
  ['mosi', ['residuals', 'confusion', 'categories']],
  ['classification', ['confusion', 'categories', 'calibration']],
  ['multilabel', []],
])('of %s', async (metrics, wanted) => {
  const names = await offered({ metrics });
  expect(names).toContain('curves');
  expect(names.filter((name) => ofPredictions.includes(name))).toEqual(wanted);
});

test('of several runs or of a sample, none', async () => {
  const names = await offered();
  for (const name of ['bubble', 'significance', 'sensitivity', 'contribution', 'attention'])
    expect(names).not.toContain(name);
});

test('of a run whose data is not here, those of what it kept', async () => {
  const whole = await offered();
  expect(whole).toEqual(expect.arrayContaining(['gap', 'robustness']));
  const names = await offered({ source: 'none.pkl' });
  expect(whole.filter((name) => !names.includes(name))).toEqual([...['gap', 'decoupling', 'robustness']]);
});

test('of a transport plan, where the losses solve for one', async () => {
  runs.add('one');
  const names = async (without: readonly string[]): Promise<readonly string[]> => {
    runs.edit('one', 'config.json', (tree) => {
      const config = part(tree, 'config');
      return { ...tree, config: { ...config, model: { ...part(config, 'model'), without } } };
    });
    const { figures } = await answer<FigureList>(serverOf(runs.root), '/api/runs/one/figures');
    return figures.map(({ name }) => name).filter((name) => ['transport', 'prototypes'].includes(name));
  };
  expect(await names(['homogeneity'])).toEqual(['transport', 'prototypes']);
  expect(await names(['transport'])).toEqual([]);
});

test('of one that has not finished, none, and why', async () => {
  runs.begin('one', 2);
  expect(await answer<FigureList>(serverOf(runs.root), '/api/runs/one/figures')).toEqual({
    figures: [],
    problem: 'It is interrupted: this is made when it has finished.',
  });
});
