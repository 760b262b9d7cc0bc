/** Keys that only some of the models have. */
import type { ComparisonView } from '../../../server/ui/api/compare.ts';

type Row = ComparisonView['configuration'][number];

/** Whether groups differ in a key for no other reason than that some have no such key: those that have it agree. */
export function isOfSomeAlone({ values }: Pick<Row, 'values'>): boolean {
  const had = values.filter((value) => value !== null);
  return had.length < values.length && new Set(had.map((value) => JSON.stringify(value))).size <= 1;
}
