/** `npm run parity [-- DIR]`: prints, per quantity, the largest relative error; exits with 1 above tolerance. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { casesIn, parity, verdict, type ParityReport, type ParityRow, type Verdict } from './parity.ts';

const committed = path.join(path.dirname(fileURLToPath(import.meta.url)), '../fixtures/decalign');

const marks: Readonly<Record<Verdict, string>> = { ok: 'ok      ', rounding: 'rounding', fail: 'FAIL    ' };
const short = (x: number): string => x.toExponential(1);
const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

function line(row: ParityRow): string {
  const moved = row.rounding === undefined ? '' : `, moved ${short(row.rounding)} by rounding alone`;
  return `  ${marks[verdict(row)]} ${short(row.error).padStart(8)}  (tolerance ${row.tolerance}${moved})  ${row.quantity}`;
}

function print({ name, rows, unchecked }: ParityReport): void {
  const of = (kind: Verdict): number => rows.filter((row) => verdict(row) === kind).length;
  console.log(name);
  for (const row of rows) console.log(line(row));
  for (const key of unchecked) console.log(`  not checked: "${key}" is no quantity known here`);
  const worst = rows.reduce((a, b) => (b.error > a.error ? b : a));
  console.log(
    `${name}: ${count(rows.length, 'quantity').replace('quantitys', 'quantities')}, ${of('fail')} above tolerance, ` +
      `${of('rounding')} that rounding leaves open, ${unchecked.length} not checked; ` +
      `largest relative error ${short(worst.error)} (${worst.quantity})\n`,
  );
}

async function main(): Promise<number> {
  const directory = process.argv[2] ?? committed;
  const names = casesIn(directory);
  if (names.length === 0) throw new Error(`${directory} holds no NAME.config.json, so there is nothing to check.`);
  const rows: (readonly [string, ParityRow])[] = [];
  for (const name of names) {
    const report = await parity(directory, name);
    print(report);
    rows.push(...report.rows.map((row) => [name, row] as const));
  }
  const failed = rows.filter(([, row]) => verdict(row) === 'fail');
  const open = rows.filter(([, row]) => verdict(row) === 'rounding');
  if (open.length > 0)
    console.log(
      `${open.length} of ${rows.length} quantities are above tolerance, but no further off than a change in the last ` +
        'digit of parameters and features moves them: nothing can be said about them in float32.',
    );
  if (failed.length === 0) {
    console.log(
      `${names.length} cases: all other quantities within tolerance.`.replace(open.length ? '' : 'other ', ''),
    );
    return 0;
  }
  console.log(`${failed.length} of ${rows.length} quantities are above tolerance:`);
  for (const [name, row] of failed) console.log(`  ${name}: ${row.quantity}, ${short(row.error)}`);
  return 1;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  },
);
