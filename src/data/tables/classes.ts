/** Classes as they stand in a file: numbers or names, in an order of their own. */

/** A label as a file has it: a number, or the name of a class. */
export type ClassLabel = number | string;

/** The different labels as names: numbers in their order, other texts by the alphabet; one class where there is no label. */
export function classesIn(labels: readonly ClassLabel[]): readonly string[] {
  const names = new Set(labels.filter((label) => label !== '' && !Number.isNaN(label)).map(String));
  if (names.size === 0) return ['0'];
  const sorted = [...names].sort();
  return areNumbers(sorted) ? sorted.sort((a, b) => Number(a) - Number(b)) : sorted;
}

/** Whether all classes are named by whole numbers. */
export const areNumbers = (classes: readonly string[]): boolean => classes.every((name) => /^-?\d+$/.test(name));

/**
 * What gives the index of a label's class, NaN for one that is missing or unknown. Numbers are names where every number of
 * `labels` names a class, as in 1, 2, 3, and indices otherwise.
 */
export function classNumbering(
  labels: readonly ClassLabel[],
  classes: readonly string[],
): (label: ClassLabel) => number {
  const indices = new Map(classes.map((name, index) => [name, index]));
  const areNames = labels.every(
    (label) => typeof label === 'string' || Number.isNaN(label) || indices.has(String(label)),
  );
  return (label) => {
    if (typeof label === 'string' || areNames) return indices.get(String(label)) ?? Number.NaN;
    return Number.isInteger(label) && label >= 0 && label < classes.length ? label : Number.NaN;
  };
}
