import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { checkPackages, formats } from './packages.ts';

test('the packages of every format are here while developing', () => {
  expect(() => checkPackages(formats)).not.toThrow();
});

test('drawing packages are loaded when something is drawn, never by an import at the top of a file', () => {
  const { peerDependencies } = JSON.parse(
    readFileSync(path.resolve(import.meta.dirname, '../../../package.json'), 'utf8'),
  ) as { readonly peerDependencies: Readonly<Record<string, string>> };
  const early = readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.ts') && !/\.(test|d)\.ts$/.test(file))
    .flatMap((file) => {
      const text = readFileSync(path.join(import.meta.dirname, file), 'utf8');
      return [...text.matchAll(/^import (?!type ).*from '([^'.][^']*)'/gm)].map(([, name]) => name!);
    });
  expect(early).toContain('node:fs');
  expect(early.filter((name) => Object.hasOwn(peerDependencies, name))).toEqual([]);
});
