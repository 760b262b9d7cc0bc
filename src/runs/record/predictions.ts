/**
 * The predictions that a run keeps, `predictions.jsonl`: a line for each sample of its validation and test split, by the
 * best epoch. `decalign predict` prints the same lines, which have no split there.
 *
 *   {"split":"test","id":"03bSnISJMiM$_$1","group":"03bSnISJMiM","label":-1.8,"prediction":-1.2}
 *   {"split":"test","fold":2,"id":"clip 7","label":"happy","prediction":"sad","probabilities":{"happy":0.4,"sad":0.6}}
 *
 *   {"split":"test","id":"a","label":{"joy":1,"fear":null},"prediction":{"joy":1,"fear":0},
 *    "probabilities":{"joy":0.7,"fear":0.2},"thresholds":{"joy":0.4,"fear":0.5}}
 *
 * Classes and labels stand by their names, whatever their order in a file. A label that is not known is left out; of several
 * labels it is null.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import type { Samples, Split } from '../../data/dataset.ts';
import { writeFileAtomic } from '../../files/atomic.ts';
import { readBytes } from '../../files/read.ts';
import { isTree } from '../../json/tree.ts';
import { scoredNames, type Task } from '../../data/task.ts';
import { predictedBy, usualThreshold } from '../../deploy/predicted.ts';
import { labelOf } from '../label-of.ts';

/** Predictions that are to be written: values `[N]` or `[N, L]`, or logits `[N, classes]` or `[N, L]`. */
export interface Predicted {
  readonly samples: Pick<Samples, 'ids' | 'labels' | 'groups'>;
  readonly prediction: Float32Array;
  /** Of several labels that are true or not, `[L]`: one is predicted where its probability is above. Default: 0.5. */
  readonly thresholds?: readonly number[] | undefined;
  /**
   * Set where the values of classes or labels are no logits, but scores: the largest class is predicted, or each label above
   * 0, and there are no probabilities.
   */
  readonly scores?: true;
  readonly split?: Split;
  /** In cross-validation, the fold from 1 that the run is tested on. */
  readonly fold?: number | undefined;
  /** The names of the classes that labels are indices of, where they are others than the task's. */
  readonly labelNames?: readonly string[];
}

/** A line for each sample, each with its line break. */
export function predictionLines(task: Task, predicted: Predicted): string[] {
  const { samples, prediction, scores, split, fold, thresholds } = predicted;
  const { ids, labels, groups } = samples;
  const { labelNames = scoredNames(task) } = predicted;
  // Whoever scores the lines of a run needs the thresholds.
  const chosen =
    task.kind === 'multilabel' && split && thresholds
      ? Object.fromEntries(task.names.map((name, l) => [name, thresholds[l]]))
      : undefined;
  return predictedBy(task, prediction, thresholds).map(({ prediction: value, probabilities }, n) => {
    const about = { split, fold, id: ids[n], group: groups?.[n] };
    const known = labels && labelOf(task, labels, n, labelNames);
    const label = Number.isNaN(known) ? undefined : known;
    const found = scores
      ? { prediction: value, ...(task.kind === 'multilabel' && { scores: scoresOf(task.names, prediction, n) }) }
      : { prediction: value, probabilities };
    return `${JSON.stringify({ ...about, label, ...found, thresholds: chosen })}\n`;
  });
}

/** By label, a score that is above 0 where the label is predicted. */
const scoresOf = (names: readonly string[], prediction: Float32Array, n: number): object =>
  Object.fromEntries(names.map((name, l) => [name, prediction[n * names.length + l]]));

const predictionsFile = (directory: string): string => path.join(directory, 'predictions.jsonl');

/** Writes lines of `predictionLines` to a directory, as a whole or not at all. */
export const writePredictions = (directory: string, lines: readonly string[]): void =>
  writeFileAtomic(predictionsFile(directory), lines.join(''));

/** Whether a directory holds predictions; those of runs of format 2 and before do not. */
export const hasPredictions = (directory: string): boolean => existsSync(predictionsFile(directory));

/** The predictions of a split, sample by sample. */
export interface Predictions {
  readonly ids: readonly string[];
  /** The group of each sample; absent where the data had none. */
  readonly groups?: readonly string[];
  /** `[N]`: values, or indices of classes; or `[N * L]` in the order of the labels. NaN where a label is not known. */
  readonly labels: readonly number[];
  /**
   * `[N]` values of a regression, or `[N * classes]`, in the order of the classes, of which the largest is predicted. Of
   * several labels `[N * L]`: values, or logits less those of the thresholds, so that a label is predicted above 0.
   */
  readonly values: readonly number[];
}

const number = z.number().nullable();
/** Values by name, as a Map: a class may be called as every object has a member (`__proto__`), which records lose. */
const named = <T>(value: z.ZodType<T>): z.ZodType<ReadonlyMap<string, T>> =>
  z.preprocess((tree) => (isTree(tree) ? new Map(Object.entries(tree)) : tree), z.map(z.string(), value));
const byName = named(number);
const shares = named(z.number().min(0).max(1).nullable());
const lineSchema = z.object({
  // Benchmarks of before kept the test split alone, and classes by index with logits.
  split: z.enum(['train', 'valid', 'test']).default('test'),
  id: z.string(),
  group: z.string().optional(),
  label: z.union([z.number(), z.string(), byName]).optional(),
  prediction: z.union([number, z.string(), z.array(number), byName]),
  probabilities: shares.optional(),
  thresholds: shares.optional(),
  scores: byName.optional(),
});
type Line = z.output<typeof lineSchema>;

interface Reading {
  /** Default: `'test'`. */
  readonly split?: Split;
  /** The names of classes or of several labels, in the order in which values are wanted. */
  readonly classes?: readonly string[];
}

/**
 * Reads the predictions of a split that a directory holds, which are none where the file has no line of it. Throws an Error
 * for a line that is none, and for a class of another name.
 */
export const readPredictions = (directory: string, reading: Reading = {}): Predictions =>
  parsedPredictions(readBytes(predictionsFile(directory)).toString('utf8'), predictionsFile(directory), reading);

/** As `readPredictions`, of lines that are at hand; `file` is for errors. */
export function parsedPredictions(
  text: string,
  file: string,
  { split = 'test', classes = [] }: Reading = {},
): Predictions {
  const found = parsedLines(text, file, split).map(({ line }) => line);
  const classNamed = (name: string): number => {
    const index = classes.indexOf(name);
    if (index < 0) throw new Error(`${file} has a class "${name}", which is none of ${classes.join(', ')}.`);
    return index;
  };
  const inOrder = (values: z.output<typeof byName>): readonly (number | null)[] => {
    for (const name of classes)
      if (!values.has(name))
        throw new Error(`${file} has no label "${name}"; it has ${[...values.keys()].join(', ')}.`);
    return classes.map((name) => values.get(name)!);
  };
  const labelsOf = ({ label }: Line): readonly (number | null)[] => {
    // A line without its label lacks each of several.
    if (label === undefined) return Array.from({ length: isOfSeveral ? classes.length : 1 }, () => null);
    if (isByName(label)) return inOrder(label);
    return [typeof label === 'string' ? classNamed(label) : label];
  };
  const isOfSeveral = found.some(({ prediction }) => isByName(prediction));
  const valuesOf = ({ prediction, probabilities, thresholds, scores }: Line): readonly (number | null)[] => {
    if (isByName(prediction)) {
      if (!probabilities) return inOrder(scores ?? prediction);
      return inOrder(probabilities).map(
        (probability, l) => logit(probability ?? NaN) - logit(thresholds?.get(classes[l]!) ?? usualThreshold),
      );
    }
    if (typeof prediction !== 'string') return [prediction].flat();
    return classes.map((name) => probabilities?.get(name) ?? Number(name === prediction));
  };
  const groups = found.flatMap(({ group }) => group ?? []);
  return {
    ids: found.map(({ id }) => id),
    ...(found.length > 0 && groups.length === found.length && { groups }),
    labels: found.flatMap(labelsOf).map((label) => label ?? NaN),
    values: found.flatMap(valuesOf).map((value) => value ?? NaN),
  };
}

const isByName = (value: Line['prediction'] | Line['label']): value is z.output<typeof byName> => value instanceof Map;

const logit = (probability: number): number => Math.log(probability / (1 - probability));

/** The lines of a split as they stand in the file, each with its line break. */
export const linesOf = (directory: string, split: Split): readonly string[] => {
  const file = predictionsFile(directory);
  return parsedLines(readBytes(file).toString('utf8'), file, split).map(({ text }) => `${text}\n`);
};

const parsedLines = (
  text: string,
  file: string,
  split: Split,
): readonly { readonly text: string; readonly line: Line }[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line, n) => ({ text: line, line: parsedLine(line, `${file}, line ${n + 1}`) }))
    .filter(({ line }) => line.split === split);

function parsedLine(text: string, where: string): Line {
  try {
    return lineSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new Error(`${where}: this is no prediction; train the run anew, or use decalign predict on its data.`, {
      cause: error,
    });
  }
}

/** Predictions of several parts, such as the folds of cross-validation, as of one. */
export function joined(parts: readonly Predictions[]): Predictions {
  const groups = parts.flatMap((part) => part.groups ?? []);
  const ids = parts.flatMap((part) => part.ids);
  return {
    ids,
    ...(groups.length === ids.length && { groups }),
    labels: parts.flatMap(({ labels }) => labels),
    values: parts.flatMap(({ values }) => values),
  };
}
