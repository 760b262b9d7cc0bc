import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { configVersion } from '../config/index.ts';
import { recordedCommands } from './recorded.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'decalign-recorded-'));
afterAll(() => rmSync(folder, { recursive: true }));
const fixture = (n: number): string => path.resolve(import.meta.dirname, `../../test/fixtures/runs/run-${n}`);

describe('the command of a run that was begun before the default recipe was another', () => {
  test.each([1, 2, 3])('names the recipe that it meant: format %i', (n) => {
    expect(recordedCommands(fixture(n)).map((command) => command.replace(/^.* --out/, '--out'))).toEqual([
      `--out run-${n} --recipe paper`,
    ]);
  });

  const changed = (name: string, change: (text: string) => string): readonly string[] => {
    const run = path.join(mkdtempSync(path.join(folder, 'run-')), 'run');
    cpSync(fixture(3), run, { recursive: true });
    writeFileSync(path.join(run, name), change(readFileSync(path.join(run, name), 'utf8')));
    return recordedCommands(run);
  };

  test.each(['--recipe authors', '--recipe=paper', '--set recipe=paper', "--set 'recipe=paper'"])(
    'is as it was where it names one: %s',
    (option) => {
      const [command] = changed('environment.json', (text) => text.replace(' --epochs', ` ${option} --epochs`));
      expect(command).toContain(option);
      expect(command).not.toMatch(/ --recipe paper$/);
    },
  );

  test.each([
    ['a file of the call named another', '"recipe": "paper"', '"recipe": "authors"'],
    ['it is of now', '"version": 2', `"version": ${configVersion}`],
    ['its model is another', '"name": "decalign"', '"name": "mult"'],
  ])('is as it was where %s', (_, before, after) => {
    const [command] = changed('config.json', (text) => {
      expect(text).toContain(before);
      return text.replace(before, after);
    });
    expect(command).toMatch(/ --out run-3$/);
  });

  test('is as it was where it is of another program', () => {
    const [command] = changed('environment.json', (text) => text.replace('decalign train', 'node fit.mjs'));
    expect(command).toMatch(/^node fit\.mjs .* --out run-3$/);
  });
});
