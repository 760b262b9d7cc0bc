/** What is predicted of a sample, and how many numbers a label is. */

export const taskKinds = ['regression', 'classification', 'multilabel', 'multitarget'] as const;

/** One value; one of several classes; several labels, each of which a sample has or has not; or several values. */
export type Task =
  | { readonly kind: 'regression'; readonly range: readonly [number, number] }
  | { readonly kind: 'classification'; readonly classes: readonly string[] }
  | SeveralLabels;

/** Tasks whose labels are `[N, L]`. Each may be absent from a sample (NaN): the others of that sample count. */
export type SeveralLabels =
  | { readonly kind: 'multilabel'; readonly names: readonly string[] }
  | {
      readonly kind: 'multitarget';
      readonly names: readonly string[];
      /** By target, the lowest and the highest value of the training split. */
      readonly ranges: readonly (readonly [number, number])[];
    };

/** Whether a sample has several labels. */
export const hasSeveral = (task: Task): task is SeveralLabels => isSeveral(task.kind);

export const isSeveral = (kind: Task['kind']): kind is SeveralLabels['kind'] =>
  kind === 'multilabel' || kind === 'multitarget';

/** L, the numbers of a sample's label. */
export const labelWidth = (task: Task): number => (hasSeveral(task) ? task.names.length : 1);

/** The numbers that are predicted of a sample: L values or logits, or a logit per class. */
export const predictionWidth = (task: Task): number =>
  task.kind === 'classification' ? task.classes.length : labelWidth(task);

/** The names that metrics are told by: those of classes or of labels; none where there is one value. */
export function scoredNames(task: Task): readonly string[] {
  switch (task.kind) {
    case 'regression':
      return [];
    case 'classification':
      return task.classes;
    case 'multilabel':
    case 'multitarget':
      return task.names;
  }
}

/** The rows of labels `[N, width]` in which there is none at all: not one number. */
export const rowsWithoutLabel = (labels: Float32Array, width: number): number[] =>
  Array.from({ length: labels.length / width }, (_, n) => n).filter((n) =>
    labels.subarray(n * width, (n + 1) * width).every(Number.isNaN),
  );

/** Column `index` of labels `[N, width]`. */
export const labelColumn = (labels: Float32Array, width: number, index: number): Float32Array =>
  Float32Array.from({ length: labels.length / width }, (_, n) => labels[n * width + index]!);
