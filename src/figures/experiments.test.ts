/** What figures read of the folders of ablations and sweeps: copies of a run that is kept for tests, under the tables of either. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readBubble } from './bubble.ts';
import { readCategories } from './categories.ts';
import type { Drawing } from './figure.ts';
import { usualFiguresOf } from './figures.ts';
import { readSensitivity, sensitivity } from './sensitivity.ts';
import { openSources, rowsOfFigure, type Source } from './source.ts';

const fixture = path.resolve(import.meta.dirname, '../../test/fixtures/runs/run-3');
const folder = mkdtempSync(path.join(tmpdir(), 'decalign-experiments-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** The source of a folder with a table of rows, of which those that have finished have a run. */
function sourceOf(name: string, kind: string, rows: readonly object[], more: object = {}): Source {
  const directory = path.join(folder, name);
  mkdirSync(directory, { recursive: true });
  const entries = rows.map((row) => ({ id: (row as { model: string }).model, model: 'decalign' }));
  const data = [{ name: 'mosi', classes: [] }];
  writeFileSync(path.join(directory, 'benchmark.json'), JSON.stringify({ kind, data, entries, seeds: [1] }));
  const table = {
    format: kind === 'sweep' ? 'decalign sweep 1' : 'decalign benchmark 1',
    ...{ data: { name: 'mosi', metrics: 'mosi', samples: { test: 2 } }, seeds: [1], rows, ...more },
  };
  writeFileSync(path.join(directory, 'mosi.json'), JSON.stringify(table));
  return openSources([directory])[0]!;
}

describe('an ablation', () => {
  const variants = ['homogeneity', 'heterogeneity', 'both', 'mmd'].map((each) => `decalign:without-${each}`);
  const rows = [...variants, 'decalign'].map((model, n) => {
    const run = `runs/mosi-abc/${model.replace(':', '-')}-${n}/seed-1`;
    cpSync(fixture, path.join(folder, 'ablation-runs', run), { recursive: true });
    const test = { acc2: 0.5 + 0.1 * n, f1: 0.5, mae: 1 };
    return { model, title: n < 4 ? model.slice(9) : 'DecAlign', runs: [{ run, seed: 1 }], mean: { valid: test, test } };
  });
  const source = sourceOf('ablation', 'ablation', [], {});
  cpSync(path.join(folder, 'ablation-runs'), path.join(folder, 'ablation'), { recursive: true });

  test('shows in Figure 5 the full model and those without one alignment or both', async () => {
    const full = sourceWith(rows);
    expect((await readCategories(full)).runs).toEqual([
      ...['DecAlign', 'without-heterogeneity', 'without-homogeneity', 'without-both'],
    ]);
  });

  test('shows in Figure 6 three of them, and those that are there where one is missing', () => {
    const names = ['without-both', 'without-heterogeneity', 'full'];
    const shown = (of: readonly object[]): string[] => rowsOfFigure(sourceWith(of), names).map(({ name }) => name);
    expect(shown(rows)).toEqual(['without-both', 'without-heterogeneity', 'DecAlign']);
    expect(shown(rows.slice(2))).toEqual(['without-both', 'DecAlign']);
  });

  test('of other parts shows all of its rows in both', async () => {
    const others = sourceWith(rows.slice(3));
    expect((await readCategories(others)).runs).toEqual(['without-mmd', 'DecAlign']);
    expect(rowsOfFigure(others, ['without-both', 'without-heterogeneity', 'full'])).toHaveLength(2);
  });

  test('has the figures of each row, though all are of one model', async () => {
    const { models } = await readBubble(sourceWith(rows));
    expect(models.map(({ values }) => values[0])).toEqual([0.5, 0.6, 0.7, 0.8, 0.9]);
    expect(models.map(({ kind }) => kind)).toEqual(['other', 'other', 'other', 'other', 'own']);
  });

  test('is no heat map of what it leaves out', () => {
    expect(() => readSensitivity(sourceWith(rows))).toThrow('an ablation leaves parts out');
  });

  /** The source of the ablation with these rows in its table. */
  function sourceWith(shown: readonly object[]): Source {
    const table = {
      ...{ format: 'decalign benchmark 1', data: { name: 'mosi', metrics: 'mosi', samples: { test: 2 } } },
      ...{ seeds: [1], rows: shown },
    };
    writeFileSync(path.join(folder, 'ablation/mosi.json'), JSON.stringify(table));
    expect(source.kind).toBe('ablation');
    return openSources([path.join(folder, 'ablation')])[0]!;
  }
});

describe('a sweep', () => {
  const key = (name: string, ...values: unknown[]): object => ({ key: `model.${name}`, values });
  const cell = (values: Readonly<Record<string, unknown>>, mae?: number): object => ({
    model: `decalign:${JSON.stringify(values)}`,
    ...{ values, runs: [] },
    ...(mae !== undefined && { mean: { valid: { mae } } }),
  });

  test('is a heat map of its two keys, with values in the order of the grid and gaps where cells failed', () => {
    const rows = [
      cell({ 'model.width': 32, 'model.layers': 1 }, 0.9),
      cell({ 'model.width': 32, 'model.layers': 2 }),
      cell({ 'model.width': 8, 'model.layers': 1 }, 0.7),
      cell({ 'model.width': 8, 'model.layers': 2 }, 0.8),
    ];
    const keys = [key('width', 32, 8), key('layers', 1, 2)];
    const source = sourceOf('two', 'sweep', rows, { keys, metric: 'mae' });
    expect(readSensitivity(source)).toMatchObject({
      keys: ['model.width', 'model.layers'],
      values: [
        ['32', '8'],
        ['1', '2'],
      ],
      cells: [
        { at: ['32', '1'], value: 0.9 },
        { at: ['8', '1'], value: 0.7 },
        { at: ['8', '2'], value: 0.8 },
      ],
    });
    // What is drawn unasked tells nothing of the test split.
    expect(usualFiguresOf(source)).toEqual(['sensitivity']);
  });

  test('of one key is a row, and of three the best of the third', () => {
    const one = sourceOf('one', 'sweep', [cell({ 'model.width': 8 }, 0.7), cell({ 'model.width': 32 }, 0.9)], {
      keys: [key('width', 8, 32)],
    });
    const drawing = sensitivity(readSensitivity(one));
    expect(drawing.title).toBe('MAE by model.width');
    expect(drawing.description).toBe('MAE by model.width: 8 0.700; 32 0.900.');
    const rows = [0.9, 0.6, 0.7].map((mae, n) => cell({ 'model.width': 8, 'model.layers': 1, 'model.heads': n }, mae));
    const keys = [key('width', 8), key('layers', 1), key('heads', 0, 1, 2)];
    const three = readSensitivity(sourceOf('three', 'sweep', rows, { keys, metric: 'mae' }));
    expect(three.cells).toEqual([{ at: ['8', '1'], value: 0.6 }]);
    expect(sensitivity(three).notes[0]).toContain('Each cell has the best of model.heads for it.');
  });

  test('has the deviation of its seeds in each cell, and nothing of it where there is one seed', () => {
    const seeds = [1, 2].map((seed) => ({ run: `runs/seed-${seed}`, seed }));
    const rows = [
      { ...cell({ 'model.width': 8 }, 0.7), runs: seeds, std: { valid: { mae: 0.012 } } },
      { ...cell({ 'model.width': 32 }, 0.9), runs: seeds.slice(0, 1), std: { valid: { mae: 0 } } },
    ];
    const of = (name: string, some: readonly object[]): Drawing => {
      for (const { run } of seeds) cpSync(fixture, path.join(folder, name, run), { recursive: true });
      return sensitivity(readSensitivity(sourceOf(name, 'sweep', some, { keys: [key('width', 8, 32)] })));
    };
    const drawing = of('seeds', rows);
    expect(JSON.stringify(drawing.spec(100))).toContain('"label":"0.700","spread":"±.012"');
    expect(JSON.stringify(drawing.spec(100))).toContain('"label":"0.900","spread":""');
    expect(drawing.notes[0]).toContain('Below each mean: the standard deviation of its seeds.');
    expect(of('seed', rows.slice(1)).notes[0]).not.toContain('deviat');
  });

  test('of more values than its cells have room tells the deviations in words', () => {
    const values = Array.from({ length: 21 }, (_, n) => String(n));
    const cells = values.map((across, n) => ({ at: [across, ''] as const, value: 1, deviation: n / 100 }));
    const metric = { label: 'MAE', better: 'lower' } as const;
    const drawing = sensitivity({ metric, keys: ['model.width', ''], cells, values: [values, ['']] });
    expect(drawing.notes[0]).toContain('The seeds of a cell deviate by 0.000 to 0.200.');
    expect(JSON.stringify(drawing.spec(400))).not.toContain('"field":"spread"');
  });

  test('of which nothing was finished is told', () => {
    const source = sourceOf('none', 'sweep', [cell({ 'model.width': 8 })], { keys: [key('width', 8)] });
    expect(() => readSensitivity(source)).toThrow('no run of the sweep has mae of its validation split');
  });

  test('without a table yet says by which command it goes on', () => {
    const directory = path.join(folder, 'begun');
    mkdirSync(directory);
    const plan = { kind: 'sweep', data: [{ name: 'mosi' }], entries: [], seeds: [1] };
    writeFileSync(path.join(directory, 'benchmark.json'), JSON.stringify(plan));
    expect(() => openSources([directory])).toThrow(
      'is a sweep without a table yet: let it finish (decalign sweep --resume).',
    );
  });
});
