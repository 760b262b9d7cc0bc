/** What can be read from unique and from common features, against what is wanted: docs/decoupling.md. */
import type { measureParts } from '../runs/decoupling.ts';
import { CannotShow, type Drawing, type Spec } from './figure.ts';
import { hasParts, measuredInTraining, partsIn, scoreInTraining } from './measured.ts';
import { headed } from './panel.ts';
import { coloured, mostSeries } from './series.ts';
import { fitting, trained, type Source } from './source.ts';
import { faint, ink, textSizes } from './style.ts';

export interface DecouplingData {
  readonly title: string;
  readonly axis: string;
  readonly panels: readonly { readonly title: string; readonly measures: readonly Measure[] }[];
  readonly runs: readonly { readonly name: string; readonly seeds: number }[];
  /** How many runs could be shown, of which there may be no room for all. */
  readonly of: number;
}

/** A measure in 0..1. */
export interface Measure {
  readonly title: string;
  readonly wanted: 0 | 1;
  /** By run, in their order, the value of each seed. */
  readonly values: readonly (readonly number[])[];
}

type Panel = DecouplingData['panels'][number];

type Measured = ReturnType<typeof measureParts>;
type Report = Pick<Measured, 'factors'> & {
  readonly decoupling: Pick<Measured['decoupling'], 'score' | 'agreement' | 'leak' | 'overlap'>;
};

/** By the key of the measure: its name, and what is wanted of it. */
type Asked = readonly [title: string, wanted: 0 | 1, of: (report: Report) => number | undefined];

const factorPanels: readonly (readonly [string, readonly Asked[]])[] = [
  [
    'from common features',
    [
      ['shared factors', 1, ({ factors }) => factors?.commonShared],
      ['own factors', 0, ({ factors }) => factors?.commonOwn],
    ],
  ],
  [
    'from unique features',
    [
      ['shared factors', 0, ({ factors }) => factors?.uniqueShared],
      ['own factors', 1, ({ factors }) => factors?.uniqueOwn],
    ],
  ],
];

const measurePanels: readonly (readonly [string, readonly Asked[]])[] = [
  [
    'agreement A, leak L, overlap U, and D = A (1 − L)(1 − U)',
    [
      ['A', 1, ({ decoupling }) => decoupling.agreement],
      ['L', 0, ({ decoupling }) => decoupling.leak],
      ['U', 0, ({ decoupling }) => decoupling.overlap],
      ['D', 1, ({ decoupling }) => decoupling.score],
    ],
  ],
];

interface MeasuredRun {
  readonly name: string;
  /** One for each seed. */
  readonly reports: readonly Report[];
}

export async function readDecoupling(source: Source): Promise<DecouplingData> {
  const { measured, of } = await measuredOf(source);
  const isKnown = knowFactors(measured);
  return {
    title: isKnown ? 'What is read from common and from unique features' : 'Decoupling',
    axis: isKnown ? 'R² of true factors' : 'measure',
    panels: panelsOf(isKnown ? factorPanels : measurePanels, measured),
    runs: measured.map(({ name, reports }) => ({ name, seeds: reports.length })),
    of,
  };
}

/** D and what it is made of, and R² of true factors besides where the dataset keeps these: a figure has room for one of both. */
export async function readAllMeasures(source: Source): Promise<readonly Panel[]> {
  const { measured } = await measuredOf(source);
  const factors = panelsOf(knowFactors(measured) ? factorPanels : [], measured);
  return [
    ...panelsOf(measurePanels, measured),
    ...factors.map(({ title, measures }) => ({ title: `R² of true factors ${title}`, measures })),
  ];
}

const knowFactors = (measured: readonly MeasuredRun[]): boolean =>
  measured.every(({ reports }) => reports.every(({ factors }) => factors));

const panelsOf = (asked: typeof factorPanels, measured: readonly MeasuredRun[]): readonly Panel[] =>
  asked.map(([title, measures]) => ({
    title,
    measures: measures.map(([name, wanted, of]) => ({
      ...{ title: name, wanted },
      values: measured.map(({ reports }) => reports.flatMap((report) => of(report) ?? [])),
    })),
  }));

/** The reports of runs, and how many runs could have one: there may be no room for all. */
async function measuredOf(source: Source): Promise<{ readonly measured: readonly MeasuredRun[]; readonly of: number }> {
  const shown = trained(source);
  const measured: MeasuredRun[] = [];
  const having = shown.filter(hasParts);
  for (const each of fitting(having, mostSeries, scoreInTraining)) {
    const reports: Report[] = [];
    // Of a benchmark's many models one seed each is measured where training did not: it takes a second or two.
    const seeds = source.table && !measuredInTraining(each) ? each.seeds.slice(0, 1) : each.seeds;
    for (const seed of seeds) {
      const one = { ...each, seeds: [seed] };
      const kept = source.data === undefined ? measuredInTraining(one) : undefined;
      reports.push(kept ? { decoupling: kept } : (await partsIn(one, source)).measured());
    }
    if (reports.length > 0) measured.push({ name: each.name, reports });
  }
  if (measured.length === 0)
    throw new CannotShow(`${shown.map(({ name }) => name).join(', ')} keeps no unique and common parts apart`);
  return { measured, of: having.length };
}

export function decoupling({ title, axis, panels, runs, of }: DecouplingData): Drawing {
  const several = runs.some(({ seeds }) => seeds > 1);
  const groups = panels.flatMap(({ measures }) => measures);
  const bars = groups.length * runs.length;
  return {
    title,
    notes: [
      `Wide grey bars: what is wanted, 1 or 0. Test split, linear probes${several ? '; bars are means over seeds, ticks the lowest and the highest seed' : '; one seed each'}.${of > runs.length ? ` There is room for ${runs.length} of ${of} runs, those whose D differs most.` : ''}`,
    ],
    description: `${panels.map((panel) => `${panel.title}: ${panel.measures.map((measure) => `${measure.title} (wanted ${measure.wanted}) ${measure.values.map((values, r) => `${runs[r]!.name} ${text(mean(values))}`).join(', ')}`).join('; ')}`).join('. ')}.`,
    columns: bars > 10 ? 2 : 1,
    across: panels.length,
    // Panels are as wide as their measures are many.
    spec: (panel) => ({
      spacing: 10,
      hconcat: panels.map((each, n) =>
        panelSpec(each, runs, {
          width: (panel * panels.length * each.measures.length) / groups.length,
          axis: n === 0 ? axis : null,
          // Figures stand above bars that are wide enough for them.
          told: (panel * panels.length) / bars > 22,
        }),
      ),
    }),
  };
}

const mean = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : values.reduce((sum, x) => sum + x, 0) / values.length;
/** Two decimals; what is nothing has no sign. */
const text = (value: number | undefined): string =>
  value === undefined ? '–' : (Math.round(100 * value) / 100 + 0).toFixed(2).replace('-', '−');

function panelSpec(
  { title, measures }: DecouplingData['panels'][number],
  runs: DecouplingData['runs'],
  { width, axis, told }: { readonly width: number; readonly axis: string | null; readonly told: boolean },
): Spec {
  const names = runs.map(({ name }) => name);
  const bars = measures.flatMap((measure) =>
    measure.values.flatMap((values, r) => {
      const value = mean(values);
      if (value === undefined) return [];
      const [low, high] = [Math.min(...values), Math.max(...values)];
      // Below 0 a probe does worse than the mean: nothing is read.
      return [
        {
          measure: measure.title,
          run: names[r]!,
          value: Math.max(0, value),
          low: Math.max(0, low),
          high: Math.max(0, high),
          text: text(value),
        },
      ];
    }),
  );
  const wanted = measures.map((measure) => ({ measure: measure.title, wanted: measure.wanted }));
  const order = measures.map((measure) => measure.title);
  const x = {
    ...{ field: 'measure', type: 'nominal', sort: order, scale: { paddingInner: 0.12, paddingOuter: 0.06 } },
    axis: { title: null, labelAngle: 0, ticks: false },
  };
  const y = {
    ...{ type: 'quantitative', scale: { domain: [0, 1.08], nice: false } },
    axis: { title: axis, labels: axis !== null, ticks: axis !== null, domain: axis !== null, values: [0, 0.5, 1] },
  };
  const offset = {
    xOffset: { field: 'run', type: 'nominal', sort: names, scale: { paddingInner: 0.25, paddingOuter: 0.35 } },
  };
  return headed(title, {
    ...{ width, height: 110 },
    layer: [
      {
        data: { values: wanted },
        mark: { type: 'bar', color: faint, opacity: 0.75 },
        encoding: { x, y: { field: 'wanted', ...y } },
      },
      {
        data: { values: bars },
        encoding: { x, ...offset },
        layer: [
          {
            // The lightest colour is told from the grey behind it by its edge.
            mark: { type: 'bar', stroke: ink, strokeWidth: 0.4 },
            encoding: {
              y: { field: 'value', ...y },
              ...coloured('run', names),
            },
          },
          {
            mark: { type: 'rule', color: ink, strokeWidth: 0.8 },
            encoding: { y: { field: 'low', ...y }, y2: { field: 'high' } },
          },
          ...(told
            ? [
                {
                  mark: { type: 'text', baseline: 'bottom', dy: -1, fontSize: textSizes.small },
                  encoding: { y: { field: 'high', ...y }, text: { field: 'text', type: 'nominal' } },
                },
              ]
            : []),
        ],
      },
    ],
  });
}
