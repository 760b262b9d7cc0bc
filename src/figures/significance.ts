/** How sure the differences of models are: those of one model less each other, with intervals over groups and seeds. */
import { level, tableMetrics } from '../experiments/benchmark/paired-tests.ts';
import { compareRuns } from '../experiments/compare-runs.ts';
import { labelOf } from '../metrics/headings.ts';
import { metrics } from '../metrics/metric.ts';
import { CannotShow, type Drawing, type Spec } from './figure.ts';
import { headed } from './panel.ts';
import { trained, type Source } from './source.ts';
import { ink, palette, quiet } from './style.ts';

export interface SignificanceData {
  /** The model whose figures less those of the others are shown. */
  readonly own: string;
  /** Over how many groups and seeds intervals are. */
  readonly over: string;
  readonly metrics: readonly { readonly label: string; readonly better: 'lower' | 'higher' }[];
  readonly rows: readonly {
    readonly name: string;
    /** By the first metric, where p after Holm is below `level`. */
    readonly verdict: 'better' | 'no difference' | 'worse';
    /** By metric, in their order. */
    readonly differences: readonly {
      readonly value: number;
      readonly low: number | null;
      readonly high: number | null;
    }[];
  }[];
}

const mostMetrics = 3;

export async function readSignificance(source: Source): Promise<SignificanceData> {
  const { table, data, shown } = source;
  if (shown.length < 2) throw new CannotShow('there is one model alone, and nothing to compare it with');
  if (!table) return ofRuns(source, data);
  const names = tableMetrics[table.data.metrics].slice(0, mostMetrics);
  const tested = table.rows.filter(({ against }) => against !== undefined);
  // The difference from a constant is so large that the others could not be told from 0.
  const models = tested.filter(({ model }) => model !== 'majority');
  const rows = (models.length > 0 ? models : tested).flatMap(({ title, against }) =>
    against === undefined
      ? []
      : [
          {
            name: title,
            verdict: ({ wins: 'better', ties: 'no difference', loses: 'worse' } as const)[against.verdict],
            differences: names.map((name) => against.bootstrap[name]!),
          },
        ],
  );
  if (rows.length === 0) throw new CannotShow('DecAlign is not among the models, and differences are from it');
  if (table.data.groups === 1)
    throw new CannotShow('all test samples are of one group, so that there are no intervals');
  const own = table.rows.find(({ model, mean, against }) => model.startsWith('decalign') && mean && !against)!;
  return {
    ...{ own: own.title, over: overText(table.data.groups ?? undefined, table.data.samples.test, table.seeds.length) },
    metrics: names.map((name) => ({ label: labelOf(table.data.metrics, name), better: metrics[name].better })),
    rows,
  };
}

const overText = (groups: number | undefined, samples: number, seeds: number): string =>
  `${groups === undefined ? `${samples} test samples` : `${groups} groups of test samples`} and ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}`;

/** The first of the runs less each other. */
async function ofRuns(source: Source, data: string | undefined): Promise<SignificanceData> {
  const runs = trained(source);
  const compared = await compareRuns(
    runs.map(({ finished }) => finished.run),
    { data },
  );
  if (compared.groups === 1) throw new CannotShow('all test samples are of one group, so that there are no intervals');
  const names = tableMetrics[compared.metrics].slice(0, mostMetrics);
  const opposite = { better: 'worse', ties: 'no difference', worse: 'better' } as const;
  const negative = (x: number | null): number | null => (x === null ? null : 0 - x);
  return {
    ...{ own: runs[0]!.name, over: overText(compared.groups, compared.samples, runs[0]!.seeds.length) },
    metrics: names.map((name) => ({ label: labelOf(compared.metrics, name), better: metrics[name].better })),
    rows: compared.runs.flatMap(({ against }, n) =>
      against === undefined
        ? []
        : [
            {
              name: runs[n]!.name,
              verdict: opposite[against.verdict],
              differences: names.map((name) => {
                const { value, low, high } = against.bootstrap[name]!;
                return { value: 0 - value, low: negative(high), high: negative(low) };
              }),
            },
          ],
    ),
  };
}

const verdicts = {
  better: { color: palette[2], shape: 'triangle-up' },
  'no difference': { color: quiet, shape: 'circle' },
  worse: { color: palette[3], shape: 'triangle-down' },
} as const;

export function significance({ own, over, metrics: shown, rows }: SignificanceData): Drawing {
  const [main] = shown;
  const count = (verdict: keyof typeof verdicts): number => rows.filter((row) => row.verdict === verdict).length;
  return {
    title: `${own} less each other model`,
    notes: [
      `Differences on the test split with 95 % intervals over ${over}, drawn anew. By ${main!.label}, after Holm's correction (p < ${level}), ${own} is better than ${count('better')} of ${rows.length}, worse than ${count('worse')}, and of ${count('no difference')} no difference is shown.`,
    ],
    description: `${own} less each other model. ${rows.map(({ name, differences, verdict }) => `${name}: ${verdict}, ${shown.map(({ label }, m) => `${label} ${differences[m]!.value.toFixed(3)}`).join(', ')}`).join('; ')}.`,
    columns: 2,
    across: shown.length,
    spec: (panel) => ({
      spacing: 12,
      hconcat: shown.map((_, m) => panelSpec({ own, over, metrics: shown, rows }, m, panel)),
    }),
  };
}

function panelSpec({ own, metrics: shown, rows }: SignificanceData, m: number, width: number): Spec {
  const { label, better } = shown[m]!;
  const names = rows.map(({ name }) => name);
  const values = rows.map(({ name, verdict, differences }) => ({ name, verdict, ...differences[m]! }));
  const domain = Object.keys(verdicts);
  const legend = { title: `by ${shown[0]!.label}`, values: domain };
  const channel = (key: 'color' | 'shape'): Spec => ({
    ...{ field: 'verdict', type: 'nominal', legend },
    scale: { domain, range: Object.values(verdicts).map((each) => each[key]) },
  });
  const y = {
    ...{ field: 'name', type: 'nominal', sort: names },
    axis: { title: null, labels: m === 0, labelLimit: 130, ticks: false, domain: false },
  };
  const at = (field: string): Spec => ({ field, type: 'quantitative', axis: { title: null, tickCount: 4 } });
  return headed([label, better === 'lower' ? `← ${own} better` : `${own} better →`], {
    ...{ width, height: 13 * rows.length },
    data: { values },
    layer: [
      {
        mark: { type: 'rule', strokeWidth: 0.8, color: ink },
        encoding: { x: { datum: 0, type: 'quantitative' } },
      },
      {
        encoding: { y, color: channel('color') },
        layer: [
          {
            transform: [{ filter: 'isValid(datum.low)' }],
            mark: { type: 'rule', strokeWidth: 1 },
            encoding: { x: at('low'), x2: { field: 'high' } },
          },
          { mark: { type: 'point', size: 24 }, encoding: { x: at('value'), shape: channel('shape') } },
        ],
      },
    ],
  });
}
