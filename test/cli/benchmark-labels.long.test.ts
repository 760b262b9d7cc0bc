/** Benchmarks of several labels: what their tables hold, and that one target of a wide range does not decide who wins. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { decalign, temporaryFolder, tiny } from './decalign.ts';

const folder = temporaryFolder();

interface Table {
  readonly data: { readonly metrics: string; readonly samples: { readonly test: number }; readonly folds?: unknown };
  readonly rows: readonly {
    readonly model: string;
    readonly status: string;
    readonly mean: { readonly test: Readonly<Record<string, number>> };
    readonly runs: readonly { readonly run: string }[];
    readonly against?: {
      readonly bootstrap: Readonly<Record<string, { readonly value: number; readonly p: number }>>;
      readonly corrected: { readonly bootstrap: number; readonly wilcoxon: number };
      readonly verdict: 'wins' | 'ties' | 'loses';
    };
  }[];
}

interface Made {
  readonly json: Table;
  readonly md: string;
  readonly csv: string;
  readonly tex: string;
  readonly stdout: string;
}

/** Settings of DecAlign alone, for references have none. */
const settings = tiny.filter((_, n) => tiny[n] === '--set' || tiny[n - 1] === '--set');

async function made(out: string, ...args: readonly string[]): Promise<Made> {
  const call = ['benchmark', 'synthetic', '--models', 'decalign,ridge,majority', '--epochs', '3', '--seeds', '1,2'];
  const ended = await decalign([...call, ...settings, '--quiet', '--out', out, ...args], { cwd: folder });
  expect(ended, ended.stderr).toMatchObject({ code: 0 });
  const read = (ending: string): string => readFileSync(path.join(folder, out, `synthetic.${ending}`), 'utf8');
  const json = JSON.parse(read('json')) as Table;
  return { json, md: read('md'), csv: read('csv'), tex: read('tex'), stdout: ended.stdout };
}

const cellsOf = (line: string): string[] => line.split('|').map((cell) => cell.trim());
const lineOf = (text: string, start: string): string => text.split('\n').find((line) => line.startsWith(start))!;

/** The keys of each task's tables, the first of which decides, and how they are printed. */
const cases = [
  ['multilabel', ['map', 'macro_f1', 'micro_f1'], ['mAP', 'Macro-F1', 'Micro-F1'], 'f1'],
  ['multitarget', ['r2', 'corr', 'mae'], ['R²', 'Corr', 'MAE'], 'mae'],
] as const;

describe.each(cases)('%s', (task, metrics, labels, perLabel) => {
  let tables: Made;
  beforeAll(async () => {
    tables = await made(task, '--task', task);
  });

  test('references stand before DecAlign, and have no seeds', () => {
    const { rows, data } = tables.json;
    expect(data.metrics).toBe(task);
    expect(rows.map(({ model, status, runs }) => [model, status, runs.length])).toEqual([
      ['majority', 'done', 1],
      ['ridge', 'done', 1],
      ['decalign', 'done', 2],
    ]);
  });

  test('every run has the figures of each label beside those together', () => {
    for (const { mean } of tables.json.rows) {
      for (const metric of metrics) expect(mean.test[metric]).toBeTypeOf('number');
      const own = Object.keys(mean.test).filter((key) => key.startsWith(`${perLabel}/`));
      expect(own.length).toBeGreaterThan(1);
    }
  });

  test('each difference is that of the means, and the first metric decides who wins', () => {
    const [main] = metrics;
    const decalignRow = tables.json.rows.at(-1)!;
    expect(decalignRow.against).toBeUndefined();
    for (const { model, mean, against } of tables.json.rows.slice(0, -1)) {
      expect(Object.keys(against!.bootstrap), model).toEqual([...metrics]);
      for (const metric of metrics)
        expect(against!.bootstrap[metric]!.value, `${model} ${metric}`).toBeCloseTo(
          decalignRow.mean.test[metric]! - mean.test[metric]!,
          6,
        );
      const { corrected, bootstrap, verdict } = against!;
      const decided = bootstrap[main]!.value > 0 ? 'wins' : 'loses';
      expect(verdict).toBe(corrected.bootstrap < 0.05 ? decided : 'ties');
      expect(corrected.bootstrap).toBeGreaterThanOrEqual(bootstrap[main]!.p);
    }
    // A constant tells no sample from another.
    expect(tables.json.rows[0]!.against!.verdict).toBe('wins');
  });

  test('Markdown has them in that order, in the units of papers', () => {
    const head = cellsOf(lineOf(tables.md, '| Model'));
    const arrow = (label: string): string => (label === 'MAE' ? '↓' : '↑');
    expect(head.slice(2, 5)).toEqual(labels.map((label) => `${label} ${arrow(label)}`));
    const ridge = cellsOf(lineOf(tables.md, '| Ridge'));
    expect(ridge).toHaveLength(head.length);
    const value = tables.json.rows[1]!.mean.test[metrics[0]]!;
    const shown = task === 'multilabel' ? (100 * value).toFixed(2) : value.toFixed(3);
    expect(ridge[2]!.replaceAll('*', '')).toBe(shown);
    expect(cellsOf(lineOf(tables.md, '| DecAlign'))[2]).toMatch(/^[*]*\d+\.\d+ ± \d+\.\d+[*]*$/);
    expect(tables.md).toContain(`; of ${labels[0]} (paired bootstrap of `);
  });

  test('CSV and LaTeX hold the same figures, a line for each row', () => {
    const [head, ...lines] = tables.csv.trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    const columns = head!.split(',');
    expect(columns).toContain(`p_bootstrap_${metrics[0]}_holm`);
    for (const [n, line] of lines.entries()) {
      const cells = line.split(',');
      expect(cells).toHaveLength(columns.length);
      for (const metric of metrics)
        expect(Number(cells[columns.indexOf(metric)])).toBe(tables.json.rows[n]!.mean.test[metric]);
    }
    const rows = tables.tex.split('\n').filter((line) => line.endsWith('\\\\'));
    expect(rows).toHaveLength(4);
    expect(new Set(rows.map((row) => row.split(' & ').length))).toEqual(new Set([9]));
    expect(rows[0]).toContain(labels[0].replace('²', '$^2$'));
  });

  test('the terminal has them too', () => {
    expect(tables.stdout).toMatch(new RegExp(`${labels.map((label) => `${label} .`).join(' +')} +p bootstrap`));
  });
});

test.each(cases)(
  '%s in folds: every sample is tested once',
  async (task, metrics) => {
    const { json, md } = await made(`folds-${task}`, '--task', task, '--folds', '3', '--seeds', '1');
    expect(json.data).toMatchObject({ samples: { test: 1800 }, folds: { count: 3 } });
    for (const { mean, status } of json.rows) {
      expect(status).toBe('done');
      for (const metric of metrics) expect(mean.test[metric]).toBeTypeOf('number');
    }
    expect(json.rows[0]!.against!.verdict).toBe('wins');
    expect(md).toContain('Each sample in the fold where it was tested');
  },
  240_000,
);
