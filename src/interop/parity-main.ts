/** `npm run parity [-- DIR]`: prints, per quantity, the largest relative error; exits with 1 above tolerance. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { casesIn, parity } from './parity.ts';

const committed = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../test/fixtures/decalign');

async function main(): Promise<number> {
  const directory = process.argv[2] ?? committed;
  const names = casesIn(directory);
  if (names.length === 0) throw new Error(`${directory} holds no NAME.config.json, so there is nothing to check.`);
  let failed = 0;
  for (const name of names) {
    const { rows } = await parity(directory, name);
    console.log(name);
    for (const { quantity, error, tolerance } of rows) {
      const good = error <= tolerance;
      if (!good) failed++;
      console.log(
        `  ${good ? 'ok  ' : 'FAIL'} ${error.toExponential(1).padStart(8)}  (tolerance ${tolerance.toExponential(0)})  ${quantity}`,
      );
    }
  }
  console.log(failed === 0 ? 'All quantities within tolerance.' : `${failed} quantities are above tolerance.`);
  return failed === 0 ? 0 : 1;
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
