/** Datasets in packed form on the command line: written, looked at, trained from and evaluated on. */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { decalign, decalignHere, filesIn, temporaryFolder, tiny } from './decalign.ts';
import { save, tables } from './feature-file.ts';

const folder = temporaryFolder();
const at = (...names: string[]): string => path.join(folder, ...names);
const source = at('mosi-small.pkl');
const packed = at('mosi-packed');

beforeAll(async () => {
  save(source, tables());
  const { code, stdout } = await decalign(['convert', source, packed, '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ source, file: packed, format: 'packed dataset of 3 shards', arrays: 9 });
});

const best = (run: string): Buffer => readFileSync(at(run, 'best.safetensors'));

test('training from it gives the very weights that training from the file gives', async () => {
  const call = [...tiny, '--epochs', '2'];
  for (const [data, run] of [
    [source, 'from-file'],
    [packed, 'from-packed'],
  ] as const)
    expect(await decalignHere(['train', data, ...call, '--out', at(run)])).toMatchObject({ code: 0 });
  expect(best('from-packed').equals(best('from-file'))).toBe(true);
  // Either is the data of the other: a run that was begun on one goes on on the other.
  const resumed = await decalignHere(['train', packed, ...call, '--out', at('from-file'), '--resume', '--json']);
  expect(JSON.parse(resumed.stdout)).toMatchObject({ run: at('from-file') });

  const scores: { metrics: object; robustness: object }[] = [];
  for (const data of [source, packed]) {
    const { stdout } = await decalignHere(['evaluate', at('from-file'), data, '--json', '--drop', 'audio=0.5']);
    scores.push(JSON.parse(stdout) as (typeof scores)[number]);
  }
  expect(scores[1]!.metrics).toEqual(scores[0]!.metrics);
  expect(scores[1]!.robustness).toEqual(scores[0]!.robustness);
});

test('it is inspected as the file is', async () => {
  const inspected = async (data: string): Promise<Record<string, unknown>> => {
    const { code, stdout } = await decalignHere(['inspect', data, '--json']);
    expect(code).toBe(0);
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  const [whole, parts] = [await inspected(source), await inspected(packed)];
  expect(parts['format']).toBe('packed dataset');
  for (const key of ['splits', 'modalities', 'strength', 'identicalSamples', 'task'])
    expect(parts[key]).toEqual(whole[key]);
});

test('folds train from it', async () => {
  const whole = tables();
  for (const [split, { id }] of Object.entries(whole)) whole[split]!['id'] = id!.map((_, n) => `${split} ${n}`);
  save(at('folded.pkl'), whole);
  expect(await decalignHere(['convert', at('folded.pkl'), at('folded')])).toMatchObject({ code: 0 });
  const pooled = async (data: string): Promise<object> => {
    const call = ['train', at(data), ...tiny, '--epochs', '1', '--folds', '3', '--out', at(`${data}-run`), '--json'];
    return (JSON.parse((await decalignHere(call)).stdout) as { pooled: object }).pooled;
  };
  expect(await pooled('folded')).toEqual(await pooled('folded.pkl'));
});

test.each<[string, () => string[], number, RegExp]>([
  ['over a folder', () => [source, packed], 1, /mosi-packed: exists already; name a new folder/],
  ['with another type', () => [source, at('new'), '--dtype', 'float16'], 2, /holds float32, as models take it/],
  ['by force', () => [source, packed, '--force'], 2, /A folder is not replaced/],
  ['of what is no dataset', () => [text(), at('new')], 1, /words\.csv: has no splits/],
  ['with a modality that is not there', () => [source, at('new'), '--modalities', 'face'], 1, /no modality "face"/],
  ['below a file', () => [source, path.join(source, 'new')], 1, /a part of its path is a file, not a folder/],
  [
    'of groups that are not there',
    () => [source, at('new'), '--group', 'speaker'],
    1,
    /no column "speaker" to group by/,
  ],
  [
    'of a choice that a file has no place for',
    () => [source, at('new.npz'), '--group', 'video'],
    2,
    /goes with the packed/,
  ],
])('a call %s is refused in one line, and leaves nothing behind', async (_, call, expected, message) => {
  const before = readdirSync(folder).filter((name) => name !== 'words.csv');
  const { code, stderr } = await decalignHere(['convert', ...call()]);
  expect(code).toBe(expected);
  expect(stderr).toMatch(message);
  expect(stderr.trim()).not.toContain('\n');
  expect(readdirSync(folder).filter((name) => name !== 'words.csv')).toEqual(before);
});

function text(): string {
  writeFileSync(at('words.csv'), 'word,count\na,1\n');
  return at('words.csv');
}

test('a disk that is full leaves nothing behind', async () => {
  const { code, stderr } = await decalign(['convert', source, at('full')], { largestFile: 1 });
  expect(code).toBe(1);
  expect(stderr).toMatch(/cannot be written: the file would exceed the size limit/);
  expect([existsSync(at('full')), filesIn(folder).filter((name) => name.includes('partial'))]).toEqual([false, []]);
});
