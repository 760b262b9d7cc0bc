import { classification, confusionMatrix, predictedClasses } from './classification.ts';
import { nearest } from '../text/nearest.ts';
import { mosiClass, mosiRegression, plainRegression, simsClass, simsRegression } from './regression.ts';

/** Datasets whose literature has conventions of its own for real-valued labels. */
export const conventions = ['mosi', 'sims'] as const;

/** Whose conventions apply: which metrics there are and where they cut. */
export const metricKinds = [...conventions, 'classification', 'regression'] as const;
export type MetricKind = (typeof metricKinds)[number];

export interface Metric {
  /** The heading of its column in tables. */
  readonly label: string;
  readonly better: 'lower' | 'higher';
}

/** Every metric by the name it has in JSON, TensorBoard and `--set`. */
export const metrics = {
  mae: { label: 'MAE', better: 'lower' },
  corr: { label: 'Corr', better: 'higher' },
  rmse: { label: 'RMSE', better: 'lower' },
  r2: { label: 'R²', better: 'higher' },
  acc2: { label: 'Acc-2', better: 'higher' },
  f1: { label: 'F1', better: 'higher' },
  acc2_nonneg: { label: 'Acc-2 (neg/non-neg)', better: 'higher' },
  f1_nonneg: { label: 'F1 (neg/non-neg)', better: 'higher' },
  acc3: { label: 'Acc-3', better: 'higher' },
  acc5: { label: 'Acc-5', better: 'higher' },
  acc7: { label: 'Acc-7', better: 'higher' },
  wacc: { label: 'WAcc', better: 'higher' },
  uacc: { label: 'UAcc', better: 'higher' },
  waf1: { label: 'WAF1', better: 'higher' },
  macro_f1: { label: 'Macro-F1', better: 'higher' },
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof metrics;

const metricNames: Readonly<Record<MetricKind, readonly MetricName[]>> = {
  mosi: ['mae', 'corr', 'acc2', 'f1', 'acc2_nonneg', 'f1_nonneg', 'acc3', 'acc5', 'acc7'],
  sims: ['mae', 'corr', 'acc2', 'acc3', 'acc5', 'f1'],
  regression: ['mae', 'corr', 'rmse', 'r2'],
  classification: ['wacc', 'uacc', 'waf1', 'macro_f1'],
};

/** The metrics a kind has, in table order; `evaluate` adds scores per class for classification. */
export const metricsOf = (kind: MetricKind): readonly MetricName[] => metricNames[kind];

/** The metric that the best epoch is chosen by unless another is asked for. */
export const defaultSelection = (kind: MetricKind): MetricName => (kind === 'classification' ? 'waf1' : 'mae');

/** `name` as one of the kind's metrics, or an error that says which there are. */
export function metricNamed(kind: MetricKind, name: string): MetricName {
  const known = metricsOf(kind);
  const found = known.find((candidate) => candidate === name);
  if (found !== undefined) return found;
  const meant = nearest(name, known);
  const hint = meant === undefined ? '' : ` Did you mean "${meant}"?`;
  throw new RangeError(`There is no metric "${name}" for ${kind} data.${hint} There are: ${known.join(', ')}.`);
}

/**
 * All metrics of a prediction, flat. `prediction` and `truth` are values `[N]`; for classification logits `[N * classes]`
 * and class indices `[N]`, and there is also `precision/NAME`, `recall/NAME` and `f1/NAME` for every class name.
 */
export function evaluate(
  kind: MetricKind,
  prediction: ArrayLike<number>,
  truth: ArrayLike<number>,
  classes: readonly string[] = [],
): Record<string, number> {
  switch (kind) {
    case 'mosi':
      return { ...mosiRegression(prediction, truth) };
    case 'sims':
      return { ...simsRegression(prediction, truth) };
    case 'regression':
      return { ...plainRegression(prediction, truth) };
    case 'classification': {
      const { perClass, ...overall } = classification(prediction, truth, namedClasses(classes).length);
      const scores = perClass.flatMap(({ precision, recall, f1 }, c) => [
        [`precision/${classes[c]!}`, precision] as const,
        [`recall/${classes[c]!}`, recall] as const,
        [`f1/${classes[c]!}`, f1] as const,
      ]);
      return { ...overall, ...Object.fromEntries(scores) };
    }
  }
}

export interface Confusion {
  readonly labels: readonly string[];
  /** `[C][C]`: row = true class, column = predicted class. */
  readonly counts: readonly (readonly number[])[];
}

/** The confusion matrix of the kind's finest usual classes; undefined for plain regression, which has none. */
export function confusion(
  kind: MetricKind,
  prediction: ArrayLike<number>,
  truth: ArrayLike<number>,
  classes: readonly string[] = [],
): Confusion | undefined {
  const binned = (labels: readonly string[], classOf: (x: number) => number): Confusion => ({
    labels,
    counts: confusionMatrix(Array.from(truth, classOf), Array.from(prediction, classOf), labels.length),
  });
  switch (kind) {
    case 'mosi':
      return binned(['-3', '-2', '-1', '0', '+1', '+2', '+3'], mosiClass);
    case 'sims':
      return binned(['negative', 'neutral', 'positive'], simsClass);
    case 'classification': {
      const count = namedClasses(classes).length;
      return { labels: classes, counts: confusionMatrix(truth, predictedClasses(prediction, count), count) };
    }
    case 'regression':
      return undefined;
  }
}

function namedClasses(classes: readonly string[]): readonly string[] {
  if (classes.length > 0) return classes;
  throw new RangeError('Cannot score a classification without the names of its classes.');
}
