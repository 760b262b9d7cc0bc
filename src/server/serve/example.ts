/** A sample that a model takes, for people to begin with. */
import { columnOf, type ColumnEncoding } from '../../data/columns/numbers.ts';
import type { ExportDescription } from '../../deploy/description.ts';
import type { Sample } from '../../deploy/sample.ts';
import { wantedOf } from '../../deploy/wanted.ts';

/**
 * One step of zeros of each modality, or a value of each column, under the names that they had in training; a sentence where texts
 * are taken.
 */
export function exampleOf(
  { inputs, rows }: Pick<ExportDescription, 'inputs' | 'rows'>,
  { texts }: { readonly texts: boolean },
): Sample {
  const cells = wantedOf({ inputs, rows }).flatMap(({ name, key, time, width }): (readonly [string, unknown])[] => {
    if (texts && /^text(_ids|_segments)?$/.test(name)) return [['text', 'This is a sentence.']];
    const columns = Object.hasOwn(rows, name) ? rows[name]!.columns : undefined;
    if (columns) return columns.map((column) => [columnOf(column), valueFor(column)]);
    if (width === undefined) return [[key, [0]]];
    const step = Array.from({ length: width }, () => 0);
    return [[key, time === 1 ? step : [step]]];
  });
  return Object.fromEntries([['id', 'a'], ...cells]);
}

const dates = { ymd: '2024-05-11', dmy: '11.05.2024', mdy: '05/11/2024' } as const;

function valueFor(column: ColumnEncoding): unknown {
  if (typeof column === 'string') return 0;
  if ('category' in column) return column.category[0] ?? null;
  return 'boolean' in column ? (column.boolean[0]?.[1] ?? null) : dates[column.order];
}
