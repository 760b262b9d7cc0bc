/** The labels of a dataset as a model trained on another numbers them. */
import type { Dataset, Split } from '../data/dataset.ts';
import { areNumbers } from '../data/tables/classes.ts';
import type { TrainedOn } from './trained-model.ts';

/**
 * The labels `[N]` of a split, undefined where it has none: values, or indices of the model's classes, which a file may number
 * otherwise. Classes are told by their names; where one side has names and the other numbers, a number is the index of a
 * name. Throws an Error for a label that is none of the model's classes.
 */
export function labelsFor({ task }: Pick<TrainedOn, 'task'>, dataset: Dataset, split: Split): Float32Array | undefined {
  const { labels } = dataset.splits[split] ?? {};
  if (!labels || task.kind === 'regression' || dataset.task.kind === 'regression') return labels;
  const { classes } = dataset.task;
  const [fromNumbers, toNumbers] = [areNumbers(classes), areNumbers(task.classes)];
  const indices = classes.map((name, index) => {
    if (fromNumbers === toNumbers) return task.classes.indexOf(name);
    return fromNumbers
      ? task.classes[Number(name)] === undefined
        ? -1
        : Number(name)
      : task.classes.indexOf(String(index));
  });
  return labels.map((label, row) => {
    const index = Number.isNaN(label) ? label : indices[label]!;
    if (index >= 0 || Number.isNaN(index)) return index;
    throw new Error(
      `${dataset.name}: split "${split}", row ${row}: label "${classes[label]!}" is none of the ${task.classes.length} classes that the model was trained on (${some(task.classes)}).`,
    );
  });
}

const some = (names: readonly string[]): string =>
  names.length > 10 ? `${names.slice(0, 10).join(', ')}, ...` : names.join(', ');
