/** What a model wants of a row: its sequences, and the columns, keys and ids by which rows have them. */
import { columnOf, encoderOf, widthOf, type CellEncoder } from '../data/columns/numbers.ts';
import { isText } from './checks.ts';
import type { ExportDescription, RowDescription, ValueDescription } from './description.ts';

/** One of the model's sequences, and where rows have it. */
export interface Wanted extends Omit<RowDescription, 'columns'> {
  /** The name of the input. */
  readonly name: string;
  /** T, the most steps. */
  readonly time: number;
  /** D; undefined for tokens. */
  readonly width: number | undefined;
  /** The column that it was in when the model was trained. */
  readonly key: string;
  /** Whether a column called `key` goes before one that is called as the input. */
  readonly isKeyFirst: boolean;
  readonly columns: readonly WantedColumn[] | undefined;
}

export interface WantedColumn {
  readonly name: string;
  readonly isNumber: boolean;
  readonly width: number;
  readonly encode: CellEncoder;
}

export function wantedOf({ inputs, rows }: Pick<ExportDescription, 'inputs' | 'rows'>): readonly Wanted[] {
  const found = inputs
    .filter(({ shape }) => shape.length > 1)
    .map((input) => {
      const isTokens = input.dtype === 'int64';
      const { columns, ...row }: RowDescription = rowOf(input, rows);
      return {
        ...row,
        ...{ name: input.name, time: input.shape[1]!, width: isTokens ? undefined : input.shape[2] },
        key: isTokens ? input.name : (row.key ?? input.name),
        columns: columns?.map((column) => ({
          ...{ name: columnOf(column), isNumber: isText(column) },
          ...{ width: widthOf(column), encode: encoderOf(column) },
        })),
      };
    });
  // A column that is called as a modality is another one beside that which the modality had in training.
  const isTaken = (key: string, by: string): boolean =>
    found.some((other) => other.name !== by && (other.name === key || other.key === key));
  return found.map((each) => ({ ...each, isKeyFirst: each.key !== each.name && !isTaken(each.key, each.name) }));
}

/** What is said of rows of the modality that an input is of; the ids and the segments of tokens are of the same. */
function rowOf({ name, dtype }: ValueDescription, rows: ExportDescription['rows']): RowDescription {
  const modality = dtype === 'int64' ? name.replace(/_(ids|segments)$/, '') : name;
  return Object.hasOwn(rows, modality) ? rows[modality]! : {};
}

/** The columns that a sequence is looked for in. */
export const namesOf = ({ key, columns }: Wanted): readonly string[] => columns?.map((column) => column.name) ?? [key];
