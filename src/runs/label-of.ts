import { hasSeveral, type Task } from '../data/task.ts';

/** The label of sample `n`: a value, the name of its class, or its labels by name, null for one that it lacks. */
export function labelOf(
  task: Task,
  labels: Float32Array,
  n: number,
  classes: readonly string[],
): number | string | undefined | Readonly<Record<string, number | null>> {
  if (task.kind === 'classification') return classes[labels[n]!];
  if (!hasSeveral(task)) return labels[n];
  const { names } = task;
  return Object.fromEntries(
    names.map((name, l) => {
      const value = labels[n * names.length + l]!;
      return [name, Number.isNaN(value) ? null : value];
    }),
  );
}
