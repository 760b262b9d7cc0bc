/** How tables call metrics: by names that say whose convention a score follows, with an arrow to the better side. */
import { metrics, type MetricKind, type MetricName } from './metric.ts';

/** The two classes that a kind's scores are of, where the literature has several conventions under one name. */
const twoClasses: Readonly<Partial<Record<MetricKind, Readonly<Partial<Record<MetricName, string>>>>>> = {
  mosi: { acc2: 'Acc-2 (neg/pos)', f1: 'F1 (neg/pos)' },
  sims: { acc2: 'Acc-2 (non-pos/pos)', f1: 'F1 (non-pos/pos)' },
};

/** The name of a kind's metric in tables, as in `MAE` or `Acc-2 (neg/pos)`. */
export const labelOf = (kind: MetricKind, name: MetricName): string => twoClasses[kind]?.[name] ?? metrics[name].label;

/** Whether lower or higher is better, as papers show it. */
export const arrowOf = (name: MetricName): string => (metrics[name].better === 'lower' ? '↓' : '↑');

/**
 * The heading of a table as lines with a cell per metric, for columns that are no wider than their numbers: a name with its
 * arrow, and below it what a two-class score is of. One line where no name says that.
 */
export function headingLines(kind: MetricKind, names: readonly MetricName[]): readonly (readonly string[])[] {
  const cells = names.map((name) => {
    const [, label = '', classes] = /^(.*?)(?: \((.*)\))?$/.exec(labelOf(kind, name))!;
    const marked = `${label} ${arrowOf(name)}`;
    return classes === undefined ? ['', marked] : [marked, classes];
  });
  const lines = [0, 1].map((line) => cells.map((cell) => cell[line]!));
  return lines.filter((line) => line.some((cell) => cell !== ''));
}
