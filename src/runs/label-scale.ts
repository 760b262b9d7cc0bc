/** The labels of a regression as losses see them: on which scale, and in which classes. */
import type { RunConfig } from '../config/index.ts';
import type { Dataset, Samples } from '../data/dataset.ts';
import { fitLabels, quantileBoundaries, roundedBoundaries, standardisedLabel } from '../data/label-statistics.ts';
import { labelColumn } from '../data/task.ts';
import { conventions } from '../metrics/metric.ts';
import type { LabelClasses, ModelTask, RegressionTask } from '../models/index.ts';
import { constant, type Tensor } from '../tensor/index.ts';
import type { Network } from '../train/index.ts';

/** The scale and the classes that a run learns from the labels of its training split; a network is given them with the task. */
export type LabelScale = Omit<RegressionTask, 'kind'>;

export interface LabelScaleOptions extends Pick<Dataset, 'task' | 'metrics'> {
  /** The classes that the model makes of labels; undefined where it makes none. */
  readonly classes: LabelClasses | undefined;
}

/**
 * The scale and the classes of the labels of a regression, by the training split. The labels of sentiment have an agreed
 * scale, on which 0 is neutral and whole numbers are classes; of other labels the training mean counts as neutral. Undefined
 * where a model sees labels as they stand and makes no classes of them but by rounding.
 */
export function labelScaleOf(
  { labels = new Float32Array() }: Pick<Samples, 'labels'>,
  { labelScale, labelClasses }: Pick<RunConfig['data'], 'labelScale' | 'labelClasses'>,
  { task, metrics, classes }: LabelScaleOptions,
): LabelScale | undefined {
  if (task.kind !== 'regression') return undefined;
  const isSentiment = conventions.some((kind) => kind === metrics);
  const isScaled = labelScale === 'auto' ? !isSentiment : labelScale === 'standardised';
  const isRounded = labelClasses === 'auto' ? isSentiment : labelClasses === 'rounded';
  const standardised = isScaled ? fitLabels(labels) : undefined;
  const seen = (y: number): number => (standardised ? standardisedLabel(y, standardised) : y);
  const boundaries = classes && boundariesOf(labels, classes, { isRounded, isScaled });
  if (!standardised && !boundaries) return undefined;
  return {
    ...(standardised && { standardised }),
    ...(standardised && isSentiment && { neutral: seen(0) }),
    ...(boundaries && { boundaries: boundaries.map(seen) }),
  };
}

/**
 * The scale of each of several targets, by the training split: standardised unless `labelScale` is given, since their units
 * have nothing in common, and divided in two classes at the median where a model makes classes of labels. Undefined for any
 * other task.
 */
export function targetScalesOf(
  { labels = new Float32Array() }: Pick<Samples, 'labels'>,
  { labelScale }: Pick<RunConfig['data'], 'labelScale'>,
  { task, classes }: LabelScaleOptions,
): readonly LabelScale[] | undefined {
  if (task.kind !== 'multitarget') return undefined;
  return task.names.map((_, l): LabelScale => {
    const own = labelColumn(labels, task.names.length, l);
    const standardised = labelScale === 'given' ? undefined : fitLabels(own);
    const seen = (y: number): number => (standardised ? standardisedLabel(y, standardised) : y);
    return {
      ...(standardised && { standardised }),
      ...(classes && { boundaries: quantileBoundaries(own, 2).map(seen) }),
    };
  });
}

/** Undefined where a model is to round labels as they stand. */
function boundariesOf(
  labels: Float32Array,
  { count, limit }: LabelClasses,
  { isRounded, isScaled }: { readonly isRounded: boolean; readonly isScaled: boolean },
): readonly number[] | undefined {
  if (!isRounded) return quantileBoundaries(labels, count);
  return isScaled ? roundedBoundaries(count, limit) : undefined;
}

/**
 * The network whose labels and predictions are in the unit of the data, whatever scale the model in it sees them on
 * (`task.standardised`): its losses are of standardised labels, and its predictions are scaled back.
 */
export const inUnitOfData = (network: Network): Network => ({
  ...network,
  build(scope, inputs) {
    const { task, labels, ownLabels } = inputs;
    const unit = unitOf(task);
    if (!unit) return network.build(scope, inputs);
    const { standardised, inUnit } = unit;
    const built = network.build(scope, {
      ...inputs,
      ...(labels && { labels: standardised(labels) }),
      ...(ownLabels && {
        ownLabels: Object.fromEntries(Object.entries(ownLabels).map(([name, y]) => [name, standardised(y)])),
      }),
    });
    return { ...built, prediction: inUnit(built.prediction) };
  },
});

/** How labels become what a model sees, and predictions what stands in the data; undefined where both are the same. */
function unitOf(task: ModelTask): Readonly<Record<'standardised' | 'inUnit', (y: Tensor) => Tensor>> | undefined {
  if (task.kind === 'regression' && task.standardised) {
    const { mean, deviation } = task.standardised;
    return { standardised: (y) => y.sub(mean).div(deviation), inUnit: (y) => y.mul(deviation).add(mean) };
  }
  if (task.kind !== 'multitarget' || task.targets.every(({ standardised }) => !standardised)) return undefined;
  const row = (of: 'mean' | 'deviation', like: Tensor): Tensor =>
    constant(
      task.targets.map(({ standardised = { mean: 0, deviation: 1 } }) => standardised[of]),
      [1, task.targets.length],
      like.dtype,
    );
  return {
    standardised: (y) => y.sub(row('mean', y)).div(row('deviation', y)),
    inUnit: (y) => y.mul(row('deviation', y)).add(row('mean', y)),
  };
}
