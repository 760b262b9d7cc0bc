/** Pages name only what is there: links, headings, files, scripts. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const { scripts } = JSON.parse(read('package.json')) as { scripts: Readonly<Record<string, string>> };
// Of a change that is under way too; none of the packages that are installed.
const pages = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], { cwd: root })
  .toString()
  .trim()
  .split('\n')
  .filter((name) => existsSync(path.join(root, name)));

describe.each(pages)('%s', (page) => {
  const text = read(page);

  test('links to files that are there', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].map(([, link]) => link!);
    expect(links.filter((link) => !existsSync(path.join(root, path.dirname(page), link)))).toEqual([]);
  });

  test('links to headings that are there', () => {
    const anchors = [...text.matchAll(/\]\((?!https?:)([^)#]*)#([^)]+)\)/g)];
    const missing = anchors.filter(([, file, anchor]) => {
      const target = file ? path.join(path.dirname(page), file) : page;
      const headings = [...read(target).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
        heading!
          .toLowerCase()
          .replace(/[^\p{L}\p{N} _-]/gu, '')
          .replaceAll(' ', '-'),
      );
      return !headings.includes(anchor!);
    });
    expect(missing.map(([link]) => link)).toEqual([]);
  });

  test('names sources, tests and scripts that are there', () => {
    const files = [...text.matchAll(/`((?:src|test|bench|configs|examples)\/[\w./-]+)`/g)].map(([, file]) => file!);
    // Pages of models name files of the public code that they were compared with, which is Python. NAME is the reader's.
    const own = files.filter((file) => !file.endsWith('.py') && !file.includes('NAME'));
    expect(own.filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
    const named = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name!);
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });
});

test('README.md says in its first 30 lines what this is, the two commands, and the smallest use', () => {
  const top = read('README.md').split('\n').slice(0, 30).join('\n');
  for (const expected of ['npm ci && npm run demo', 'npm ci && npm test', 'npx decalign train'])
    expect(top).toContain(expected);
});
