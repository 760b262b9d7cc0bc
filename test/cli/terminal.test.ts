/** Names in files that would colour a terminal, or write over what it shows. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { decalign } from './decalign.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'decalign-terminal-'));
afterAll(() => rmSync(folder, { recursive: true }));
// eslint-disable-next-line no-control-regex -- what must not be printed
const obeyed = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
const name = '\u001b[31mred\r\nname\u009b2J\u202e';

const written = (file: string, content: string | Uint8Array): string => {
  writeFileSync(path.join(folder, file), content);
  return path.join(folder, file);
};

function safetensors(): string {
  const head = Buffer.from(JSON.stringify({ [name]: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }));
  const length = Buffer.alloc(8);
  length.writeUInt32LE(head.length);
  return written('names.safetensors', Buffer.concat([length, head, Buffer.alloc(4)]));
}

test.each([
  ['names of arrays', () => ['inspect', safetensors()]],
  ['names of arrays, as JSON', () => ['inspect', safetensors(), '--json']],
  [
    'names and words of tables',
    () => [
      'inspect',
      written(
        'a.jsonl',
        `${JSON.stringify({ [name]: 1 })}\n{${JSON.stringify(name)}:2}\n{${JSON.stringify(name)}:${JSON.stringify(name)}}\n`,
      ),
    ],
  ],
  ['names of files', () => ['inspect', written(`a${name.replace('\n', '')}.csv`, 'x,x\n1,2\n')]],
  ['words of a call', () => ['inspect', path.join(folder, `none${name}`)]],
  ['options', () => ['inspect', `--${name}`]],
])('%s are escaped', async (_, call) => {
  const { stdout, stderr } = await decalign(call());
  expect(stdout + stderr).not.toMatch(obeyed);
  expect(stdout + stderr).toMatch(/red/);
  if (stderr !== '') expect(stderr.trimEnd().split('\n')).toHaveLength(1);
});
