/** From computational sequences to a trained model, in real processes. */
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { decalign, decalignHere, temporaryFolder, tiny } from './decalign.ts';

const folder = temporaryFolder();
const at = (name: string): string => path.join(folder, name);
const sequence = (name: string): string =>
  path.resolve(import.meta.dirname, '../fixtures/data/sequences', `${name}.csd`);
const call = (words: string, ...more: string[]): string[] => [
  ...['align', '--words', sequence(words), '--labels', sequence('labels')],
  ...['--modality', `audio=${sequence('audio')}`, '--modality', `vision=${sequence('vision')}`],
  ...more,
];

const splits = at('splits.json');
writeFileSync(splits, JSON.stringify({ train: ['one[0]', 'one[1]'], valid: ['one[4]'], test: ['two'] }));

interface Described {
  readonly splits: Readonly<Record<string, { readonly samples: number }>>;
  readonly modalities: readonly { readonly name: string; readonly time: number; readonly width: number }[];
}

test('sequences are aligned into a file that trains', async () => {
  const out = at('mosi.pkl');
  const aligned = await decalign(call('words', '--time', '3', '--splits', splits, out));
  expect(aligned).toMatchObject({ code: 0 });
  expect(aligned.stdout).toBe(`Wrote ${out} (Python pickle): 2 train, 1 valid, 1 test; text, audio, vision\n`);
  expect(aligned.stderr.trim().split('\n')).toEqual([
    'Videos left out, not in every sequence: 1 (three)',
    'Segments left out, without words: 1 (one[2])',
    'Segments cut to their first 3 words: 2 (one[1], two[0])',
  ]);
  const inspected = await decalignHere(['inspect', out, '--json']);
  const { splits: found, modalities } = JSON.parse(inspected.stdout) as Described;
  expect(Object.values(found).map(({ samples }) => samples)).toEqual([2, 1, 1]);
  expect(modalities.map(({ name, time, width }) => [name, time, width])).toEqual([
    ['text', 3, 3],
    ['audio', 3, 2],
    ['vision', 3, 4],
  ]);
  const again = await decalign(call('words', out));
  expect([again.code, again.stderr]).toEqual([1, `decalign: ${out} exists; add --force to replace it.\n`]);
  const trained = await decalignHere(['train', out, ...tiny, '--epochs', '1', '--out', at('run')]);
  expect(trained).toMatchObject({ code: 0 });
  expect(existsSync(at('run/result.json'))).toBe(true);
});

test('where words are texts, pauses can be skipped; ids and texts stay in an npz', async () => {
  const out = at('texts.npz');
  const aligned = await decalign(call('texts', '--skip', 'sp', '--splits', splits, out));
  expect(aligned).toMatchObject({ code: 0 });
  expect(aligned.stdout).toContain('; audio, vision\n');
  // Texts are UTF-32 in NumPy.
  const archive = readFileSync(out).toString('latin1').replaceAll('\0', '');
  for (const text of ['one[4]', 'the small cat']) expect(archive).toContain(text);
});

test("CMU-MOSEI's emotions are aligned, and known by the name of the file", async () => {
  const emotions = (name: string): string =>
    path.resolve(import.meta.dirname, '../fixtures/data/mosei-emotions', `${name}.csd`);
  const out = at('mosei_emo.npz');
  const aligned = await decalign([
    ...['align', '--words', emotions('words'), '--labels', emotions('labels'), '--label-column', '1,2,3,4,5,6'],
    ...['--modality', `audio=${emotions('audio')}`, '--splits', emotions('splits').replace('.csd', '.json'), out],
  ]);
  expect([aligned.stderr, aligned.code]).toEqual(['', 0]);
  const inspected = JSON.parse((await decalignHere(['inspect', out, '--json'])).stdout) as Described;
  expect(inspected).toMatchObject({
    task: { kind: 'multilabel', names: ['happy', 'sad', 'anger', 'surprise', 'disgust', 'fear'] },
  });
  const trained = await decalignHere(['train', out, ...tiny, '--epochs', '1', '--out', at('emotions')]);
  expect(trained).toMatchObject({ code: 0 });
  // A run that was told by a name reads another file by the same layout, whatever that is called.
  for (const name of ['mmsa', 'folds']) {
    const file = emotions(name).replace('.csd', '.pkl');
    const inspect = await decalignHere(['inspect', file, '--preset', 'mosei-emotions']);
    expect(inspect.stdout).toContain('mosei-emotions: multilabel, 6 labels (Python pickle)');
  }
  const renamed = at('renamed.npz');
  copyFileSync(out, renamed);
  const evaluated = await decalignHere(['evaluate', at('emotions'), renamed, '--split', 'test']);
  expect(evaluated).toMatchObject({ code: 0 });
  expect(evaluated.stdout).toContain('WAcc ↑');
  expect(evaluated.stderr).toContain('"surprise" is true of no sample: its F1');
});

test.each([
  ['a modality without a file', ['--modality', 'audio', at('x.pkl')], 2, /as in audio=FILE\.csd/],
  ['two of one name', ['--modality', `audio=${sequence('vision')}`, at('x.pkl')], 2, /the name "audio"/],
  ['a file that is none', ['--modality', `more=${splits}`, at('x.pkl')], 1, /splits\.json/],
  ['shares that are none', ['--splits', '0.5,0.1,0.1', at('x.pkl')], 2, /no three shares of 1/],
  ['too few videos for shares', [at('x.pkl')], 1, /2 groups, too few/],
  ['splits of other videos', ['--splits', sequence('words'), at('x.pkl')], 1, /cannot be read as JSON/],
  ['an ending that is none', ['--splits', splits, at('x.txt')], 2, /no ending that says what to write/],
  ['a label that is none', ['--splits', splits, '--label-column', '3', at('x.pkl')], 1, /has 1 columns of labels/],
  ['words to skip among numbers', ['--skip', 'sp', at('x.pkl')], 2, /--skip needs words that are texts/],
])('%s is told in one line, and nothing is written', async (_, more, code, problem) => {
  const { stdout, stderr, ...result } = await decalign(call('words', ...more));
  expect(stdout).toBe('');
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr).toMatch(problem);
  expect(result.code).toBe(code);
  expect(existsSync(more.at(-1)!)).toBe(false);
});
