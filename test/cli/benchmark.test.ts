/** What is wrong with a call of `decalign benchmark` is told before anything is trained. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { decalignHere, temporaryFolder } from './decalign.ts';
import { save, tables } from './feature-file.ts';

const folder = temporaryFolder();
const at = (name: string): string => path.join(folder, name);
const data = save(at('mosi-small.pkl'), tables());

test.each<[string, readonly string[], 1 | 2, readonly string[]]>([
  [
    'an unknown model',
    [data, '--models', 'ridge,decaling'],
    2,
    ['unknown model "decaling"', 'did you mean "decalign"?'],
  ],
  ['an unknown recipe', [data, '--models', 'decalign@author'], 2, ['"author"', 'did you mean "authors"?']],
  [
    'an unknown key of a variant',
    [data, '--models', 'decalign:wide=model.widht=3'],
    2,
    ['--models decalign:wide=model.widht=3', 'did you mean "model.width"?'],
  ],
  [
    'a variant twice',
    [data, '--models', 'decalign:a=model.width=8,decalign:a=model.width=16'],
    2,
    ['two variants are called "decalign:a"'],
  ],
  ['a configuration that is not there', [data, '--config', 'wide.yaml'], 1, ['wide.yaml']],
  ['no seeds', [data, '--seeds', ','], 2, ['--seeds', '1,2,3']],
  ['a seed twice', [data, '--seeds', '1,1'], 2, ['--seeds', 'different whole numbers']],
  ['no models', [data, '--models', ','], 2, ['--models names none']],
  ['no data', [], 2, ["missing required argument 'data'", 'decalign benchmark --help']],
  ['data twice', [data, data], 2, ['is given twice']],
  ['a missing file', [data, 'mosi-smal.pkl'], 1, ['mosi-smal.pkl', 'did you mean "mosi-small.pkl"?']],
  ['an unknown key', [data, '--models', 'decalign', '--set', 'model.widht=3'], 2, ['did you mean "model.width"?']],
  ['a key for nobody', [data, '--set', 'decaling:model.width=8'], 2, ['no model "decaling" takes part', '"decalign"']],
  [
    'a variant that the model refuses on the data',
    [data, '--models', 'ridge,misa,mult:three=model.width=8,model.heads=3'],
    1,
    [`mult:three on ${data}: `, '8', '3'],
  ],
  [
    'data of a single modality',
    [data, '--models', 'ridge,misa', '--modalities', 'text'],
    1,
    [`misa on ${data}: MISA needs at least two modalities, got text.`],
  ],
  ['an unknown metric', [data, '--models', 'decalign', '--set', 'train.selection=mea'], 2, ['"mea"', '"mae"']],
  [
    'a model that takes one label, of data with several',
    ['synthetic', '--task', 'multilabel', '--models', 'majority,pmr'],
    2,
    ['pmr takes one label of each sample (it has a prototype of each class)', 'synthetic has several', '--models'],
  ],
  ['--resume without --out', [data, '--resume'], 2, ['--resume needs --out']],
  ['--resume of nothing', [data, '--resume', '--out', 'none'], 1, ['holds no benchmark', 'nothing to resume']],
])('%s', async (name, args, code, says) => {
  const out = args.includes('--out') || args.includes('--resume') ? [] : ['--out', at(`refused ${name}`)];
  const result = await decalignHere(['benchmark', ...args, ...out], { cwd: folder });
  const said = result.stderr.trimEnd();
  for (const words of says) expect(said).toContain(words);
  expect(said.split('\n'), said).toHaveLength(1);
  expect(said).toMatch(/^decalign: /);
  expect(result).toMatchObject({ code, stdout: '' });
  if (out[1] !== undefined) expect(existsSync(out[1])).toBe(false);
});
