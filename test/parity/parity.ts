/** How close our computation comes to the authors' code, quantity by quantity, on golden files of one format. */
import { openCase } from './golden-case.ts';
import { forwardParity } from './forward.ts';
import type { ParityRow } from './rows.ts';
import { trajectoryParity } from './trajectory.ts';

export { casesIn } from './golden-case.ts';
export { verdict, type ParityRow, type Verdict } from './rows.ts';

export interface ParityReport {
  readonly name: string;
  readonly rows: readonly ParityRow[];
  /** Keys of the golden file that stand for nothing known here. */
  readonly unchecked: readonly string[];
}

/** Checks one case of a folder; an Error names the file that is missing or wrong. */
export async function parity(directory: string, name: string): Promise<ParityReport> {
  const opened = openCase(directory, name);
  const { rows, unchecked } = await forwardParity(opened);
  return { name, unchecked, rows: [...rows, ...(await trajectoryParity(opened))] };
}
