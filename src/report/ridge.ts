/** Runs that do not beat ridge regression on validation, as `train` tells it. */
import { behindRidge, type BehindRidge } from '../experiments/behind-ridge.ts';
import type { FinishedRuns } from '../experiments/finished-runs.ts';
import { isTree } from '../json/tree.ts';
import { labelOf } from '../metrics/headings.ts';
import {
  defaultSelection,
  metricNamed,
  metrics as known,
  type MetricKind,
  type MetricName,
} from '../metrics/metric.ts';
import { numberText } from './parts.ts';

/** The figures of a run and of ridge regression, by the metric that chose its epochs. */
export interface Behind extends BehindRidge {
  readonly metric: MetricName;
}

type Figures = Readonly<Record<string, number>>;

/** Undefined where a run beats ridge regression, and where there is none beside it. */
export function behindIn(
  { settings, metrics }: Pick<FinishedRuns, 'settings' | 'metrics'>,
  results: readonly { readonly valid: Figures }[],
  ridge: Figures | undefined,
): Behind | undefined {
  const selection = isTree(settings['train']) ? settings['train']['selection'] : undefined;
  const metric = typeof selection === 'string' ? metricNamed(metrics, selection) : defaultSelection(metrics);
  const behind = behindRidge({ metric, better: known[metric].better }, results, ridge);
  return behind && { metric, ...behind };
}

/** A sentence on those of the runs that do not beat ridge regression; undefined where all do. */
export function behindText(
  runs: readonly { readonly name: string; readonly metrics: MetricKind; readonly behind?: Behind }[],
): string | undefined {
  const told = runs.flatMap(({ name, metrics, behind }) =>
    behind
      ? [`${name} (${labelOf(metrics, behind.metric)} ${numberText(behind.own)}, ridge ${numberText(behind.ridge)})`]
      : [],
  );
  if (told.length === 0) return undefined;
  const verb = told.length > 1 ? 'do' : 'does';
  return `${told.join(', ')} ${verb} not beat ridge on validation: so far a linear model is as good or better.`;
}
