/**
 * The predictions that a run keeps, `predictions.jsonl`: a line for each sample of its validation and test split, by the
 * best epoch. `decalign predict` prints the same lines, which have no split there.
 *
 *   {"split":"test","id":"03bSnISJMiM$_$1","group":"03bSnISJMiM","label":-1.8,"prediction":-1.2}
 *   {"split":"test","fold":2,"id":"clip 7","label":"happy","prediction":"sad","probabilities":{"happy":0.4,"sad":0.6}}
 *
 * Classes stand by their names, whatever their order in a file. A label that is not known is left out.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import type { Samples, Split, Task } from '../../data/dataset.ts';
import { writeFileAtomic } from '../../files/atomic.ts';
import { softmax } from '../softmax.ts';

/** Predictions that are to be written: values `[N]` of a regression, or logits `[N, classes]`. */
export interface Predicted {
  readonly samples: Pick<Samples, 'ids' | 'labels' | 'groups'>;
  readonly prediction: Float32Array;
  /** Set where the values of classes are no logits, but scores of which the largest is predicted: there are no probabilities then. */
  readonly scores?: true;
  readonly split?: Split;
  /** In cross-validation, the fold from 1 that the run is tested on. */
  readonly fold?: number | undefined;
  /** The names of the classes that labels are indices of, where they are others than the task's. */
  readonly labelNames?: readonly string[];
}

/** A line for each sample, each with its line break. */
export function predictionLines(task: Task, predicted: Predicted): string[] {
  const { samples, prediction, scores, split, fold } = predicted;
  const { ids, labels, groups } = samples;
  const about = (n: number): object => ({ split, fold, id: ids[n], group: groups?.[n] });
  const line = (n: number, found: object, label: unknown): string =>
    `${JSON.stringify({ ...about(n), label, ...found })}\n`;
  const labelOf = (n: number): number | undefined => {
    const label = labels?.[n];
    return Number.isNaN(label) ? undefined : label;
  };
  if (task.kind === 'regression') return ids.map((_, n) => line(n, { prediction: prediction[n] }, labelOf(n)));
  const { classes } = task;
  const { labelNames = classes } = predicted;
  const all = softmax(prediction, classes.length);
  return ids.map((_, n) => {
    const row = Array.from(all.subarray(n * classes.length, (n + 1) * classes.length));
    const probabilities = scores ? undefined : Object.fromEntries(classes.map((name, c) => [name, row[c]]));
    const label = labelOf(n);
    return line(
      n,
      { prediction: classes[row.indexOf(Math.max(...row))], probabilities },
      label === undefined ? undefined : labelNames[label],
    );
  });
}

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
  /** `[N]`: values, or indices of classes; NaN where a label is not known. */
  readonly labels: readonly number[];
  /** `[N]` values of a regression, or `[N * classes]`, in the order of the classes, of which the largest is predicted. */
  readonly values: readonly number[];
}

const number = z.number().nullable();
const lineSchema = z.object({
  // Benchmarks of before kept the test split alone, and classes by index with logits.
  split: z.enum(['train', 'valid', 'test']).default('test'),
  id: z.string(),
  group: z.string().optional(),
  label: z.union([z.number(), z.string()]).optional(),
  prediction: z.union([number, z.string(), z.array(number)]),
  probabilities: z.record(z.string(), number).optional(),
});
type Line = z.output<typeof lineSchema>;

interface Reading {
  /** Default: `'test'`. */
  readonly split?: Split;
  /** The names of a classification, in the order in which values are wanted. */
  readonly classes?: readonly string[];
}

/**
 * Reads the predictions of a split that a directory holds, which are none where the file has no line of it. Throws an Error
 * for a line that is none, and for a class of another name.
 */
export const readPredictions = (directory: string, reading: Reading = {}): Predictions =>
  parsedPredictions(readFileSync(predictionsFile(directory), 'utf8'), predictionsFile(directory), reading);

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
  const labelOf = ({ label = NaN }: Line): number => (typeof label === 'string' ? classNamed(label) : label);
  const valuesOf = ({ prediction, probabilities }: Line): readonly (number | null)[] => {
    if (typeof prediction !== 'string') return [prediction].flat();
    return classes.map((name) => probabilities?.[name] ?? Number(name === prediction));
  };
  const groups = found.flatMap(({ group }) => group ?? []);
  return {
    ids: found.map(({ id }) => id),
    ...(found.length > 0 && groups.length === found.length && { groups }),
    labels: found.map(labelOf),
    values: found.flatMap(valuesOf).map((value) => value ?? NaN),
  };
}

/** The lines of a split as they stand in the file, each with its line break. */
export const linesOf = (directory: string, split: Split): readonly string[] => {
  const file = predictionsFile(directory);
  return parsedLines(readFileSync(file, 'utf8'), file, split).map(({ text }) => `${text}\n`);
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
