/** What is wrong with a call of `decalign sweep` or `decalign ablate` is told before anything is trained. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { decalignHere, temporaryFolder } from './decalign.ts';
import { save, tables } from './feature-file.ts';

const folder = temporaryFolder();
const at = (name: string): string => path.join(folder, name);
const data = save(at('mosi-small.pkl'), tables());
mkdirSync(at('swept'));
writeFileSync(
  at('swept/benchmark.json'),
  JSON.stringify({ kind: 'sweep', data: [], entries: [], seeds: [1], keys: [{ key: 'model.width', values: [8] }] }),
);
mkdirSync(at('compared'));
writeFileSync(at('compared/benchmark.json'), JSON.stringify({ data: [], entries: [], seeds: [1] }));
writeFileSync(at('notes.txt'), 'no data');

test.each<[string, readonly string[], 1 | 2, readonly string[]]>([
  ['no grid', ['sweep', data], 2, ["required option '--grid <key=values>' not specified"]],
  ['an unknown key', ['sweep', data, '--grid', 'model.widht=8'], 2, ['--grid model.widht=8', 'mean "model.width"?']],
  [
    'a key of another model',
    ['sweep', data, '--grid', 'model.latent.width=8', '--model', 'mult'],
    2,
    ['"model.latent"'],
  ],
  [
    'a value of another type',
    ['sweep', data, '--grid', 'model.width=8,wide'],
    2,
    ['--grid model.width=wide', 'number'],
  ],
  [
    'a value that the model refuses on the data',
    ['sweep', data, '--grid', 'model.heads=2,3', '--set', 'model.width=8'],
    1,
    [`decalign:heads=3 on ${data}: `, '8', '3'],
  ],
  ['no values', ['sweep', data, '--grid', 'model.width='], 2, ['--grid model.width=: it has no values']],
  ['no key', ['sweep', data, '--grid', 'model.width'], 2, ['--grid model.width: write key=values']],
  ['a value twice', ['sweep', data, '--grid', 'model.width=8,8'], 2, ['8 is given twice']],
  [
    'a key twice',
    ['sweep', data, '--grid', 'model.width=8', '--grid', 'model.width=9'],
    2,
    ['--grid model.width is given twice'],
  ],
  ['a key of data', ['sweep', data, '--grid', 'data.task=regression'], 2, ['data and text keys are the same for all']],
  ['a key of --set', ['sweep', data, '--grid', 'model.width=8', '--set', 'model.width=9'], 2, ['--set model.width=9']],
  [
    'a key of an option',
    ['sweep', data, '--grid', 'train.epochs=8', '--epochs', '9'],
    2,
    ['and --epochs 9 give one key twice'],
  ],
  [
    'a reference',
    ['sweep', data, '--grid', 'model.width=8', '--model', 'ridge'],
    2,
    ['--model ridge: a sweep is of one model'],
  ],
  [
    'an unknown model',
    ['sweep', data, '--grid', 'model.width=8', '--model', 'decalgn'],
    2,
    ['--model decalgn', '"decalign"?'],
  ],
  ['no data', ['sweep', 'mosi-smal.pkl', '--grid', 'model.width=8'], 1, ['did you mean "mosi-small.pkl"?']],
  ['what is no data', ['sweep', 'notes.txt', '--grid', 'model.width=8'], 1, ['notes.txt']],
  [
    'a sweep of other keys',
    ['sweep', data, '--grid', 'model.layers=1', '--resume', '--out', 'swept'],
    1,
    ['swept holds a sweep of model.width, not of model.layers'],
  ],
  [
    'a benchmark to go on with',
    ['sweep', data, '--grid', 'model.width=8', '--resume', '--out', 'compared'],
    1,
    ['compared holds a benchmark: go on with it by decalign benchmark --resume.'],
  ],
  [
    'a folder that is swept',
    ['sweep', data, '--grid', 'model.width=8', '--out', 'swept'],
    1,
    ['holds a sweep, which is never'],
  ],
  [
    'a sweep to ablate',
    ['ablate', data, '--resume', '--out', 'swept'],
    1,
    ['go on with it by decalign sweep --resume'],
  ],
  ['no table', ['ablate', data, '--tables', '3,5'], 2, ['--tables', '3,4']],
  ['an unknown recipe', ['ablate', data, '--recipe', 'decoupld'], 2, ['--recipe decoupld', '"decoupled"?']],
  ['an unknown key of all', ['ablate', data, '--set', 'model.widht=8'], 2, ['did you mean "model.width"?']],
  ['an ablation of nothing', ['ablate', 'nowhere.pkl'], 1, ['nowhere.pkl']],
])('%s', async (name, args, code, says) => {
  const out = args.includes('--out') ? [] : ['--out', at(`refused ${name}`)];
  const result = await decalignHere([...args, ...out], { cwd: folder });
  const said = result.stderr.trimEnd();
  for (const words of says) expect(said).toContain(words);
  expect(said.split('\n'), said).toHaveLength(1);
  expect(said).toMatch(/^decalign: /);
  expect(result).toMatchObject({ code, stdout: '' });
  if (out[1] !== undefined) expect(existsSync(out[1])).toBe(false);
});
