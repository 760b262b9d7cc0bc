import { spawnSync } from 'node:child_process';
import {
  mkdtempSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  existsSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { appendLine } from './append.ts';
import { isTemporary, writeFileAtomic, writeWholeFile, writeWholeFolder } from './atomic.ts';

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'decalign-write-'))));
afterEach(() => rmSync(dir, { recursive: true }));
const at = (name: string): string => join(dir, name);
const read = (name: string): string => readFileSync(at(name), 'utf8');

test('writes text and bytes, replaces what was there, leaves nothing else', () => {
  writeFileAtomic(at('a'), 'long old content');
  writeFileAtomic(at('a'), Uint8Array.of(110, 101, 119));
  expect(read('a')).toBe('new');
  expect(readdirSync(dir)).toEqual(['a']);
});

test('appends lines', () => {
  appendLine(at('log'), '{"epoch":1}');
  appendLine(at('log'), '{"loss":"é"}');
  expect(read('log')).toBe('{"epoch":1}\n{"loss":"é"}\n');
});

test('overwrites what a killed process left under the temporary name', () => {
  writeFileSync(at('.a.partial'), 'half of something much longer');
  writeFileAtomic(at('a'), 'whole');
  expect(read('a')).toBe('whole');
  expect(readdirSync(dir)).toEqual(['a']);
});

test.skipIf(process.platform === 'win32')('writes through a symbolic link', () => {
  writeFileSync(at('target'), 'old');
  symlinkSync(at('target'), at('link'));
  writeFileAtomic(at('link'), 'new');
  expect(read('target')).toBe('new');
});

test('says what is wrong and what to do', () => {
  mkdirSync(at('folder'));
  writeFileSync(at('file'), '');
  expect(() => writeFileAtomic(at('folder'), 'x')).toThrow(/folder: it is a folder; name a file/);
  expect(() => writeFileAtomic(at('missing/a'), 'x')).toThrow(/its folder does not exist; create it first \(ENOENT\)/);
  expect(() => appendLine(at('file/a'), 'x')).toThrow(/a part of its path is a file/);
  expect(readdirSync(dir).sort()).toEqual(['file', 'folder']);
});

test.skipIf(!existsSync('/dev/full'))('a device is written to, not replaced, and a full one is reported', () => {
  expect(() => writeFileAtomic('/dev/full', 'x')).toThrow('Cannot write /dev/full: the disk is full; free some space');
  expect(() => appendLine('/dev/full', 'x')).toThrow(/ENOSPC/);
});

describe('content that is made while it is written', () => {
  const bytes = (text: string): Uint8Array => Buffer.from(text);

  test('replaces a file, also through a link, and until then has a temporary name', async () => {
    writeFileSync(at('target'), 'old');
    symlinkSync(at('target'), at('link'));
    const length = await writeWholeFile(at('link'), async (output) => {
      await output.write(bytes('new '));
      expect(
        readdirSync(dir)
          .filter((name) => !isTemporary(name))
          .sort(),
      ).toEqual(['link', 'target']);
      expect(readdirSync(dir)).toHaveLength(3);
      expect(read('target')).toBe('old');
      await output.write(bytes('content'));
      return output.position;
    });
    expect([read('target'), length]).toEqual(['new content', 11]);
    expect(readdirSync(dir).sort()).toEqual(['link', 'target']);
  });

  test('leaves the file of before where it fails, or is stopped', async () => {
    writeFileSync(at('a'), 'old');
    await expect(writeWholeFile(at('a'), () => Promise.reject(new Error('no more')))).rejects.toThrow('no more');
    const stopped = writeWholeFile(at('a'), (output) => output.write(bytes('x')), { signal: AbortSignal.abort() });
    await expect(stopped).rejects.toThrow('aborted');
    expect([read('a'), readdirSync(dir)]).toEqual(['old', ['a']]);
  });

  test('says what is wrong and what to do', async () => {
    const write = (name: string): Promise<void> => writeWholeFile(name, () => Promise.resolve());
    await expect(write(at('missing/a'))).rejects.toThrow(
      /missing\/a: cannot be written: its folder does not exist; create it first \(ENOENT\)\.$/,
    );
    await expect(write(dir)).rejects.toThrow(/is no file that can be replaced; name another\.$/);
  });
});

describe('a folder', () => {
  test('is there once all of it is written, whatever a killed process left under its temporary name', async () => {
    mkdirSync(at('.packed.partial'));
    writeFileSync(at('.packed.partial/left'), '');
    await writeWholeFolder(at('packed'), (temporary) => {
      expect(readdirSync(dir).every(isTemporary)).toBe(true);
      expect(readdirSync(temporary)).toEqual([]);
      writeFileSync(join(temporary, 'a'), 'whole');
      return Promise.resolve();
    });
    expect([readdirSync(dir), read('packed/a')]).toEqual([['packed'], 'whole']);
  });

  test('leaves nothing where its writing fails', async () => {
    const filling = writeWholeFolder(at('packed'), (temporary) => {
      writeFileSync(join(temporary, 'a'), 'half');
      return Promise.reject(new Error('no more'));
    });
    await expect(filling).rejects.toThrow('no more');
    expect(readdirSync(dir)).toEqual([]);
    await expect(writeWholeFolder('/dev/null/packed', () => Promise.resolve())).rejects.toThrow(
      '/dev/null/packed: cannot be written: a part of its path is a file, not a folder; choose another path (ENOTDIR).',
    );
  });
});

// A limit on file size refuses writes as a full disk does, part of the way through, and needs no privileges.
describe.skipIf(process.platform === 'win32')('no room left (ulimit -f)', () => {
  /** Runs `body` in a process whose files may not exceed 16 blocks of 512 (dash) or 1024 bytes; returns what it threw. */
  function limited(body: string): string {
    const module = (name: string): string => JSON.stringify(new URL(name, import.meta.url).href);
    const script = `import { writeFileAtomic } from ${module('atomic.ts')};
      import { appendLine } from ${module('append.ts')};
      const at = (name) => ${JSON.stringify(dir)} + '/' + name;
      try { ${body}; console.log('no error'); } catch (error) { console.log(error.message); }`;
    writeFileSync(at('script.mjs'), script);
    const command = 'ulimit -f 16 && exec "$0" --import tsx "$1"';
    const child = spawnSync('sh', ['-c', command, process.execPath, at('script.mjs')], {
      encoding: 'utf8',
      cwd: import.meta.dirname,
      env: { ...process.env, TSX_DISABLE_CACHE: '1' },
    });
    rmSync(at('script.mjs'));
    expect(child.stderr).toBe('');
    return child.stdout.trim();
  }

  test('an atomic write keeps the old content and removes the part it wrote', () => {
    writeFileSync(at('result.json'), 'old');
    const message = limited(`writeFileAtomic(at('result.json'), 'x'.repeat(100_000))`);
    expect(message).toBe(
      `Cannot write ${at('result.json')}: the file would exceed the size limit; raise it (ulimit -f) or choose another disk (EFBIG).`,
    );
    expect(read('result.json')).toBe('old');
    expect(readdirSync(dir)).toEqual(['result.json']);
  });

  test('an append leaves no half line', () => {
    writeFileSync(at('metrics.jsonl'), 'first\n');
    expect(limited(`appendLine(at('metrics.jsonl'), 'x'.repeat(100_000))`)).toMatch(/metrics.jsonl: .*EFBIG/);
    expect(read('metrics.jsonl')).toBe('first\n');
  });
});
