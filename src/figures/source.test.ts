/** What figures read of runs: folders of several seeds made of a run that is kept for tests. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readBubble } from './bubble.ts';
import { readCategories } from './categories.ts';
import { readConfusion } from './confusion.ts';
import { curves, readCurves } from './curves.ts';
import { pictureOf } from './drawing/vector.ts';
import { readResiduals } from './residuals.ts';
import { fitting, mainAmong, openSources } from './source.ts';

const fixture = path.resolve(import.meta.dirname, '../../test/fixtures/runs/run-3');
const folder = mkdtempSync(path.join(tmpdir(), 'decalign-figures-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A folder of seeds, each a copy of the run with other lines in one of its files. */
function seeds(name: string, file: string, each: readonly ((lines: readonly string[]) => readonly string[])[]): string {
  const directory = path.join(folder, name);
  for (const [n, change] of each.entries()) {
    const seed = path.join(directory, `seed-${n + 1}`);
    cpSync(fixture, seed, { recursive: true });
    const lines = readFileSync(path.join(seed, file), 'utf8').trimEnd().split('\n');
    writeFileSync(
      path.join(seed, file),
      change(lines)
        .map((line) => `${line}\n`)
        .join(''),
    );
  }
  writeFileSync(path.join(directory, 'result.json'), '{}');
  return directory;
}
const asIs = (lines: readonly string[]): readonly string[] => lines;
const epochs = readFileSync(path.join(fixture, 'metrics.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as { losses: { total: number }; valid: { mae: number } });
/** Predictions of the test split, by how much more than those of the run. */
const higher = (by: number) => (lines: readonly string[]) =>
  lines.map((line) => {
    const sample = JSON.parse(line) as { prediction: number };
    return JSON.stringify({ ...sample, prediction: sample.prediction + by });
  });

describe('curves', () => {
  test('are means over seeds with the lowest and the highest, as far as every seed went', () => {
    const double = (lines: readonly string[]): readonly string[] =>
      lines.map((line) => line.replace(/"total":([-\d.]+)/, (_, total) => `"total":${2 * Number(total)}`));
    const run = seeds('two', 'metrics.jsonl', [double, asIs]);
    const total = readCurves(openSources([run])[0]!).panels.find(({ title }) => title === 'L_total')!;
    expect(total.points.map(({ epoch }) => epoch)).toEqual([1, 2]);
    for (const [n, { mean, low, high }] of total.points.entries()) {
      const each = epochs[n]!.losses.total;
      expect(mean).toBeCloseTo(1.5 * each, 9);
      expect([low, high]).toEqual([each, 2 * each].toSorted((a, b) => a - b));
    }
    const shorter = seeds('shorter', 'metrics.jsonl', [asIs, (lines) => lines.slice(0, 1)]);
    const [panel] = readCurves(openSources([shorter])[0]!).panels;
    expect(panel!.points.map(({ epoch }) => epoch)).toEqual([1]);
  });

  test('of a loss that was not finite leave its epoch out', () => {
    const run = seeds('not-finite', 'metrics.jsonl', [
      ([first, second]) => [first!.replace(/"total":[-\d.]+/, '"total":null'), second!],
    ]);
    const total = readCurves(openSources([run])[0]!).panels.find(({ title }) => title === 'L_total')!;
    expect(total.points.map(({ epoch }) => epoch)).toEqual([2]);
  });

  test('of a loss that pretraining lacks begin later', () => {
    const run = seeds('pretrained', 'metrics.jsonl', [
      ([first, second]) => [first!.replace(/"task":[-\d.e]+,/, ''), second!],
    ]);
    const { panels } = readCurves(openSources([run])[0]!);
    const task = panels.find(({ title }) => title === 'L_task')!;
    expect(task.points.map(({ epoch }) => epoch)).toEqual([2]);
    expect(panels[0]!.title).toBe('L_total');
  });

  test('say where a stage before the usual epochs ends, once for runs that are alike', async () => {
    const staged = ([first, second]: readonly string[]): readonly string[] => [
      first!.replace('"epoch":1', '"epoch":1,"stage":"pretraining"'),
      second!,
    ];
    const data = readCurves(openSources([seeds('staged', 'metrics.jsonl', [staged, staged])])[0]!);
    expect(data.stages).toEqual([{ name: 'pretraining', last: 1 }]);
    const drawing = curves(data);
    expect(drawing.notes[0]).toContain('Thin rule: the end of pretraining, whose epochs are counted too.');
    expect((await pictureOf(drawing)).svg.match(/>pretraining</g)).toHaveLength(1);
    const plain = readCurves(openSources([seeds('plain', 'metrics.jsonl', [asIs])])[0]!);
    expect(plain.stages).toEqual([]);
    expect(curves(plain).notes[0]).not.toContain('rule');
  });

  test('of too many to be told apart are called by what they are', () => {
    const many = Array.from({ length: 8 }, (_, n) => seeds(`many-${n}`, 'metrics.jsonl', [asIs]));
    const [source] = openSources(many);
    const series = (of: typeof source): readonly string[] => [
      ...new Set(readCurves(of!).runs.map((run) => run.series)),
    ];
    expect(series(source)).toContain('other runs');
    expect(curves(readCurves(source!)).notes[0]).toContain(
      'Grey: many-1, many-2, many-3, many-4, many-5, many-6, many-7.',
    );
    expect(series({ ...source!, kind: 'ablation' })).toContain('other variants');
    const shown = source!.shown.map((each, n) => (n < 4 ? { ...each, model: 'mult' } : each));
    expect(series({ ...source!, shown })).toContain('other models');
  });

  test('of a damaged file say which line it is', () => {
    const run = seeds('damaged', 'metrics.jsonl', [([first]) => [first!, '{"epoch":']]);
    expect(() => readCurves(openSources([run])[0]!)).toThrow(/metrics\.jsonl, line 2: this is no epoch of a run/);
  });
});

describe('predictions', () => {
  const run = (): string => seeds('predicted', 'predictions.jsonl', [higher(-5), higher(5)]);

  test('are a point for each sample and seed; metrics are means over seeds, not of mean predictions', async () => {
    const source = openSources([run()])[0]!;
    const [panel] = (await readResiduals(source)).panels;
    expect(panel).toMatchObject({ name: 'DecAlign', samples: 2, seeds: 2 });
    expect(panel!.points).toHaveLength(4);
    // Predictions are 5 too low and 5 too high: their mean is nearly right.
    const error = Number(/MAE ([\d.]+)/.exec(panel!.says)![1]);
    expect(error).toBeGreaterThan(4);
  });

  test('of all seeds together are in a confusion matrix, and a mean in categories', async () => {
    const source = openSources([run()])[0]!;
    const { panels, seeds: count } = await readConfusion(source);
    expect(panels[0]!.counts.flat().reduce((sum, n) => sum + n, 0)).toBe(4);
    expect(count).toBe(2);
    const { categories } = await readCategories(source);
    expect(categories.reduce((sum, each) => sum + each.count, 0)).toBe(2);
  });
});

describe('a source', () => {
  test('names runs by so much of their paths as tells them apart', () => {
    for (const name of ['a/same', 'b/same']) cpSync(fixture, path.join(folder, name), { recursive: true });
    const names = (...runs: string[]): string[] =>
      openSources(runs.map((run) => path.join(folder, run)))[0]!.shown.map(({ name }) => name);
    expect(names('a/same', 'b/same')).toEqual(['a/same', 'b/same']);
    expect(names('a/same')).toEqual(['DecAlign']);
  });

  test('leaves out seeds that have not finished, and says so', () => {
    const run = seeds('partly', 'metrics.jsonl', [asIs, asIs, asIs]);
    rmSync(path.join(run, 'seed-2/result.json'));
    const [{ finished, seeds: left } = { finished: undefined, seeds: [] }] = openSources([run])[0]!.shown;
    expect(left.map(({ directories }) => path.basename(directories[0]!))).toEqual(['seed-1', 'seed-3']);
    expect(finished!.notes).toEqual([expect.stringMatching(/seed-2 is interrupted and is left out$/)]);
  });

  test('of runs on different data is not compared in one picture', async () => {
    const other = path.join(folder, 'other');
    cpSync(fixture, other, { recursive: true });
    const record = path.join(other, 'config.json');
    writeFileSync(record, readFileSync(record, 'utf8').replace(/"hash": "[^"]*"/, '"hash": "0"'));
    const source = openSources([path.join(folder, 'a/same'), other])[0]!;
    await expect(readBubble(source)).rejects.toThrow('trained on different data');
  });

  test('that is no folder of runs, or a benchmark without a table, is refused', () => {
    expect(() => openSources([path.join(folder, 'nowhere')])).toThrow(/does not exist/);
    expect(() => openSources([path.join(fixture, 'config.json')])).toThrow(/is a file/);
    const benchmark = path.join(folder, 'benchmark');
    mkdirSync(benchmark);
    const plan = { data: [{ name: 'mosi' }], entries: [{ id: 'ridge' }], seeds: [1] };
    writeFileSync(path.join(benchmark, 'benchmark.json'), JSON.stringify(plan));
    expect(() => openSources([benchmark])).toThrow(/is a benchmark without a table yet/);
    writeFileSync(path.join(benchmark, 'mosi.json'), '{}');
    expect(() => openSources([benchmark])).toThrow(/mosi\.json is no table of a benchmark/);
  });
});

describe('rows that there is no room for', () => {
  const row = (id: string) => ({ model: id.split(/[:@]/)[0]!, row: { model: id, title: id, runs: [] } });
  const ids = (shown: readonly ReturnType<typeof row>[]): string[] => shown.map((each) => each.row.model);
  const variants = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => row(`decalign:without-${name}`));

  test('are those whose figure is nearest to that of the full model, and never itself', () => {
    const shown = [...variants, row('decalign')];
    const score = new Map([['decalign', 0.9], ['decalign:without-c', 0.1], ['decalign:without-g', 0]]); // prettier-ignore
    const figureOf = (each: (typeof shown)[number]): number | undefined => score.get(each.row.model);
    expect(ids(fitting(shown, 3, figureOf))).toEqual(['decalign', 'decalign:without-c', 'decalign:without-g']);
    expect(ids(fitting(shown, 4, figureOf))).toContain('decalign:without-a');
    expect(ids(fitting(shown, 3, () => undefined))).toEqual(['decalign', 'decalign:without-a', 'decalign:without-b']);
    expect(fitting(shown, 9, figureOf)).toEqual(shown);
  });

  test('are told from the full model alone, of a sweep from its first cell, and from DecAlign by all of its recipes', () => {
    expect(ids(mainAmong([...variants, row('decalign@paper')], 7))).toEqual(['decalign@paper']);
    expect(ids(mainAmong(variants, 7))).toEqual(['decalign:without-a']);
    expect(ids(mainAmong([row('mult'), row('decalign'), row('decalign@paper')], 7))).toEqual([
      'decalign',
      'decalign@paper',
    ]);
  });
});
