/** Explanations on the command line, in processes of their own. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Explanation } from '../../src/index.ts';
import { complete, decalign, decalignHere, temporaryFolder, tiny, type Finished } from './decalign.ts';

const folder = temporaryFolder();
const small = ['--set', 'data.synthetic.samples=40'];
const call = (...args: string[]): Promise<Finished> => decalign(args, { cwd: folder });
type Document = Explanation & { readonly run: string; readonly data: string };
const documentIn = (text: string): Document => JSON.parse(text) as Document;

const here = (...args: string[]): Promise<Finished> => decalignHere(args, { cwd: folder });

beforeAll(async () => {
  const quick = [...small, '--epochs', '1', '--no-references', '--quiet'];
  for (const [out, settings] of [
    ['run', complete],
    ['plain', tiny],
  ] as const) {
    const trained = await call('train', 'synthetic', ...settings, ...quick, '--out', out);
    expect(trained.code, trained.stderr).toBe(0);
  }
});

test('the samples that are named, as one document, with nothing beside it', async () => {
  const { code, stdout, stderr } = await call(
    'explain',
    'run',
    'synthetic',
    '--ids',
    'test-4,test-2',
    '--ids',
    'test-3',
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const found = documentIn(stdout);
  expect(found).toMatchObject({ run: 'run', data: 'synthetic', split: 'test' });
  expect(found.samples.map(({ id }) => id)).toEqual(['test-4', 'test-2', 'test-3']);
  const [predicted] = (await call('predict', 'run', 'synthetic')).stdout.split('\n').slice(4);
  const { prediction } = JSON.parse(predicted!) as { prediction: number };
  expect(found.samples[0]!.prediction).toBeCloseTo(prediction, 5);
});

test('without ids the first three, which is said; --out writes them', async () => {
  const { code, stdout, stderr } = await call('explain', 'run', 'synthetic', '--split', 'valid', '--out', 'found.json');
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  expect(stderr).toMatch(/^The first 3 of \d+ samples are explained; --ids names others\.\n$/);
  const { samples } = documentIn(readFileSync(path.join(folder, 'found.json'), 'utf8'));
  expect(samples.map(({ id }) => id)).toEqual(['valid-0', 'valid-1', 'valid-2']);
});

test('in a terminal a summary, of at most 80 columns', async () => {
  const { isTTY } = process.stdout;
  process.stdout.isTTY = true;
  try {
    const { stdout } = await decalignHere(['explain', 'run', 'synthetic', '--ids', 'test-4'], { cwd: folder });
    expect(stdout).toMatch(/^test-4 of synthetic, test split: predicted -?\d\.\d{3}, label -?\d\.\d{3}\n/);
    for (const line of [/^Modality +steps/m, /^text +\d+ +[-+]\d/m, /^Steps that count most/m, /^Attention, mean/m])
      expect(stdout).toMatch(line);
    for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
  } finally {
    process.stdout.isTTY = isTTY;
  }
});

test.each([
  [['--ids', 'tst-4'], 1, 'There is no sample "tst-4" in the split test of synthetic; did you mean "test-4"?'],
  [['--ids', 'train-1'], 1, 'is in the split train, not in test; ask for --split train.'],
  [['--ids', ','], 2, 'It must be names with commas between'],
  [['--target', 'joy'], 1, 'The model predicts one value alone'],
])('%j: one line that says what is wrong', async (options, code, says) => {
  const failed = await decalignHere(['explain', 'run', 'synthetic', ...options], { cwd: folder });
  expect(failed).toMatchObject({ code, stdout: '' });
  expect(failed.stderr.trim().split('\n')).toHaveLength(1);
  expect(failed.stderr).toContain(says);
});

test('figures of what the model shows, as Vega-Lite, of the sample that is named', async () => {
  const names = ['transport', 'prototypes', 'contribution', 'attention'];
  const options = ['--only', names.join(','), '--id', 'test-4', '--format', 'json', '--out', 'figures'];
  const { code, stdout, stderr } = await here('figures', 'run', ...options);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.trim().split('\n')).toEqual(names.map((name) => path.join('figures', `${name}.json`)));
  const [sample] = documentIn((await here('explain', 'run', 'synthetic', '--ids', 'test-4')).stdout).samples;
  const drawn = readFileSync(path.join(folder, 'figures/contribution.json'), 'utf8');
  expect(drawn).toContain('What the prediction of test-4 rests on');
  for (const { contribution } of Object.values(sample!.modalities))
    for (const value of contribution!.steps) expect(drawn).toContain(`"value": ${Number(value.toPrecision(5))},`);
});

test.each([
  ['plain', 'transport', 'none of the runs \\(DecAlign\\) solves for a transport plan'],
  ['plain', 'prototypes', 'none of the runs \\(DecAlign\\) has prototypes that a plan is between'],
])('%s: the figure %s says why there is none', async (run, figure, says) => {
  const { code, stderr } = await here('figures', run, '--only', figure, '--format', 'json', '--out', 'none');
  expect(code).toBe(1);
  expect(stderr).toMatch(new RegExp(`^decalign: The figure ${figure} cannot be made: ${says}[^\\n]*\\n$`));
});

test('figures of one sample: an id that is not there, and several runs where one is shown, in a line', async () => {
  const options = ['--format', 'json', '--out', 'none'];
  const unknown = await here('figures', 'run', '--only', 'contribution', '--id', 'tst-4', ...options);
  expect(unknown.stderr).toContain('There is no sample "tst-4" in the split test of synthetic; did you mean "test-4"?');
  const two = await here('figures', 'run', 'plain', '--only', 'attention', ...options);
  expect(two.stderr).toContain('it is of one run, and there are 2: name the one that is wanted');
  for (const { code, stderr } of [unknown, two]) expect([code, stderr.trim().split('\n').length]).toEqual([1, 1]);
});
