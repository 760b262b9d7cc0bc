import { level, oneGroupNote, sizeNote, spreadNote, tableMetrics } from '../experiments/benchmark/paired-tests.ts';
import { compareRuns, type ComparedRun, type RunComparison } from '../experiments/compare-runs.ts';
import { metrics } from '../metrics/metric.ts';
import { command } from './command.ts';
import { dataHelp } from './options/data.ts';
import { ownModelOf, ownModelOptions } from './options/own-model.ts';
import { shared } from './options/shared.ts';
import { columns } from './printing/columns.ts';
import { signed } from './printing/signed.ts';
import { metricsTable } from './printing/metrics-table.ts';
import { wrapped } from './printing/wrapped.ts';
import { UsageError } from './usage-error.ts';

export const compareCommand = command('compare', {
  summary: 'metrics of finished runs side by side, with paired tests and what differs in their settings',
  example: 'decalign compare runs/decalign runs/mult',
  description:
    'Each RUN is a run directory, or the folder of several seeds or folds. Each is compared with the first one on the test samples that all of them predict, by the predictions that they kept.',
  arguments: [['<run...>', 'two or more directories of runs; the first is what the others are compared with']],
  options: [
    { flag: '--data <file>', help: `predict the test split of this in place of what the runs kept: ${dataHelp}` },
    ...ownModelOptions,
    { ...shared.device, help: `with --data: ${shared.device.help}` },
    shared.json,
  ],
  action: async (runs, { data, device, json, ...named }) => {
    if (runs.length < 2) throw new UsageError('compare needs two runs or more; decalign evaluate RUN DATA is for one.');
    if (named.model !== undefined && data === undefined)
      throw new UsageError('--model goes with --data FILE: the predictions that runs kept need no model.');
    if (device !== undefined && data === undefined)
      throw new UsageError('--device goes with --data FILE: the predictions that runs kept are not made again.');
    const own = await ownModelOf(named);
    const comparison = await compareRuns(runs, { data, own, device });
    if (json) {
      process.stdout.write(`${JSON.stringify(comparison)}\n`);
      return;
    }
    for (const note of comparison.notes) process.stderr.write(`warning: ${note}.\n`);
    process.stdout.write(`${text(comparison)}\n`);
  },
});

function text(comparison: RunComparison): string {
  const { metrics: kind, samples, groups, runs, configuration } = comparison;
  const rows = runs.map(({ run, seeds, test }) => ({
    name: run,
    metrics: test.mean,
    ...(seeds.length > 1 && { deviations: test.std }),
  }));
  const grouped = groups === undefined ? undefined : `${groups} ${groups === 1 ? 'group' : 'groups'}`;
  const units = grouped ?? `${samples} test samples (nothing tells groups)`;
  return [
    `${samples} test samples${grouped === undefined ? '' : ` of ${grouped}`}; ${seedsText(runs)}`,
    metricsTable(kind, rows),
    testsTable(comparison),
    wrapped(
      groups === 1
        ? oneGroupNote
        : `p: two-sided, corrected over the runs as Holm has it, and before that in brackets: paired bootstrap of ${units} and of seeds, and Wilcoxon's signed-rank test of the mean errors of ${grouped === undefined ? 'samples' : 'groups'}${hasSeeds(runs) ? ` averaged over seeds. ${spreadNote}` : '.'} Better or worse: the corrected p of the bootstrap is below ${level}. ${sizeNote}`,
    ),
    configuration.length > 0 ? settingsTable(comparison) : 'Their settings are the same.',
  ].join('\n\n');
}

const hasSeeds = (runs: readonly ComparedRun[]): boolean => runs.some(({ seeds }) => seeds.length > 1);

function seedsText(runs: readonly ComparedRun[]): string {
  const each = runs.map(({ seeds }) => seeds.join(', '));
  const shown = new Set(each).size === 1 ? each[0]! : each.join(' / ');
  return hasSeeds(runs) ? `mean ± std over seeds ${shown}` : `seed ${shown}`;
}

/** The first metric of each run less that of the first run, and how sure the difference is. */
function testsTable({ metrics: kind, runs }: RunComparison): string {
  const [main] = tableMetrics[kind];
  const { label } = metrics[main];
  const rows = runs.flatMap(({ run, against }) => {
    if (!against) return [];
    const { value, low, high, p } = against.bootstrap[main]!;
    const { corrected, wilcoxon, verdict } = against;
    return [
      [
        run,
        signed(value),
        low === null || high === null ? '–' : `${signed(low)} to ${signed(high)}`,
        pText(corrected.bootstrap, p),
        pText(corrected.wilcoxon, wilcoxon.p),
        verdict,
      ],
    ];
  });
  return columns([
    [`against ${runs[0]!.run}`, `${label} differs by`, '95 % interval', 'p bootstrap', 'p Wilcoxon', ''],
    ...rows,
  ]);
}

const shortP = (p: number): string => (p < 0.001 ? '<0.001' : p.toFixed(3));
/** The corrected p-value and the one before that; a dash where nothing was tested. */
const pText = (corrected: number | null, raw: number | null): string =>
  corrected === null || raw === null ? '–' : `${shortP(corrected)} (${shortP(raw)})`;

/** The settings that differ; of runs of different models, those that both have. */
function settingsTable({ runs, configuration }: RunComparison): string {
  const models = new Set(runs.map(({ model }) => model)).size;
  const isOwn = (key: string): boolean => models > 1 && key.startsWith('model.') && key !== 'model.name';
  const shown = configuration.filter(({ key, values }) => !isOwn(key) || !values.includes(null));
  const left = configuration.length - shown.length;
  const table = columns([
    ['different settings', ...runs.map(({ run }) => run)],
    ...shown.map(({ key, values }) => [key, ...values.map((value) => (value === null ? '–' : valueText(value)))]),
  ]);
  return left === 0 ? table : `${table}\n\n${left} keys that one of the models does not have: --json has them.`;
}

const valueText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
