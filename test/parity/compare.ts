/** What `npm run parity` prints. */
import { casesIn, parity, verdict, type ParityReport, type ParityRow, type Verdict } from './parity.ts';

const marks: Readonly<Record<Verdict, string>> = { ok: 'ok      ', rounding: 'rounding', fail: 'FAIL    ' };
const short = (x: number): string => x.toExponential(1);
const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

function line(row: ParityRow): string {
  const moved = row.rounding === undefined ? '' : `, moved ${short(row.rounding)} by rounding alone`;
  return `  ${marks[verdict(row)]} ${short(row.error).padStart(8)}  (tolerance ${row.tolerance}${moved})  ${row.quantity}`;
}

function text({ name, rows, unchecked }: ParityReport): string {
  const of = (kind: Verdict): number => rows.filter((row) => verdict(row) === kind).length;
  const worst = rows.reduce((a, b) => (b.error > a.error ? b : a));
  return [
    name,
    ...rows.map(line),
    ...unchecked.map((key) => `  not checked: "${key}" is no quantity known here`),
    `${name}: ${count(rows.length, 'quantity').replace('quantitys', 'quantities')}, ${of('fail')} above tolerance, ` +
      `${of('rounding')} that rounding leaves open, ${unchecked.length} not checked; ` +
      `largest relative error ${short(worst.error)} (${worst.quantity})\n`,
  ].join('\n');
}

/** Prints all quantities of the cases in a folder; whether all are within tolerance. */
export async function compare(directory: string, print: (text: string) => void): Promise<boolean> {
  const names = casesIn(directory);
  if (names.length === 0) throw new Error(`${directory} holds no NAME.config.json, so there is nothing to check.`);
  const rows: (readonly [string, ParityRow])[] = [];
  for (const name of names) {
    const report = await parity(directory, name);
    print(text(report));
    rows.push(...report.rows.map((row) => [name, row] as const));
  }
  const failed = rows.filter(([, row]) => verdict(row) === 'fail');
  const open = rows.filter(([, row]) => verdict(row) === 'rounding');
  if (open.length > 0)
    print(
      `${open.length} of ${rows.length} quantities are above tolerance, but no further off than a change in the last ` +
        'digit of parameters and features moves them: nothing can be said about them in float32.',
    );
  if (failed.length === 0) {
    print(`${names.length} cases: all other quantities within tolerance.`.replace(open.length ? '' : 'other ', ''));
    return true;
  }
  print(`${failed.length} of ${rows.length} quantities are above tolerance:`);
  for (const [name, row] of failed) print(`  ${name}: ${row.quantity}, ${short(row.error)}`);
  return false;
}
