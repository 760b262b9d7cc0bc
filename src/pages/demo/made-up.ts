/** A sample that is made up: random numbers about what is usual, in the form that a person would give one in. */
import type { ColumnEncoding, DateOrder } from '../../data/columns/numbers.ts';
import type { ExportDescription } from '../../deploy/description.ts';
import type { DemoModality, DemoStatistics } from '../../demo/content.ts';

export interface MadeUpOptions {
  readonly description: ExportDescription;
  readonly modalities: readonly DemoModality[];
  readonly statistics: Readonly<Record<string, DemoStatistics>>;
  /** A number from 0, included, to 1, excluded. */
  readonly random: () => number;
}

/** A row as the model was trained on, of random numbers. */
export function madeUp(id: string, { description, modalities, statistics, random }: MadeUpOptions): Row {
  const row: Record<string, unknown> = { id };
  for (const modality of modalities) {
    const { name, time, width, tokens } = modality;
    const length = time - Math.floor(random() * Math.ceil(time / 2));
    const columns = description.rows[name]?.columns;
    const { centre = [], deviation = [] } = statistics[name] ?? {};
    const usual = (d: number): number => short((centre[d] ?? 0) + (deviation[d] ?? 1) * normal(random));
    if (tokens !== undefined) {
      row[`${name}_ids`] = Array.from({ length }, () => Math.floor(random() * tokens));
      if (description.inputs.some((input) => input.name === `${name}_segments`))
        row[`${name}_segments`] = Array.from({ length }, () => 0);
    } else if (columns) Object.assign(row, cellsOf(columns, usual, random));
    else row[name] = Array.from({ length }, () => Array.from({ length: width }, (_, d) => usual(d)));
  }
  return row;
}

export type Row = Readonly<Record<string, unknown>>;

/** A value for each column, of those that the training knew. */
function cellsOf(columns: readonly ColumnEncoding[], usual: (d: number) => number, random: () => number): Row {
  const one = <T>(values: readonly T[]): T | undefined => values[Math.floor(random() * values.length)];
  const cells: Record<string, unknown> = {};
  let place = 0;
  for (const column of columns) {
    if (typeof column === 'string') cells[column] = usual(place++);
    else if ('category' in column) {
      cells[column.column] = one(column.category) ?? null;
      place += column.category.length + 1;
    } else if ('boolean' in column) {
      cells[column.column] = one(column.boolean[0] ?? []) ?? null;
      place += 1;
    } else {
      cells[column.column] = dateText(random, column.order);
      place += column.date.length;
    }
  }
  return cells;
}

/** A day of 2024, its parts in that order. */
function dateText(random: () => number, order: DateOrder): string {
  const two = (x: number): string => String(x).padStart(2, '0');
  const [month, day] = [two(1 + Math.floor(random() * 12)), two(1 + Math.floor(random() * 28))];
  return { ymd: `2024-${month}-${day}`, dmy: `${day}-${month}-2024`, mdy: `${month}-${day}-2024` }[order];
}

/** A draw from the standard normal distribution, by Box and Muller. */
const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Few digits, as people have them. */
const short = (x: number): number => Number(x.toPrecision(4));
