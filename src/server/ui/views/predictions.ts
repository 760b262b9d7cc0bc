/** What went wrong in a run's predictions: by sample, by class, against labels. */
import { confusedIn, type Confused } from '../../../figures/confused.ts';
import { CannotShow } from '../../../figures/figure.ts';
import type { MetricKind } from '../../../metrics/metric.ts';
import { wilson } from '../../../metrics/wilson.ts';
import { worstSamples } from '../../../report/worst.ts';
import type { Predictions } from '../../../runs/record/predictions.ts';
import type { RunPredictions } from '../api/run.ts';
import { predictionsOfRun } from './predictions-of-run.ts';
import { openRun, type RunPlace } from './source-of-run.ts';

/** So many samples are told of one by one. */
const most = 5000;

export async function predictionsView(place: RunPlace, { split }: { readonly split: string }): Promise<RunPredictions> {
  const run = openRun(place);
  const predictions = await predictionsOfRun(run, split);
  const { unit, samples: errors } = worstSamples(run.shown, [predictions], most);
  const confused = confusedOrNot(run.shown, predictions);
  const residuals = residualsOf(run.shown.metrics, predictions);
  return {
    ...{ split, samples: predictions.ids.length, unit, errors },
    ...(residuals && { residuals }),
    ...(confused && {
      confusion: { labels: confused.labels, counts: confused.seeds[0]! },
      categories: categoriesOf(confused),
    }),
  };
}

function confusedOrNot(shown: Parameters<typeof confusedIn>[0], predictions: Predictions): Confused | undefined {
  try {
    return confusedIn(shown, [predictions]);
  } catch (error) {
    if (error instanceof CannotShow) return undefined;
    throw error;
  }
}

function residualsOf(kind: MetricKind, { ids, labels, values }: Predictions): RunPredictions['residuals'] {
  if (!['mosi', 'sims', 'regression'].includes(kind)) return undefined;
  return ids
    .flatMap((id, n) => (Number.isNaN(labels[n]) ? [] : [{ id, label: labels[n]!, prediction: values[n]! }]))
    .slice(0, most);
}

const categoriesOf = ({ labels, seeds: [counts] }: Confused): NonNullable<RunPredictions['categories']> =>
  labels.flatMap((name, c) => {
    const row = counts![c]!;
    const count = row.reduce((sum, n) => sum + n, 0);
    return count === 0 ? [] : [{ name, count, accuracy: row[c]! / count, ...wilson(row[c]!, count) }];
  });
