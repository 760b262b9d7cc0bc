/** In the process of every test file: tells which functions it called, where the sources are those of `telling`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, inject } from 'vitest';
import { calledName } from './reach.ts';

const called = new Set<string>();
Object.assign(globalThis, { [calledName]: called });

afterAll(() => {
  const { folder } = inject('telling');
  const { testPath } = expect.getState();
  if (called.size === 0 || testPath === undefined) return;
  const file = path.join(folder, `${path.relative(process.cwd(), testPath)}.json`);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify([...called]));
});

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder for the functions that each test file called, as a file of its path with `.json` at its end. */
    readonly telling: { readonly folder: string };
  }
}
