/** Groups of runs side by side: their metrics, how sure differences are, and how they were set. */
import * as z from 'zod';
import { compareFinished, differencesOf, type RunComparison } from '../../../experiments/compare-runs.ts';
import { openFinished, type FinishedRuns } from '../../../experiments/finished-runs.ts';
import { recordAndResult } from '../../../experiments/listed-run.ts';
import { jsonIn } from '../../../files/json.ts';
import { isTree, type Tree } from '../../../json/tree.ts';
import { metricsOf, type MetricKind } from '../../../metrics/metric.ts';
import { summarise, type Summary } from '../../../metrics/summary.ts';
import type { Figures, RunRow } from '../api/routes.ts';
import type { ComparedFigure, ComparedGroup, ComparedMetric, ComparisonView } from '../api/compare.ts';
import { aboutMetric } from '../folder/metric-about.ts';
import { redacted } from '../redacted.ts';

export interface AskedGroup {
  readonly name: string;
  readonly runs: readonly { readonly row: RunRow; readonly directory: string }[];
}

/** Of groups of runs in the folder `root`. */
export async function compareView(groups: readonly AskedGroup[], root: string): Promise<ComparisonView> {
  const redact = redacted(root);
  const settings = groups.map(({ runs }) => settingsIn(runs[0]!.directory));
  const configuration = differencesOf(settings);
  const { comparison, problem } = await compared(groups);
  const summaries = comparison
    ? comparison.runs.map(({ test, seeds }): Summarised => ({ ...test, of: seeds.length }))
    : summariesOf(groups);
  const split = comparison || groups.every(({ runs }) => runs.every(({ row }) => row.test)) ? 'test' : 'valid';
  const kind = recordAndResult(groups[0]!.runs[0]!.directory).record?.data.metrics;
  return {
    groups: groups.map((group, n) => comparedGroup(group, comparison?.runs[n]?.against)),
    metrics: metricsIn(summaries, { kind, split, comparison }),
    ...(comparison && { samples: comparison.samples }),
    ...(comparison?.groups !== undefined && { units: comparison.groups }),
    configuration,
    notes: (comparison?.notes ?? []).map(redact),
    ...(problem !== undefined && { problem: redact(problem) }),
  };
}

/** The comparison, or why there is none. */
async function compared(
  groups: readonly AskedGroup[],
): Promise<{ readonly comparison?: RunComparison; readonly problem?: string }> {
  if (groups.length < 2) return {};
  try {
    return { comparison: await compareFinished(groups.map(openGroup)) };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

/** The runs of a group as if they lay in one folder of several seeds. */
function openGroup({ name, runs }: AskedGroup): FinishedRuns {
  const opened = runs.map(({ directory }) => openFinished(directory));
  const bySeed = new Map<number, string[]>();
  const twice: number[] = [];
  for (const [n, { seeds }] of opened.entries())
    for (const { seed, directories } of seeds) {
      const before = bySeed.get(seed);
      if (before && runs[n]!.row.fold === undefined) twice.push(seed);
      else bySeed.set(seed, [...(before ?? []), ...directories]);
    }
  return {
    ...opened[0]!,
    run: name,
    seeds: Array.from(bySeed, ([seed, directories]) => ({ seed, directories })),
    notes: twice.map((seed) => `${name} was run more than once with seed ${seed}: the first of these is compared`),
  };
}

const recordSchema = z.object({
  config: z.custom<Tree>(isTree),
  data: z.looseObject({ hash: z.string().optional() }),
});

/** The configuration as it stands, with the data: also of a run that has not finished. */
function settingsIn(directory: string): Tree {
  const record = jsonIn(directory, 'config.json', recordSchema);
  return record ? { ...record.config, samples: record.data.hash ?? null } : {};
}

/** Means, and of how many runs. */
type Summarised = Summary & { readonly of: number };

function summariesOf(groups: readonly AskedGroup[]): readonly (Summarised | undefined)[] {
  const rows = groups.map(({ runs }) => runs.map(({ row }) => row));
  const isTested = rows.flat().every(({ test }) => test);
  return rows.map((own) => {
    const figures = own.flatMap((row): Figures[] => {
      const found = isTested ? row.test : row.valid;
      return found ? [found] : [];
    });
    return figures.length > 0 ? { ...summarise(figures), of: figures.length } : undefined;
  });
}

function comparedGroup({ name, runs }: AskedGroup, against: RunComparison['runs'][number]['against']): ComparedGroup {
  const [{ row }] = runs as [AskedGroup['runs'][number]];
  const p = against?.corrected.bootstrap;
  return {
    ...{ name, title: row.title ?? row.id, data: row.data ?? '' },
    runs: runs.map(({ row: { id, status, seed, fold } }) => ({
      ...{ id, status },
      ...(seed !== undefined && { seed }),
      ...(fold !== undefined && { fold }),
    })),
    ...(against && { verdict: against.verdict }),
    ...(p !== undefined && p !== null && { p }),
  };
}

interface About {
  readonly kind: MetricKind | undefined;
  readonly split: 'test' | 'valid';
  readonly comparison: RunComparison | undefined;
}

function metricsIn(
  summaries: readonly (Summarised | undefined)[],
  { kind, split, comparison }: About,
): readonly ComparedMetric[] {
  const usual: readonly string[] = kind === undefined ? [] : metricsOf(kind);
  const names = [...new Set([...usual, ...summaries.flatMap((each) => Object.keys(each?.mean ?? {}))])];
  return names.flatMap((name) => {
    const about = aboutMetric(kind, name);
    const means = summaries.map((each) => each?.mean[name]);
    const finite = means.filter((mean) => mean !== undefined && Number.isFinite(mean));
    if (finite.length === 0) return [];
    const best = about.better === 'lower' ? Math.min(...(finite as number[])) : Math.max(...(finite as number[]));
    const values = means.map((mean, n): ComparedFigure | null => {
      if (mean === undefined || !Number.isFinite(mean)) return null;
      const difference = comparison?.runs[n]?.against?.bootstrap[name];
      const { of, std } = summaries[n]!;
      const deviation = of > 1 ? std[name] : undefined;
      return {
        mean,
        ...(deviation !== undefined && Number.isFinite(deviation) && { deviation }),
        ...(finite.length > 1 && mean === best && { best: true as const }),
        ...(difference && { difference: { value: difference.value, low: difference.low, high: difference.high } }),
      };
    });
    return [{ ...about, split, values }];
  });
}
