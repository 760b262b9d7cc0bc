/** `npm run parity [-- DIR]`: prints, per quantity, the largest relative error; exits with 1 above tolerance. */
import path from 'node:path';
import { lane } from '../lane.ts';
import { compare } from './compare.ts';

const committed = path.resolve(import.meta.dirname, '../fixtures/decalign');
const [folder = committed] = lane('parity', "Compares with numbers of the authors' code.")
  .argument('[dir]', 'the folder of the numbers', committed)
  .parse().args;

try {
  if (!(await compare(folder, console.log))) process.exitCode = 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
