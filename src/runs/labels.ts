/** The labels of a dataset as a model that was trained on another one numbers and names them. */
import type { Dataset, Split } from '../data/dataset.ts';
import { areNumbers } from '../data/tables/classes.ts';
import { hasSeveral, type SeveralLabels, type Task } from '../data/task.ts';
import type { TrainedOn } from './trained-model.ts';

type Trained = Pick<TrainedOn, 'task'>;

/**
 * The labels `[N]` of a split, or `[N, L]` of several, undefined where it has none: values, indices of the model's classes,
 * or the model's labels in their order, which a file may number otherwise. Classes are told by their names; where one side
 * has names and the other numbers, a number is the index of a name. Throws an Error for a label that is none of the model's
 * classes, and for data that lacks one of several labels.
 */
export function labelsFor({ task }: Trained, dataset: Dataset, split: Split): Float32Array | undefined {
  const { labels } = dataset.splits[split] ?? {};
  if (!labels) return labels;
  if (hasSeveral(task) || hasSeveral(dataset.task)) return severalFor(task, dataset, labels);
  if (task.kind === 'regression' || dataset.task.kind === 'regression') return labels;
  const { classes } = dataset.task;
  const indices = indicesOf(classes, task.classes);
  return labels.map((label, row) => {
    if (Number.isNaN(label)) return label;
    const index = indices[label]!;
    if (index >= 0) return index;
    const known = task.classes.length > 10 ? [...task.classes.slice(0, 10), '...'] : task.classes;
    throw new Error(
      `${dataset.name}: split "${split}", row ${row}: label "${classes[label]!}" is none of the ${task.classes.length} classes that the model was trained on (${known.join(', ')}).`,
    );
  });
}

/**
 * The labels `[N, L]` of a split in the order of the model's, as far as the data has them: NaN for those that it lacks.
 * Undefined where it has none of them, or labels of another task. For predictions, which need no labels.
 */
export function knownLabelsFor(
  { task }: Trained,
  { task: held, splits }: Dataset,
  split: Split,
): Float32Array | undefined {
  const { labels } = splits[split] ?? {};
  if (!labels || !hasSeveral(task) || !hasSeveral(held) || held.kind !== task.kind) return undefined;
  const columns = columnsFor(task, held);
  return columns.every((column) => column < 0) ? undefined : picked(labels, held.names.length, columns);
}

/** The columns of the model's labels, in its order. */
function severalFor(task: Task, { task: held, name }: Dataset, labels: Float32Array): Float32Array {
  if (!hasSeveral(task) || !hasSeveral(held) || task.kind !== held.kind)
    throw new Error(
      `The labels of ${name} are of the task ${held.kind}, and the model was trained for ${task.kind}; predict needs no labels.`,
    );
  const columns = columnsFor(task, held);
  const lacking = task.names.filter((_, l) => columns[l]! < 0);
  if (lacking.length > 0)
    throw new Error(
      `${name} lacks ${lacking.map((each) => `"${each}"`).join(', ')} of the labels that the model was trained on; it has ${held.names.join(', ')}.`,
    );
  return picked(labels, held.names.length, columns);
}

/** Columns of `[N, width]`, each NaN where it is -1. */
const picked = (labels: Float32Array, width: number, columns: readonly number[]): Float32Array =>
  Float32Array.from({ length: (labels.length / width) * columns.length }, (_, i) => {
    const column = columns[i % columns.length]!;
    return column < 0 ? Number.NaN : labels[Math.floor(i / columns.length) * width + column]!;
  });

/** By label of the model, its column in the data; -1 where there is none. */
const columnsFor = (task: SeveralLabels, held: SeveralLabels): readonly number[] =>
  task.names.map((name) => held.names.indexOf(name));

/** The classes of a dataset, each by the model's name for it, or by its own where the model does not know it. */
export function classNamesFor({ task }: Trained, { task: held }: { readonly task: Task }): readonly string[] {
  if (task.kind !== 'classification' || held.kind !== 'classification') return [];
  const indices = indicesOf(held.classes, task.classes);
  return held.classes.map((name, n) => task.classes[indices[n]!] ?? name);
}

/** By class of the dataset, the index of the model's class; -1 where it has none. */
function indicesOf(held: readonly string[], own: readonly string[]): readonly number[] {
  const [fromNumbers, toNumbers] = [areNumbers(held), areNumbers(own)];
  return held.map((name, index) => {
    if (fromNumbers === toNumbers) return own.indexOf(name);
    if (toNumbers) return own.indexOf(String(index));
    return own[Number(name)] === undefined ? -1 : Number(name);
  });
}
