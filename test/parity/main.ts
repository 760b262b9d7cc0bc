/** `npm run parity [-- DIR]`: prints, per quantity, the largest relative error; exits with 1 above tolerance. */
import path from 'node:path';
import { compare } from './compare.ts';

const committed = path.resolve(import.meta.dirname, '../fixtures/decalign');

try {
  if (!(await compare(process.argv[2] ?? committed, console.log))) process.exitCode = 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
