/** Folds and splits keep together what ids tell of groups, and what was begun before they did goes on as it was. */
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { isTree, type Tree } from '../../src/json/tree.ts';
import { decalign, decalignHere, temporaryFolder, tiny, type Finished } from './decalign.ts';
import { save, tables } from './feature-file.ts';

const folder = temporaryFolder();
const at = (...names: string[]): string => path.join(folder, ...names);
const data = at('mosi-small.pkl');
// As before version 3 of configurations, which some of these runs are said to be of.
const training = [data, ...tiny, '--epochs', '1', '--folds', '3', '--no-references', '--recipe', 'paper'];
const jsonIn = (...names: string[]): Tree => {
  const value: unknown = JSON.parse(readFileSync(at(...names), 'utf8'));
  if (!isTree(value)) throw new TypeError(names.join('/'));
  return value;
};
const changed = (change: (value: Tree) => Tree, ...names: string[]): void =>
  writeFileSync(at(...names), JSON.stringify(change(jsonIn(...names))));
const below = (value: Tree, key: string): Tree => {
  const inner = value[key];
  if (!isTree(inner)) throw new TypeError(key);
  return inner;
};
const without = (value: Tree, ...keys: string[]): Tree =>
  Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));
/** The samples in the order in which folds tested them. */
const tested = (out: string): string[] =>
  readFileSync(at(out, 'predictions.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => String((JSON.parse(line) as Tree)['id']));
const leak = /^warning: .*8 groups, such as a video or speaker, in more than one fold \(.*--group says otherwise\.$/m;

let grouped: Finished;
let single: Finished;
beforeAll(async () => {
  let n = 0;
  const whole = tables();
  for (const table of Object.values(whole)) table['id'] = table['id']!.map(() => `video ${n % 8}$_$${n++}`);
  save(data, whole);
  grouped = await decalign(['train', ...training, '--out', at('grouped')]);
  single = await decalign(['train', ...training, '--group', 'none', '--out', at('single'), '--json']);
});

describe('train --folds', () => {
  test('keeps the clips of a video in one fold, and says and records it', () => {
    expect(grouped).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/3 folds by group \(\d+ samples, 8 groups that ids tell\)/) as string,
    });
    expect(grouped.stderr).not.toContain('in more than one');
    expect(jsonIn('grouped', 'result.json')).toMatchObject({ folds: { count: 3, by: 'ids', groups: 8 }, warnings: [] });
    expect(jsonIn('grouped', 'fold-2', 'config.json')['fold']).toEqual({ request: 3, index: 1, by: 'ids', groups: 8 });
  });

  test('--group none parts them, and warns once of it', () => {
    expect(single.code).toBe(0);
    expect(single.stderr.match(new RegExp(leak, 'gm'))).toHaveLength(1);
    expect(single.stderr).not.toContain('in more than one split');
    expect(JSON.parse(single.stdout)).toMatchObject({
      folds: { count: 3, by: 'sample' },
      warnings: [expect.stringMatching(/^8 groups/)],
    });
    expect(tested('single')).not.toEqual(tested('grouped'));
  });

  test('what was begun before ids told groups goes on with its folds, and is reproduced', async () => {
    cpSync(at('single'), at('before'), { recursive: true });
    for (const file of ['result.json', 'predictions.jsonl', 'fold-3']) rmSync(at('before', file), { recursive: true });
    for (const fold of ['fold-1', 'fold-2'])
      changed(
        (record) => {
          const config = below(record, 'config');
          return {
            ...record,
            config: { ...config, version: 1, data: without(below(config, 'data'), 'group') },
            fold: without(below(record, 'fold'), 'by', 'groups'),
          };
        },
        ...['before', fold, 'config.json'],
      );
    const { code, stderr } = await decalign(['train', ...training, '--resume', '--out', at('before')]);
    expect([code, stderr]).toEqual([0, expect.stringMatching(leak)]);
    expect(below(jsonIn('before', 'result.json'), 'pooled')).toEqual(below(jsonIn('single', 'result.json'), 'pooled'));
    expect(readFileSync(at('before', 'predictions.jsonl'))).toEqual(readFileSync(at('single', 'predictions.jsonl')));
    const again = await decalign(['reproduce', at('before'), '--json', '--quiet']);
    expect(again.code).toBe(0);
    const identical = { identical: true };
    expect(JSON.parse(again.stdout)).toEqual([1, 2, 3].map(() => expect.objectContaining(identical) as unknown));
  });

  test('a configuration of before folds as it did', async () => {
    writeFileSync(at('before.yaml'), 'version: 1\n');
    const call = ['train', ...training, '--config', at('before.yaml'), '--out', at('by file'), '--json'];
    const { stdout, stderr } = await decalign(call);
    expect(stderr).toMatch(leak);
    expect(below(JSON.parse(stdout) as Tree, 'pooled')).toEqual(below(JSON.parse(single.stdout) as Tree, 'pooled'));
  });

  test.each([
    [
      ['--folds', '9'],
      '9 folds need as many groups, and ids such as "video 0$_$0" tell 8 groups; ask for 8 at most, or fold samples one by one with --group none.',
    ],
    [['--folds', '1000', '--group', 'none'], '1000 folds need as many samples, and there are '],
  ])('%j: an error in one line', async (more, message) => {
    const { code, stderr } = await decalignHere(['train', data, ...more]);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  test('of one group: says so, and what to do', async () => {
    const whole = tables();
    for (const table of Object.values(whole))
      table['id'] = table['id']!.map((_, n) => `one$_$${String(table['id']!.length)} ${n}`);
    const one = save(at('one-video.pkl'), whole);
    const { code, stderr } = await decalignHere(['train', one, '--folds', '3']);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^decalign: 3 folds need as many groups, and ids such as ".*" tell 1 group; fold samples one by one with --group none\.\n$/,
    );
  });
});

describe('benchmark', () => {
  const call = (out: string, ...more: string[]): Promise<Finished> =>
    decalign([
      ...['benchmark', data, '--models', 'ridge', '--seeds', '1', '--jobs', '1', '--quiet'],
      ...['--out', at(out), ...more],
    ]);
  const folds = ['--folds', '3', '--group', 'none'];

  test('folds by what ids tell; parted groups are warned of once, below every table and in JSON', async () => {
    const byGroup = await call('by group', '--folds', '3');
    expect(byGroup).toMatchObject({ code: 0, stderr: '' });
    expect(byGroup.stdout).toMatch(/3 folds by group \(\d+ samples, 8 groups that ids tell\), seed 1\n/);
    const { code, stdout, stderr } = await call('by sample', ...folds);
    expect(code).toBe(0);
    expect(stderr.match(new RegExp(leak, 'gm'))).toHaveLength(1);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stdout).toMatch(/^Warning: 8 groups, such as/m);
    const table = (ending: string): string => readFileSync(at('by sample', `mosi-small.${ending}`), 'utf8');
    // The processes that fit on folds take them by the same rule.
    const rows = ['by group', 'by sample'].map((out) => jsonIn(out, 'mosi-small.json')['rows']);
    const figures = rows.map((each) => (each as { mean: { test: { mae: number } } }[])[0]!.mean.test.mae);
    expect(figures[0]).not.toBe(figures[1]);
    expect(table('md')).toMatch(/^\*\*Warning:\*\* 8 groups/m);
    expect(table('tex')).toContain('Warning: 8 groups');
    expect(JSON.parse(table('json'))).toMatchObject({
      data: { folds: { count: 3, by: 'sample' } },
      warnings: [expect.stringMatching(/^8 groups/)],
    });
  });

  test('warns of groups in several splits too, and of nothing where there is nothing', async () => {
    const shared = await call('splits');
    expect(shared.stderr).toMatch(/^warning: mosi-small: 8 groups, .* in more than one split \(.*\n$/);
    const sound = save(at('sound.pkl'), tables());
    const { stderr, stdout } = await decalign([
      ...['benchmark', sound, '--models', 'ridge', '--seeds', '1', '--jobs', '1', '--quiet', '--out', at('sound')],
    ]);
    expect(stderr).toBe('');
    expect(stdout).not.toContain('Warning');
  });

  test('one that was begun before ids told groups goes on with its folds and finished runs', async () => {
    const runs = readdirSync(at('by sample', 'runs')).sort();
    cpSync(at('by sample'), at('old'), { recursive: true });
    changed((plan) => without({ ...plan, given: { set: [], options: [] } }, 'version'), 'old', 'benchmark.json');
    const again = await call('old', '--folds', '3', '--resume');
    expect([again.code, again.stderr]).toEqual([0, expect.stringMatching(leak)]);
    expect(readdirSync(at('old', 'runs')).sort()).toEqual(runs);
    // And so on for ever after.
    await call('old', '--folds', '3', '--resume');
    expect(readdirSync(at('old', 'runs')).sort()).toEqual(runs);
    await call('old', '--folds', '3', '--group', 'video', '--resume');
    expect(readdirSync(at('old', 'runs'))).toHaveLength(runs.length + 1);
  });
});
