/** The predictions that a run keeps: those of the samples that it was not trained on. */
import type { Dataset, Split } from '../data/dataset.ts';
import { hasSeveral } from '../data/task.ts';
import { classNamesFor, knownLabelsFor, labelsFor } from './labels.ts';
import { preparedSplit } from './network.ts';
import { openModel, openPredictor, type OpenModel, type OpenOptions } from './open-model.ts';
import { hasPredictions, predictionLines, writePredictions, type Predicted } from './record/predictions.ts';

interface Use {
  readonly threads?: number | undefined;
  /** In cross-validation, the fold from 1 that the run is tested on. */
  readonly fold?: number | undefined;
}

interface Prediction {
  readonly split: Split;
  readonly prediction: Float32Array;
  /** Whether the data may lack some of several labels, which are absent then. Default: an Error. */
  readonly mayLackLabels?: boolean;
}

/** The predictions of a split beside its samples, with labels as the model has them. */
export function predictedOf(
  { data, thresholds }: Pick<OpenModel, 'data' | 'thresholds'>,
  dataset: Dataset,
  { split, prediction, mayLackLabels = false }: Prediction,
): Predicted {
  const { ids, groups, labels: held } = dataset.splits[split]!;
  const severalOf = mayLackLabels ? knownLabelsFor : labelsFor;
  const labels = hasSeveral(data.task) ? severalOf(data, dataset, split) : held;
  return {
    samples: { ids, ...(labels && { labels }), ...(groups && { groups }) },
    ...{ prediction, thresholds, labelNames: classNamesFor(data, dataset) },
  };
}

/** Predicts the validation and the test split, as far as a dataset has them. */
export async function predictHeldOut(
  model: OpenModel,
  dataset: Dataset,
  { threads, fold }: Use = {},
): Promise<readonly (Predicted & { readonly split: Split })[]> {
  const predictor = await openPredictor(model, threads === undefined ? {} : { threads });
  try {
    const found: (Predicted & { readonly split: Split })[] = [];
    for (const split of ['valid', 'test'] as const) {
      if (!dataset.splits[split]) continue;
      const { prediction } = await predictor.predict(preparedSplit(dataset, split, model));
      found.push({ split, fold, ...predictedOf(model, dataset, { split, prediction }) });
    }
    return found;
  } finally {
    await predictor.dispose();
  }
}

/** Sees to it that a finished run has its predictions: one that an earlier release finished kept none. */
export async function ensurePredictions(
  directory: string,
  dataset: Dataset,
  { own, ...use }: Use & { readonly own?: OpenOptions | undefined },
): Promise<void> {
  if (hasPredictions(directory)) return;
  const model = openModel(directory, own);
  const held = await predictHeldOut(model, dataset, use);
  writePredictions(
    directory,
    held.flatMap((each) => predictionLines(model.data.task, each)),
  );
}
