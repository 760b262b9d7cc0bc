/** Figure 7 of the paper: a metric of the validation split by two keys of the configuration. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { isTree, treeDifferences, type Tree } from '../json/tree.ts';
import { labelOf } from '../metrics/headings.ts';
import type { RecordedTable } from '../experiments/benchmark/recorded-tables.ts';
import { shortKeys } from '../experiments/sweep-cells.ts';
import { defaultSelection, metricNamed, metrics } from '../metrics/metric.ts';
import { summarise } from '../metrics/summary.ts';
import { CannotShow, type Drawing } from './figure.ts';
import { trained, type Shown, type Source } from './source.ts';
import { ink, palette, ramp } from './style.ts';

export interface SensitivityData {
  readonly metric: { readonly label: string; readonly better: 'lower' | 'higher' };
  /** Across, and up; of a single key the second is empty, and so are its values. */
  readonly keys: readonly [string, string];
  /** Further keys, of which each cell has the values that are best on validation. */
  readonly others?: readonly string[];
  readonly cells: readonly {
    /** The values of the keys, as they are shown. */
    readonly at: readonly [string, string];
    /** A mean over seeds. */
    readonly value: number;
    /** The standard deviation over seeds; absent of one seed. */
    readonly deviation?: number;
  }[];
  /** The values of each key in their order. */
  readonly values: readonly [readonly string[], readonly string[]];
}

const resultSchema = z.object({ valid: z.record(z.string(), z.number()) });

export function readSensitivity(source: Source): SensitivityData {
  if (source.table?.keys) return ofSweep(source.table, source.table.keys);
  if (source.kind === 'ablation') throw new CannotShow('an ablation leaves parts out, and varies no two keys');
  const shown = trained(source);
  if (shown.length < 2) throw new CannotShow('there is one run alone: name one for each pair of values of two keys');
  const kind = shown[0]!.metrics;
  if (shown.some((each) => each.metrics !== kind)) throw new CannotShow('the runs are of different tasks');
  const settings = shown.map(({ finished }) => finished.settings);
  const differing = settings
    .slice(1)
    .flatMap((tree) => Array.from(treeDifferences(settings[0], tree), ({ key }) => key));
  const keys = [...new Set(differing)];
  if (keys.length !== 2)
    throw new CannotShow(
      `the runs differ in ${keys.length === 0 ? 'no key' : keys.length > 4 ? `${keys.length} keys` : keys.join(', ')} of their configuration, and a heat map is of two`,
    );
  const pair = keys as [string, string];
  const metric = defaultSelection(kind);
  const placed = shown.map((each, n) => ({
    at: pair.map((key) => valueAt(settings[n]!, key)) as [unknown, unknown],
    ...validOf(each, metric),
  }));
  const inOrder = (which: 0 | 1): string[] =>
    [...new Set(placed.map(({ at }) => at[which]))]
      .sort((a, b) => (typeof a === 'number' && typeof b === 'number' ? a - b : text(a) < text(b) ? -1 : 1))
      .map(text);
  const cells = placed.map(({ at, ...figures }) => ({ at: [text(at[0]), text(at[1])] as const, ...figures }));
  const places = new Set(cells.map(({ at }) => at.join('\n')));
  if (places.size < cells.length) throw new CannotShow('two of the runs have the same values of both keys');
  return {
    metric: { label: labelOf(kind, metric), better: metrics[metric].better },
    ...{ keys: pair, cells, values: [inOrder(0), inOrder(1)] },
  };
}

/** The cells of a sweep, by its first two keys. Throws `CannotShow` where none was finished. */
function ofSweep(
  { data, rows, metric: named }: RecordedTable,
  keys: readonly { readonly key: string; readonly values: readonly unknown[] }[],
): SensitivityData {
  const kind = data.metrics;
  const metric = metricNamed(kind, named ?? defaultSelection(kind));
  const { better } = metrics[metric];
  const [across, up, ...others] = keys;
  if (!across) throw new CannotShow('the sweep is of no key');
  const best = new Map<string, SensitivityData['cells'][number]>();
  for (const { values = {}, mean, std, runs } of rows) {
    const value = mean?.valid[metric];
    if (value === undefined) continue;
    const at = [text(values[across.key]), up ? text(values[up.key]) : ''] as const;
    const before = best.get(at.join('\n'));
    const deviation = runs.length > 1 ? std?.valid[metric] : undefined;
    if (!before || value < before.value === (better === 'lower'))
      best.set(at.join('\n'), { at, value, ...(deviation !== undefined && { deviation }) });
  }
  if (best.size === 0) throw new CannotShow(`no run of the sweep has ${metric} of its validation split`);
  return {
    metric: { label: labelOf(kind, metric), better },
    ...{ keys: [across.key, up?.key ?? ''], cells: [...best.values()] },
    values: [across.values.map(text), up ? up.values.map(text) : ['']],
    ...(others.length > 0 && { others: others.map(({ key }) => key) }),
  };
}

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null));

function valueAt(tree: Tree, key: string): unknown {
  let value: unknown = tree;
  for (const name of key.split('.')) value = isTree(value) ? value[name] : undefined;
  return value;
}

function validOf({ name, seeds }: Shown, metric: string): { readonly value: number; readonly deviation?: number } {
  const each = seeds.map(({ directories }) => {
    const folds = directories.map((directory) => {
      const { valid } = resultSchema.parse(JSON.parse(readFileSync(path.join(directory, 'result.json'), 'utf8')));
      if (valid[metric] === undefined) throw new CannotShow(`${name} has no ${metric} of its validation split`);
      return { value: valid[metric] };
    });
    return { value: summarise(folds).mean['value']! };
  });
  const { mean, std } = summarise(each);
  return { value: mean['value']!, ...(seeds.length > 1 && { deviation: std['value']! }) };
}

export function sensitivity({ metric, keys, others = [], cells, values }: SensitivityData): Drawing {
  const all = cells.map(({ value }) => value);
  const best = metric.better === 'lower' ? Math.min(...all) : Math.max(...all);
  const [across, up] = keys;
  const shown = cells.map(({ at, value, deviation }) => ({
    across: at[0],
    up: at[1],
    value,
    best: value === best,
    label: short(value),
    spread: deviation === undefined ? '' : `±${short(deviation).replace(/^0/, '')}`,
  }));
  const deviations = cells.flatMap(({ deviation }) => deviation ?? []);
  // Of more cells side by side none has room for it.
  const isSpread = deviations.length > 0 && values[0].length <= 20;
  const spreads = isSpread
    ? ' Below each mean: the standard deviation of its seeds.'
    : deviations.length > 0
      ? ` The seeds of a cell deviate by ${short(Math.min(...deviations))} to ${short(Math.max(...deviations))}.`
      : '';
  // Few rows are lower than a whole key is long.
  const [acrossName, upName] = shortKeys(up === '' ? [across] : [across, up]);
  const isWide = values[0].length > 8;
  const good = metric.better === 'lower' ? ramp.toReversed() : ramp;
  const title = `${metric.label} by ${up === '' ? across : `${across} and ${up}`}`;
  const isBest = others.length > 0 ? ` Each cell has the best of ${others.join(' and ')} for it.` : '';
  return {
    title,
    notes: [
      `Validation split, means over seeds; darker is better, the best is framed.${spreads}${isBest} What was chosen by it is to be told by the test split.`,
    ],
    description: `${title}: ${cells.map(({ at, value }) => `${at.filter((each) => each !== '').join(' and ')} ${short(value)}`).join('; ')}.`,
    columns: isWide ? 2 : 1,
    across: 1,
    spec: (width) => {
      const axis = { domain: false, ticks: false, labelOverlap: false };
      return {
        ...{ width, height: Math.min((isSpread ? 22 : 18) * values[1].length, 400) },
        data: { values: shown },
        encoding: {
          x: { field: 'across', type: 'ordinal', sort: values[0], axis: { ...axis, title: acrossName, labelAngle: 0 } },
          y: {
            field: 'up',
            type: 'ordinal',
            sort: values[1].toReversed(),
            axis: { ...axis, title: upName ?? null },
          },
        },
        layer: [
          {
            mark: { type: 'rect', stroke: 'white', strokeWidth: 0.6 },
            encoding: {
              color: {
                ...{ field: 'value', type: 'quantitative', legend: null },
                scale: { domain: [Math.min(...all), Math.max(...all)], range: good, interpolate: 'rgb', zero: false },
              },
            },
          },
          {
            transform: [{ filter: 'datum.best' }],
            mark: { type: 'rect', filled: false, stroke: palette[3], strokeWidth: 1.5 },
          },
          ...(isSpread ? ['label', 'spread'] : ['label']).map((field, n, { length }) => ({
            mark: { type: 'text', dy: (n - (length - 1) / 2) * 9 },
            encoding: {
              text: { field, type: 'nominal' },
              color: { value: ink, condition: { test: isDark(all, metric.better), value: 'white' } },
            },
          })),
        ],
      };
    },
  };
}

const short = (value: number): string => value.toFixed(3).replace('-', '−');

/** In Vega's words: the cell is darker than half of the ramp. */
function isDark(all: readonly number[], better: 'lower' | 'higher'): string {
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const share = `(datum.value - ${low}) / ${high > low ? high - low : 1}`;
  return better === 'lower' ? `${share} < 0.4` : `${share} > 0.6`;
}
