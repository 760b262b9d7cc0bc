import { classification, confusionMatrix, predictedClasses } from './classification.ts';
import { nearest } from '../text/nearest.ts';
import { multiLabel, type LabelScores, type MultiLabelOptions } from './multi-label.ts';
import { multiTarget } from './multi-target.ts';
import { mosiClass, mosiRegression, plainRegression, simsClass, simsRegression } from './regression.ts';

/** Datasets whose literature has conventions of its own for real-valued labels. */
export const conventions = ['mosi', 'sims'] as const;

/** Whose conventions apply: which metrics there are and where they cut. */
export const metricKinds = [
  ...conventions,
  'classification',
  'regression',
  'multilabel',
  'multitarget',
  'mosei-emotions',
] as const;
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
  micro_f1: { label: 'Micro-F1', better: 'higher' },
  map: { label: 'mAP', better: 'higher' },
  auc: { label: 'AUC', better: 'higher' },
  exact_match: { label: 'Exact match', better: 'higher' },
  hamming: { label: 'Hamming loss', better: 'lower' },
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof metrics;

const metricNames: Readonly<Record<MetricKind, readonly MetricName[]>> = {
  mosi: ['mae', 'corr', 'acc2', 'f1', 'acc2_nonneg', 'f1_nonneg', 'acc3', 'acc5', 'acc7'],
  sims: ['mae', 'corr', 'acc2', 'acc3', 'acc5', 'f1'],
  regression: ['mae', 'corr', 'rmse', 'r2'],
  classification: ['wacc', 'uacc', 'waf1', 'macro_f1'],
  multilabel: ['map', 'macro_f1', 'micro_f1', 'wacc', 'waf1', 'auc', 'exact_match', 'hamming'],
  multitarget: ['mae', 'corr', 'rmse', 'r2'],
  'mosei-emotions': ['wacc', 'waf1', 'auc', 'micro_f1', 'map'],
};

/** The metrics a kind has, in table order; `evaluate` adds scores by name for classes, labels and targets. */
export const metricsOf = (kind: MetricKind): readonly MetricName[] => metricNames[kind];

const selections: Readonly<Record<MetricKind, MetricName>> = {
  mosi: 'mae',
  sims: 'mae',
  regression: 'mae',
  classification: 'waf1',
  // It asks how labels are ranked, and needs no threshold.
  multilabel: 'map',
  // The mean MAE would be that of the target with the widest range.
  multitarget: 'r2',
  'mosei-emotions': 'wacc',
};

/** The metric that the best epoch is chosen by unless another is asked for. */
export const defaultSelection = (kind: MetricKind): MetricName => selections[kind];

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
 * and class indices `[N]`, and there is also `precision/NAME`, `recall/NAME` and `f1/NAME` for every class name. Of several
 * labels they are `[N * labels]`, logits and 0 or 1, or values; a NaN in `truth` is an absent label. There are also
 * `acc/NAME`, `wacc/NAME`, `f1/NAME`, `waf1/NAME`, `ap/NAME` and `auc/NAME`, or `mae/NAME`, `corr/NAME`, `rmse/NAME` and
 * `r2/NAME`, of every label but those that its truth leaves undefined.
 */
export function evaluate(
  kind: MetricKind,
  prediction: ArrayLike<number>,
  truth: ArrayLike<number>,
  classes: readonly string[] = [],
  options: MultiLabelOptions = {},
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
    case 'multilabel':
    case 'mosei-emotions': {
      const { perLabel, ...overall } = multiLabel(prediction, truth, classes.length, options);
      return { ...only(metricsOf(kind), overall), ...byName(labelScores, perLabel, classes) };
    }
    case 'multitarget': {
      const { perTarget, ...overall } = multiTarget(prediction, truth, classes.length);
      return { ...overall, ...byName(['mae', 'corr', 'rmse', 'r2'], perTarget, classes) };
    }
  }
}

const labelScores = ['acc', 'wacc', 'f1', 'waf1', 'ap', 'auc'] as const satisfies readonly (keyof LabelScores)[];

const only = (names: readonly string[], scores: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(names.map((name) => [name, scores[name]!]));

/** `METRIC/NAME` of what each name has, but what is undefined. */
const byName = <Score extends string>(
  scores: readonly Score[],
  rows: readonly { readonly [score in Score]: number | undefined }[],
  names: readonly string[],
): Record<string, number> =>
  Object.fromEntries(
    rows.flatMap((row, n) =>
      scores.flatMap((score) => (row[score] === undefined ? [] : [[`${score}/${names[n]!}`, row[score]] as const])),
    ),
  );

export interface Confusion {
  readonly labels: readonly string[];
  /** `[C][C]`: row = true class, column = predicted class. */
  readonly counts: readonly (readonly number[])[];
}

/** The confusion matrix of the kind's finest usual classes; undefined for plain regression and several labels, which have none. */
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
    case 'multilabel':
    case 'multitarget':
    case 'mosei-emotions':
      return undefined;
  }
}

function namedClasses(classes: readonly string[]): readonly string[] {
  if (classes.length > 0) return classes;
  throw new RangeError('Cannot score a classification without the names of its classes.');
}
