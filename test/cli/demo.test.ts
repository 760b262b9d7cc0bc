/** Calls of `export --demo` that are wrong. */
import { expect, test } from 'vitest';
import { decalignHere } from './decalign.ts';

test.each([
  [['--samples', '3'], '--samples goes with --demo, which is missing.'],
  [['--folder'], '--folder goes with --demo, which is missing.'],
  [['--demo', '--texts'], '--texts goes with --samples, which is missing.'],
  [['--demo', '--data', 'small.pkl'], '--data goes with --samples, which is missing.'],
  [['--demo', '--batch', '1'], '--demo and --batch cannot be given together.'],
])('%j are refused', async (options, message) => {
  const { code, stderr } = await decalignHere(['export', 'runs/mosi', ...options]);
  expect({ code, stderr }).toEqual({ code: 2, stderr: `decalign: ${message}\n` });
});
