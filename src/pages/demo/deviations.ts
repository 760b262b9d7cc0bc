/** How far numbers are from what is usual, few enough of them to be seen. */
import type { Step } from '../../deploy/sample.ts';
import type { DemoStatistics } from '../../demo/content.ts';

export interface Deviations {
  /** Time steps, or of a single step its features. */
  readonly columns: number;
  /** Features, or means of neighbouring ones where there are many. */
  readonly rows: number;
  /** `[columns, rows]`, in standard deviations of the training split; NaN for a number that is missing. */
  readonly values: readonly number[];
}

/** Rows and columns of a picture at most. */
const most = { rows: 24, columns: 96 } as const;

/** The deviations of steps `[T][D]`; those of tokens are none. */
export function deviationsOf(steps: readonly Step[], { centre, deviation }: DemoStatistics): Deviations {
  const width = centre.length;
  const of = (step: Step): readonly number[] =>
    typeof step === 'number'
      ? []
      : step.map((x, d) => (x === null ? Number.NaN : deviation[d] === 0 ? 0 : (x - centre[d]!) / deviation[d]!));
  if (steps.length === 1) {
    const columns = Math.min(width, most.columns);
    return { columns, rows: 1, values: means(of(steps[0]!), columns) };
  }
  const rows = Math.min(width, most.rows);
  const kept = Math.min(steps.length, most.columns);
  // Of very long sequences some steps are shown, evenly.
  const shown = Array.from({ length: kept }, (_, n) => steps[Math.floor((n * steps.length) / kept)]!);
  return { columns: kept, rows, values: shown.flatMap((step) => means(of(step), rows)) };
}

/** `count` means of neighbours: of those numbers that there are. */
const means = (values: readonly number[], count: number): number[] =>
  Array.from({ length: count }, (_, n) => {
    const part = values.slice(Math.floor((n * values.length) / count), Math.floor(((n + 1) * values.length) / count));
    const known = part.filter((x) => !Number.isNaN(x));
    return known.reduce((sum, x) => sum + x, 0) / known.length;
  });
