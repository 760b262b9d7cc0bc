/** The metrics of runs as tables: means with deviations and intervals, and what single seeds and folds came to. */
import { arrowOf, labelOf } from '../metrics/headings.ts';
import { metrics as known, metricsOf, type MetricKind, type MetricName } from '../metrics/metric.ts';
import { summarise } from '../metrics/summary.ts';
import type { ReportedRun } from './contents.ts';
import { html, type Html } from './html.ts';
import { behindText } from './ridge.ts';
import { apart, folded, numberText, table, type Cell } from './parts.ts';

/** The results of runs, a table for the runs on the same data. */
export function resultsOf(runs: readonly ReportedRun[]): Html {
  const tables = byData(runs);
  return html`${tables.map((some) => html`${tableOf(some, 'test')}${behind(some)}${reading(some)}${details(some)}`)}`;
}

/** Runs whose figures compare: of the same samples, by the same metrics. */
function byData(runs: readonly ReportedRun[]): readonly (readonly ReportedRun[])[] {
  const keyOf = ({ data, metrics }: ReportedRun): string => `${data.hash} ${metrics}`;
  return [...new Set(runs.map(keyOf))].map((key) => runs.filter((run) => keyOf(run) === key));
}

/** Test where some have it; a dataset without a test split has validation alone. */
const splitOf = (runs: readonly ReportedRun[]): 'test' | 'valid' => (runs.some(({ test }) => test) ? 'test' : 'valid');

function tableOf(runs: readonly ReportedRun[], asked: 'test' | 'valid'): Html | undefined {
  const split = asked === 'test' ? splitOf(runs) : asked;
  const rows = runs.filter((run) => run[split]);
  if (rows.length === 0) return undefined;
  const [{ metrics: kind, data, samples }] = rows as [ReportedRun];
  const names = metricsOf(kind).filter((name) => rows.some((run) => run[split]!.mean[name] !== undefined));
  const count = samples[split];
  const best = new Map(names.map((name) => [name, bestOf(rows, split, name)]));
  const hasParts = split === 'test' && rows.some((run) => decouplingOf(run));
  /** The first metric, D, and the other metrics: a narrow window shows the first columns. */
  const columns = (of: (name: MetricName) => Cell['content'], ofParts: () => string): Cell[] => {
    const [first, ...rest] = names.map((name): Cell => ({ content: of(name), is: 'number' }));
    return [first!, ...(hasParts ? [{ content: ofParts(), is: 'number' } as const] : []), ...rest];
  };
  return table({
    caption: `${data.name}, ${split === 'test' ? 'test' : 'validation'} split${count === undefined ? '' : ` (${count} samples)`}`,
    heads: [
      { content: 'Run' },
      ...columns(
        (name) => heading(kind, name),
        () => 'D\u00a0↑',
      ),
    ],
    rows: rows.map((run) => ({
      name: apart(run.name),
      isReference: run.results.length === 0,
      cells: columns(
        (name) => figure(run, split, name, best.get(name)),
        () => decouplingOf(run) ?? '–',
      ),
    })),
  });
}

/** How far unique and common parts are decoupled, a mean over results; undefined where there is nothing to tell. */
function decouplingOf({ results }: ReportedRun): string | undefined {
  const scores = results.flatMap(({ decoupling }) => (decoupling === undefined ? [] : [{ D: decoupling }]));
  if (scores.length === 0) return undefined;
  const { mean, std } = summarise(scores);
  return `${numberText(mean['D'])}${scores.length > 1 ? ` ± ${numberText(std['D'])}` : ''}`;
}

const heading = (kind: MetricKind, name: MetricName): string => `${labelOf(kind, name)}\u00a0${arrowOf(name)}`;

/** The best mean as it is printed, where there are several to choose from. */
function bestOf(runs: readonly ReportedRun[], split: 'test' | 'valid', name: MetricName): string | undefined {
  const means = runs.flatMap((run) => run[split]!.mean[name] ?? []).filter(Number.isFinite);
  if (means.length < 2) return undefined;
  return numberText(known[name].better === 'lower' ? Math.min(...means) : Math.max(...means));
}

function figure(run: ReportedRun, split: 'test' | 'valid', name: MetricName, best: string | undefined): Html {
  const { mean, std } = run[split]!;
  const text = numberText(mean[name]);
  const several = run.results.length > 1 || (run.seeds > 1 && split === 'test');
  const interval = split === 'test' ? run.intervals?.intervals[name] : undefined;
  return html`${text === best ? html`<strong>${text}</strong>` : text}${
    several && std[name] !== undefined ? ` ± ${numberText(std[name])}` : undefined
  }${
    interval ? html`<span class="range">${numberText(interval.low)} to ${numberText(interval.high)}</span>` : undefined
  }`;
}

function behind(runs: readonly ReportedRun[]): Html | undefined {
  const text = behindText(runs);
  return text === undefined ? undefined : html`<p class="warn">${text}</p>`;
}

/** How to read the table of these runs. */
function reading(runs: readonly ReportedRun[]): Html {
  const trained = runs.filter(({ results }) => results.length > 0);
  const intervals = runs.flatMap((run) => run.intervals ?? []);
  const isFolded = trained.some(({ results }) => results.some(({ fold }) => fold !== undefined));
  const [first] = intervals;
  const units =
    first &&
    (first.by === 'group'
      ? `${first.units} groups of test samples`
      : `${first.units} test samples, one by one, since nothing tells which belong together,`);
  const sentences = [
    ...(trained.some(({ seeds }) => seeds > 1) ? ['Mean ± standard deviation over seeds.'] : []),
    ...(isFolded
      ? ['Each sample is predicted by the fold that did not see it, and all folds are scored together.']
      : []),
    ...(units !== undefined
      ? [`Below each figure its 95 % interval: ${units} and seeds drawn anew (bootstrap, 500 times).`]
      : []),
    ...(units === undefined && splitOf(runs) === 'test'
      ? ['No intervals: all test samples are of one group, or no predictions were kept.']
      : []),
    ...(runs.some((run) => decouplingOf(run))
      ? ['D, 0 to 1: how far unique and common parts are decoupled (docs/decoupling.md of decalign).']
      : []),
    ...(runs.length > 1 ? ['Bold: the best mean of a column, which need not be more than luck.'] : []),
    ...(runs.some(({ describe }) => describe !== undefined)
      ? [
          `In grey, for comparison: ${runs.flatMap(({ name, describe }) => (describe === undefined ? [] : [`${name} (${describe})`])).join('; ')}.`,
        ]
      : []),
  ];
  return html`<p class="note">${sentences.join(' ')}</p>`;
}

/** Figures of the validation split, and of each seed or fold. */
function details(runs: readonly ReportedRun[]): Html {
  const valid = splitOf(runs) === 'test' ? tableOf(runs, 'valid') : undefined;
  return html`${valid ? folded('Validation split', valid) : undefined}${eachResult(runs)}`;
}

function eachResult(runs: readonly ReportedRun[]): Html | undefined {
  const all = runs.flatMap((run) => run.results.map((result) => ({ run, result })));
  if (all.length < 2) return undefined;
  const split = splitOf(runs);
  const [{ run: first }] = all as [(typeof all)[number]];
  const names = metricsOf(first.metrics).filter((name) =>
    all.some(({ result }) => result[split]?.[name] !== undefined),
  );
  return folded(
    'Each seed and fold',
    table({
      caption: `${split === 'test' ? 'Test' : 'Validation'} split, by the epoch that was best on validation`,
      heads: [
        { content: 'Run' },
        ...['seed', 'fold', 'best epoch'].map((content): Cell => ({ content, is: 'number' })),
        ...names.map((name): Cell => ({ content: heading(first.metrics, name), is: 'number' })),
      ],
      rows: all.map(({ run, result }) => ({
        name: apart(run.name),
        cells: [
          String(result.seed),
          result.fold === undefined ? '–' : String(result.fold),
          `${result.bestEpoch}${result.epochs === undefined ? '' : ` of ${result.epochs}`}`,
          ...names.map((name) => numberText(result[split]?.[name])),
        ].map((content): Cell => ({ content, is: 'number' })),
      })),
    }),
  );
}
