/** What a prediction consists of: one number or several, each with a name, a scale and a way to be written. */
import type { PredictedOfSample } from '../../deploy/predicted.ts';
import type { Task } from '../../data/task.ts';

/** One of the numbers that a model predicts of a sample. */
export interface Output {
  /** The class, label or target; of a regression `prediction`. */
  readonly name: string;
  /** The scale that it lies on: that of the training labels, or 0 to 1 of probabilities. */
  readonly range: readonly [low: number, high: number];
  /** Above which a label counts as predicted; of several labels that are true or not alone. */
  readonly threshold?: number;
}

const isProbable = ({ kind }: Task): boolean => kind === 'classification' || kind === 'multilabel';

/** The outputs of a task; thresholds `[L]` are by label. */
export function outputsOf(task: Task, thresholds: readonly number[] = []): readonly Output[] {
  switch (task.kind) {
    case 'regression':
      return [{ name: 'prediction', range: task.range }];
    case 'classification':
      return task.classes.map((name) => ({ name, range: [0, 1] }));
    case 'multilabel':
      return task.names.map((name, l) => ({ name, range: [0, 1], threshold: thresholds[l] ?? 0.5 }));
    case 'multitarget':
      return task.names.map((name, l) => ({ name, range: task.ranges[l]! }));
  }
}

/** The numbers of a prediction, in the order of the outputs: values, or probabilities. */
export function valuesOf(
  outputs: readonly Output[],
  { prediction, probabilities }: PredictedOfSample,
): readonly number[] {
  const byName = probabilities ?? prediction;
  if (typeof byName === 'number') return [byName];
  return typeof byName === 'string' ? [] : outputs.map(({ name }) => byName[name]!);
}

/** The index of the output that is looked at first: the likeliest class or label, of several targets the first. */
export const mainOutput = (task: Task, values: readonly number[]): number =>
  isProbable(task) ? values.indexOf(Math.max(...values)) : 0;

/** An output's value in words: a percentage, or a number of as many decimals as its scale tells apart. */
export const valueText = (task: Task, output: Output, value: number): string =>
  isProbable(task) ? percentText(value) : fixed(value, decimalsOf(output));

/** How far an output moved, with its sign: in points of percent, or in its own unit. */
export function changeText(task: Task, output: Output, change: number): string {
  const text = isProbable(task) ? fixed(change * 100, 1) : fixed(change, decimalsOf(output));
  const isNothing = !/[1-9]/.test(text);
  const signed = isNothing ? text.replace('−', '±').replace(/^0/, '±0') : change > 0 ? `+${text}` : text;
  return isProbable(task) ? `${signed} points` : signed;
}

/** What is predicted, in a few words, as lists of samples show it. */
export function predictedText(task: Task, outputs: readonly Output[], { prediction }: PredictedOfSample): string {
  if (typeof prediction === 'string') return prediction;
  if (typeof prediction === 'number') return valueText(task, outputs[0]!, prediction);
  if (task.kind === 'multitarget')
    return outputs.map((output) => `${output.name} ${valueText(task, output, prediction[output.name]!)}`).join(', ');
  return (
    outputs
      .filter(({ name }) => prediction[name] === 1)
      .map(({ name }) => name)
      .join(', ') || 'none'
  );
}

/** A true label in a few words. */
export function labelText(task: Task, outputs: readonly Output[], label: Label): string {
  if (typeof label === 'string') return label;
  if (typeof label === 'number') return valueText(task, outputs[0]!, label);
  const known = outputs.flatMap((output) => {
    const value = label[output.name];
    return value === null || value === undefined ? [] : [{ output, value }];
  });
  if (task.kind === 'multitarget')
    return known.map(({ output, value }) => `${output.name} ${valueText(task, output, value)}`).join(', ');
  return (
    known
      .filter(({ value }) => value > 0)
      .map(({ output }) => output.name)
      .join(', ') || 'none'
  );
}

export type Label = number | string | Readonly<Record<string, number | null>>;

/** The true value of an output, as far as the label says it: for classes and labels 1 or 0. */
export function trueValue(label: Label | undefined, { name }: Output): number | undefined {
  if (label === undefined) return undefined;
  if (typeof label === 'number') return label;
  return typeof label === 'string' ? Number(label === name) : (label[name] ?? undefined);
}

/** Three digits of a scale's extent. */
const decimalsOf = ({ range: [low, high] }: Output): number =>
  Math.min(6, Math.max(0, 3 - Math.ceil(Math.log10(Math.max(high - low, Number.MIN_VALUE)))));

const percentText = (share: number): string => `${fixed(share * 100, 1)}\u00a0%`;

const fixed = (x: number, decimals: number): string => x.toFixed(decimals).replace('-', '−');
