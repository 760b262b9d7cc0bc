/** How training went: losses by the paper's names, metrics of the validation split and the learning rate, by epoch. */
import { labelOf } from '../metrics/headings.ts';
import { defaultSelection, type MetricName } from '../metrics/metric.ts';
import { recordedEpochs, type RecordedEpoch } from '../runs/record/epochs.ts';
import { CannotShow, type Drawing, type Spec } from './figure.ts';
import { headed } from './panel.ts';
import { filled, isOthers, lined, mostSeries, others } from './series.ts';
import { quiet, textSizes } from './style.ts';
import { mainAmong, trained, type Source } from './source.ts';

export interface CurvesData {
  /** Runs of one `series` look alike: where there are too many to be told apart, all but DecAlign are one. */
  readonly runs: readonly { readonly name: string; readonly series: string; readonly seeds: number }[];
  readonly panels: readonly { readonly title: string; readonly points: readonly CurvePoint[] }[];
  /** The stages before the usual epochs, such as pretraining, and the last epoch of each; those of all runs. */
  readonly stages?: readonly { readonly name: string; readonly last: number }[];
}

/** What the seeds of a run have in an epoch. */
export interface CurvePoint {
  readonly run: string;
  readonly epoch: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** The paper's names of losses, Eq. 1 to 13, and those of the recipe `decoupled`; losses of other models are called as they are. */
export const lossNames: Readonly<Record<string, string>> = {
  total: 'L_total',
  task: 'L_task',
  decoupling: 'L_dec',
  heterogeneity: 'L_hete',
  homogeneity: 'L_homo',
  contrastive: 'L_CT',
  independence: 'L_ind',
  pairing: 'L_pair',
  reconstruction: 'L_rec',
};

export function readCurves(source: Source): CurvesData {
  const shown = trained(source);
  const areMany = shown.length > mostSeries;
  // Losses of different models are of different things, whatever they are called.
  const models = new Set(shown.map(({ model }) => model));
  const rest = models.size > 1 ? others.models : source.kind ? others.variants : others.runs;
  const main = areMany ? mainAmong(shown, mostSeries) : shown;
  // Lines that come later lie above.
  const inOrder = [...shown.filter((each) => !main.includes(each)), ...main];
  const runs = inOrder.map((each) => ({
    ...{ name: each.name, metrics: each.metrics, series: main.includes(each) ? each.name : rest },
    seeds: each.seeds.flatMap(({ directories }) => directories.map((directory) => recordedEpochs(directory))),
  }));
  const empty = runs.find(({ seeds }) => seeds.some(({ length }) => length === 0));
  if (empty) throw new CannotShow(`${empty.name} has no metrics.jsonl: its folder was not copied whole`);
  const panel = (title: string, valueOf: (epoch: RecordedEpoch) => number | null | undefined): CurvesData['panels'] => {
    const points = runs.flatMap(({ name, seeds }) => pointsOf(name, seeds, valueOf));
    return points.length === 0 ? [] : [{ title, points }];
  };
  // A stage before the others, such as pretraining, has fewer.
  const epochs = runs.flatMap(({ seeds }) => seeds.flat());
  const losses = models.size > 1 ? [] : [...new Set(epochs.flatMap((epoch) => Object.keys(epoch.losses)))];
  const ordered = losses.toSorted((a, b) => Number(b === 'total') - Number(a === 'total'));
  const kind = runs[0]!.metrics;
  const metricNames = chosenMetrics(kind).filter((name) => epochs.some(({ valid }) => Object.hasOwn(valid, name)));
  return {
    runs: runs.map(({ name, series, seeds }) => ({ name, series, seeds: seeds.length })),
    stages: stagesOf(runs.flatMap(({ seeds }) => seeds)),
    panels: [
      ...ordered.flatMap((name) => panel(lossNames[name] ?? name, ({ losses: each }) => each[name])),
      ...metricNames.flatMap((name) => panel(`validation ${labelOf(kind, name)}`, ({ valid }) => valid[name])),
      // One rate says nothing of another model's.
      ...(models.size > 1 ? [] : panel('learning rate', ({ learningRate }) => learningRate)),
    ],
  };
}

/** Where stages end, each place once: runs that are alike have the same. */
function stagesOf(runs: readonly (readonly RecordedEpoch[])[]): NonNullable<CurvesData['stages']> {
  const ends = runs.flatMap((epochs) =>
    epochs.flatMap(({ epoch, stage }, n) =>
      stage === undefined || stage === epochs[n + 1]?.stage ? [] : [{ name: stage, last: epoch }],
    ),
  );
  return ends.filter(({ name, last }, n) => ends.findIndex((each) => each.name === name && each.last === last) === n);
}

const chosenMetrics = (kind: Parameters<typeof defaultSelection>[0]): readonly MetricName[] => {
  const further: readonly MetricName[] = ['corr', 'acc2', 'wacc', 'macro_f1', 'r2'];
  return [...new Set([defaultSelection(kind), ...further])].slice(0, 4);
};

/** By epoch, as far as every seed went: a mean over fewer would jump where one ends. */
function pointsOf(
  run: string,
  seeds: readonly (readonly RecordedEpoch[])[],
  valueOf: (epoch: RecordedEpoch) => number | null | undefined,
): CurvePoint[] {
  const [shortest] = seeds.toSorted((a, b) => a.length - b.length);
  return shortest!.flatMap(({ epoch }, n) => {
    const values = seeds.flatMap((epochs) => valueOf(epochs[n]!) ?? []);
    if (values.length < seeds.length) return [];
    const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
    return [{ run, epoch, mean, low: Math.min(...values), high: Math.max(...values) }];
  });
}

const across = 4;

export function curves({ runs, panels, stages = [] }: CurvesData): Drawing {
  const several = runs.some(({ seeds }) => seeds > 1);
  const hasBands = several && !runs.some((run) => isOthers(run.series));
  const names = runs.map(({ name }) => name);
  // DecAlign among many is drawn last, above the others, and in the first colour.
  const all = [...new Set(runs.map((run) => run.series))].toSorted((a, b) => Number(isOthers(a)) - Number(isOthers(b)));
  const epochs = panels.flatMap(({ points }) => points.map(({ epoch }) => epoch));
  const domain = [Math.min(...epochs), Math.max(...epochs)] as const;
  // The word lies over no line in a panel of a loss that the stages lack.
  const before = Math.max(...stages.map(({ last }) => last));
  const named = Math.max(
    0,
    panels.findIndex(({ points }) => points.every(({ epoch }) => epoch > before)),
  );
  const grey = runs.filter((run) => isOthers(run.series));
  const seriesOf = new Map(runs.map((run) => [run.name, run.series]));
  return {
    title: 'Training',
    notes: [
      [
        ...(panels.some(({ title }) => title.startsWith('L_'))
          ? ['Losses are means over an epoch, as they enter the sum.']
          : []),
        'Metrics are of the validation split.',
        ...(stages.length > 0
          ? [
              `Thin rule: the end of ${[...new Set(stages.map(({ name }) => name))].join(' and of ')}, whose epochs are counted too.`,
            ]
          : []),
        ...(several
          ? [
              `Lines are means over the seeds, as far as every seed was trained${hasBands ? '; bands reach from the lowest seed to the highest' : ''}.`,
            ]
          : []),
        ...(grey.length > 0 ? [`Grey: ${listed(grey.map(({ name }) => name))}.`] : []),
      ].join(' '),
    ],
    description: `${panels.map(({ title }) => title).join(', ')} by epoch of ${names.join(', ')}.${stages.map(({ name, last }) => ` The end of ${name}: epoch ${last}.`).join('')}`,
    columns: 2,
    across: Math.min(across, panels.length),
    spec: (panel) => ({
      columns: across,
      spacing: { row: 10, column: 8 },
      concat: panels.map((each, n) =>
        panelSpec(
          { ...each, points: each.points.map((point) => ({ ...point, series: seriesOf.get(point.run)! })) },
          { names: all, width: panel, domain, stages, isNamed: n === named, isLast: n >= panels.length - across },
        ),
      ),
    }),
  };
}

/** Names as far as three lines hold them: a sweep may have hundreds. */
const listed = (names: readonly string[]): string =>
  names.length <= mostNamed
    ? names.join(', ')
    : `${names.slice(0, mostNamed).join(', ')} and ${names.length - mostNamed} more`;

const mostNamed = 13;

function panelSpec(
  { title, points }: { readonly title: string; readonly points: readonly (CurvePoint & { readonly series: string })[] },
  {
    names,
    width,
    domain,
    stages,
    isNamed,
    isLast,
  }: {
    readonly names: readonly string[];
    readonly width: number;
    readonly domain: readonly [number, number];
    readonly stages: NonNullable<CurvesData['stages']>;
    readonly isNamed: boolean;
    readonly isLast: boolean;
  },
): Spec {
  const x = {
    field: 'epoch',
    type: 'quantitative',
    scale: { domain, nice: false, zero: false },
    axis: { title: isLast ? 'epoch' : null, tickMinStep: 1, format: 'd', tickCount: 4, grid: false },
  };
  return headed(title, {
    ...{ width, height: 58 },
    data: { values: points },
    encoding: { x, detail: { field: 'run', type: 'nominal' } },
    layer: [
      ...stages.map((stage) => stageMark(stage, { x, domain, width, named: isNamed })),
      ...(names.some(isOthers)
        ? []
        : [
            {
              mark: { type: 'area', opacity: 0.22 },
              encoding: { y: { field: 'low', ...y }, y2: { field: 'high' }, ...filled('series', names) },
            },
          ]),
      { mark: 'line', encoding: { y: { field: 'mean', ...y }, ...lined('series', names) } },
    ],
  });
}

/** A rule between the last epoch of a stage and the next, and the word beside it: within the stage, if there is room. */
function stageMark(
  { name, last }: NonNullable<CurvesData['stages']>[number],
  {
    x,
    domain: [from, to],
    width,
    named,
  }: { readonly x: Spec; readonly domain: readonly [number, number]; readonly width: number; readonly named: boolean },
): Spec {
  const epoch = last + 0.5;
  const isRoomy = (width * (epoch - from)) / (to - from) > textSizes.small + 4;
  const place = {
    angle: 270,
    align: 'right',
    dx: -1,
    ...(isRoomy ? { baseline: 'bottom', dy: -2 } : { baseline: 'top', dy: 2 }),
  };
  const word = { mark: { type: 'text', text: name, y: 0, color: quiet, ...place } };
  return { data: { values: [{ epoch }] }, encoding: { x }, layer: [{ mark: 'rule' }, ...(named ? [word] : [])] };
}

const y = { type: 'quantitative', scale: { zero: false }, axis: { title: null, tickCount: 3 } } as const;
