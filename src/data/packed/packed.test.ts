/** Packed datasets, written from real files and read again. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Dataset, Samples, Split } from '../dataset.ts';
import { pickFactors } from '../factors.ts';
import { inMemory, isInMemory } from '../features.ts';
import { reportOf } from '../report/report.ts';
import { FormatError } from '../../files/error.ts';
import { type SafeTensor, writeSafetensors } from '../../formats/safetensors/write.ts';
import { loadDataset } from '../datasets/load.ts';
import { synthetic } from '../datasets/synthetic.ts';
import { pack } from './pack.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'decalign-packed-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (...names: string[]): string => path.join(folder, ...names);

/** Two modalities, one with lengths, one without and shorter in `valid`; and some NaN. */
function file(name: string, { sound = false } = {}): string {
  const tensors = (['train', 'valid', 'test'] as const).flatMap((split, s): [string, SafeTensor][] => {
    const [count, time] = [7 - s, split === 'valid' ? 3 : 4];
    const wave = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => Math.cos(i * 1.7 + s));
    const text = wave(count * time * 2);
    // The last step of every other sample is padding.
    for (let n = 0; n < count; n += 2) text.fill(0, ((n + 1) * time - 1) * 2, (n + 1) * time * 2);
    const audio = wave(count * 5 * 3);
    for (let n = 0; n < count; n++) audio.fill(0, (n * 5 + 1 + (n % 5)) * 3, (n + 1) * 15);
    if (!sound) audio[1] = Number.NaN;
    // The second sample, of two steps, has no number there: it lacks the modality.
    if (!sound) audio.fill(Number.NaN, 15, 21);
    return [
      [`${split}/text`, { shape: [count, time, 2], data: text }],
      [`${split}/audio`, { shape: [count, 5, 3], data: audio }],
      [`${split}/audio_lengths`, { shape: [count], data: Int32Array.from({ length: count }, (_, n) => 1 + (n % 5)) }],
      [`${split}/regression_labels`, { shape: [count], data: wave(count) }],
      [`${split}/regression_labels_text`, { shape: [count], data: wave(count) }],
      [`${split}/video`, { shape: [count], data: Int32Array.from({ length: count }, (_, n) => 10 * s + (n >> 1)) }],
    ];
  });
  writeFileSync(at(name), writeSafetensors(Object.fromEntries(tensors)));
  return at(name);
}

/** All that a dataset holds, features in memory. */
const whole = ({ splits, modalities, task, metrics }: Dataset): unknown => ({
  ...{ modalities, task, metrics },
  splits: Object.fromEntries(
    (Object.entries(splits) as [Split, Samples][]).map(([split, { features, ...samples }]) => [
      split,
      { ...samples, features: Object.entries(features).map(([name, each]) => [name, inMemory(each)]) },
    ]),
  ),
});

beforeAll(async () => {
  const dataset = await loadDataset(file('features.safetensors'), { stored: true, group: 'video' });
  await pack(dataset, at('packed'), { writtenBy: 'decalign 0.0.0', group: 'video' });
  await dataset.close!();
});

describe('a dataset left in its file', () => {
  test.each([false, true])('is what it is in memory (sound: %s)', async (sound) => {
    const source = file('other.safetensors', { sound });
    const stored = await loadDataset(source, { stored: true });
    expect(Object.values(stored.splits.train!.features).some(isInMemory)).toBe(false);
    const held = await loadDataset(source);
    expect(Object.values(held.splits.train!.features).every(isInMemory)).toBe(true);
    expect(stored.modalities.map(({ cleaned }) => cleaned)).toEqual(sound ? [0, 0] : [0, 3]);
    expect(reportOf(stored)).toEqual(reportOf(held));
    expect(whole(stored)).toEqual(whole(held));
    await stored.close!();
  });
});

describe('a packed dataset', () => {
  test('is what was packed, with ids, groups and labels of single modalities', async () => {
    const packed = await loadDataset(at('packed'), { group: 'video' });
    const held = await loadDataset(at('features.safetensors'), { group: 'video' });
    expect(Object.values(packed.splits.test!.features).some(isInMemory)).toBe(false);
    expect(whole(packed)).toEqual(whole(held));
    expect(packed.splits.train!.groups).toEqual(['0', '0', '1', '1', '2', '2', '3']);
    expect(readdirSync(folder).filter((name) => name.includes('tmp'))).toEqual([]);
    await packed.close!();
  });

  test('keeps known factors, over several shards', async () => {
    const made = synthetic({ samples: { train: 12_000, valid: 8, test: 9 } });
    const { splits } = await pack(made, at('packed-factors'), { writtenBy: 'decalign 0.0.0' });
    expect(splits.train).toHaveLength(2);
    const packed = await loadDataset(at('packed-factors'));
    expect(packed.factors).toEqual(made.factors);
    await packed.close!();
    const some = await loadDataset(at('packed-factors'), { splits: ['test'] });
    expect(some.factors).toEqual({ test: made.factors!.test });
    await some.close!();
  });

  test('leaves out the factors of samples without a label, as the samples', async () => {
    const made = synthetic({ samples: { train: 6, valid: 8, test: 9 } });
    made.splits.train!.labels![1] = Number.NaN;
    await pack(made, at('packed-unlabelled'), { writtenBy: 'decalign 0.0.0' });
    const packed = await loadDataset(at('packed-unlabelled'));
    expect(packed.factors!.train).toEqual(pickFactors(made.factors!.train!, [0, 2, 3, 4, 5]));
    await packed.close!();
  });

  test('holds samples that are larger than what is copied at a time', async () => {
    const [steps, width] = [9, 8000];
    const tensors = Object.fromEntries(
      ['train', 'valid', 'test'].flatMap((split): [string, SafeTensor][] => [
        [
          `${split}/text`,
          { shape: [2, steps, width], data: Float32Array.from({ length: 2 * steps * width }, (_, i) => i % 7) },
        ],
        [`${split}/regression_labels`, { shape: [2], data: Float32Array.of(1, 2) }],
      ]),
    );
    writeFileSync(at('large.safetensors'), writeSafetensors(tensors));
    const held = await loadDataset(at('large.safetensors'));
    await pack(held, at('packed-large'), { writtenBy: 'decalign 0.0.0' });
    const packed = await loadDataset(at('packed-large'));
    expect(inMemory(packed.splits.test!.features['text']!)).toEqual(inMemory(held.splits.test!.features['text']!));
    await packed.close!();
  });

  test('knows of samples that lack a modality, though it was gone through but once', async () => {
    const counts: number[] = [];
    const dataset = await loadDataset(at('features.safetensors'), {
      stored: true,
      onRead: (_, { cleaned }) => counts.push(cleaned),
    });
    expect([...dataset.splits.train!.lengths['audio']!].slice(0, 3)).toEqual([1, 2, 3]);
    // Nothing was read so far.
    expect(dataset.modalities.map(({ cleaned }) => cleaned)).toEqual([0, 0]);
    await pack(dataset, at('packed-once'), { writtenBy: 'decalign 0.0.0' });
    await dataset.close!();
    expect(counts.reduce((a, b) => a + b)).toBe(3);
    const packed = await loadDataset(at('packed-once'));
    expect([...packed.splits.train!.lengths['audio']!].slice(0, 3)).toEqual([1, 0, 3]);
    await packed.close!();
  });

  test('knows of such samples wherever they stand among many, of which some are copied at a time', async () => {
    const [count, width] = [70, 1000];
    const text = Float32Array.from({ length: count * width }, (_, i) => i % 7);
    // The first samples and the last ones are not copied together.
    const without = [1, 66, 69];
    for (const n of without) text.fill(Number.NaN, n * width, (n + 1) * width);
    const tensors = Object.fromEntries(
      ['train', 'valid', 'test'].flatMap((split): [string, SafeTensor][] => [
        [`${split}/text`, { shape: [count, 1, width], data: text }],
        [`${split}/text_lengths`, { shape: [count], data: new Int32Array(count).fill(1) }],
        [`${split}/regression_labels`, { shape: [count], data: Float32Array.from({ length: count }, (_, n) => n) }],
      ]),
    );
    writeFileSync(at('lacking.safetensors'), writeSafetensors(tensors));
    const dataset = await loadDataset(at('lacking.safetensors'), { stored: true, onRead: () => undefined });
    await pack(dataset, at('packed-lacking'), { writtenBy: 'decalign 0.0.0' });
    await dataset.close!();
    const packed = await loadDataset(at('packed-lacking'));
    const lengths = [...packed.splits.test!.lengths['text']!];
    expect([...lengths.keys()].filter((n) => lengths[n] === 0)).toEqual(without);
    await packed.close!();
  });

  test('is read with some modalities, some splits, or by the counting protocol', async () => {
    const one = await loadDataset(at('packed'), { modalities: ['text'], splits: ['test'] });
    expect([Object.keys(one.splits), one.modalities.map(({ name }) => name)]).toEqual([['test'], ['text']]);
    const counted = await loadDataset(at('packed'), { protocol: 'paper_count' });
    const held = await loadDataset(at('features.safetensors'), { protocol: 'paper_count', group: 'video' });
    expect(whole(counted)).toEqual(whole(held));
    for (const dataset of [one, counted]) await dataset.close!();
  });

  const fixture = (version: number): string =>
    fileURLToPath(new URL(`../../../test/fixtures/data/packed-${version}`, import.meta.url));

  test.each([1, 2])('of version %i is refused where one bit is another', async (version) => {
    const copy = mkdtempSync(at('version-'));
    cpSync(fixture(version), copy, { recursive: true });
    const bytes = readFileSync(path.join(copy, 'test-0000.safetensors'));
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(path.join(copy, 'test-0000.safetensors'), bytes);
    await expect(loadDataset(copy)).rejects.toThrow('test-0000.safetensors: is not as manifest.json has it');
  });

  test('is never written over', async () => {
    const dataset = await loadDataset(at('features.safetensors'));
    await expect(pack(dataset, at('packed'), { writtenBy: 'x' })).rejects.toThrow('packed: exists already');
  });

  const refused = async (change: (folder: string) => void, options = {}): Promise<string> => {
    const copy = mkdtempSync(at('copy-'));
    cpSync(at('packed'), copy, { recursive: true });
    change(copy);
    const failure = (await loadDataset(copy, options).catch((error: unknown) => error)) as Error;
    expect(failure).toBeInstanceOf(FormatError);
    expect(failure.message).not.toContain('\n');
    return failure.message;
  };
  const manifest = (copy: string, change: (text: string) => string): void =>
    writeFileSync(path.join(copy, 'manifest.json'), change(readFileSync(path.join(copy, 'manifest.json'), 'utf8')));
  const shard = 'train-0000.safetensors';

  test.each<[string, (copy: string) => void, RegExp, object?]>([
    [
      'with a shard of which one bit is another',
      (copy) => {
        const bytes = readFileSync(path.join(copy, shard));
        bytes[bytes.length - 9]! ^= 4;
        writeFileSync(path.join(copy, shard), bytes);
      },
      /train-0000\.safetensors: is not as manifest\.json has it/,
    ],
    [
      'with a shard of a size beyond reason',
      (copy) => manifest(copy, (text) => text.replace(/"bytes": \d+/, '"bytes": 9000000000000000')),
      /train-0000\.safetensors: is not as manifest\.json has it/,
    ],
    ['with a shard that is gone', (copy) => rmSync(path.join(copy, shard)), /train-0000\.safetensors: does not exist/],
    [
      'of another version',
      (copy) => manifest(copy, (text) => text.replace('"version": 2', '"version": 4')),
      /manifest\.json: has version 4 of the packed form, written by decalign 0\.0\.0; this release reads 1 to 3:/,
    ],
    [
      'that reaches outside of its folder',
      (copy) => manifest(copy, (text) => text.replace(shard, `../packed/${shard}`)),
      /splits\.train\.0\.file: is no plain name/,
    ],
    [
      'with a shape that is not that of the shards',
      (copy) => manifest(copy, (text) => text.replace('"width": 2', '"width": 3')),
      /has no "features\.text" \[7,4,3\], as manifest\.json says/,
    ],
    [
      'with a width of nothing',
      (copy) => manifest(copy, (text) => text.replace('"width": 2', '"width": 0')),
      /manifest\.json: modalities\.0\.width: Too small/,
    ],
    ['with another task', () => undefined, /was packed for regression, not classification/, { task: 'classification' }],
    ['with other groups', () => undefined, /was packed with groups by "video"; convert/, { group: 'speaker' }],
  ])('%s is refused in one line', async (_, change, message, options) => {
    expect(await refused(change, options)).toMatch(message);
  });

  test.each(['ids', 'groups'])('whose %s are not all texts is refused, whatever its manifest says', async (column) => {
    const message = await refused((copy) => {
      const bytes = readFileSync(path.join(copy, shard));
      const before = crc32(bytes).toString(16).padStart(8, '0');
      const text = bytes.toString('latin1');
      const start = text.indexOf('[', text.indexOf(`"${column}"`)) + 1;
      const end = text.slice(start).search(/[,\]]/) + start;
      bytes.write('7'.repeat(end - start), start, 'latin1');
      writeFileSync(path.join(copy, shard), bytes);
      manifest(copy, (json) => json.replace(before, crc32(bytes).toString(16).padStart(8, '0')));
    });
    expect(message).toMatch(new RegExp(`train-0000\\.safetensors: does not name its 7 samples under "${column}"\\.$`));
  });

  test('whose manifest is damaged anywhere is refused, or read as it was', async () => {
    const text = readFileSync(at('packed', 'manifest.json'));
    const copy = mkdtempSync(at('damaged-'));
    cpSync(at('packed'), copy, { recursive: true });
    await fc.assert(
      fc.asyncProperty(
        fc.nat(text.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (i, bits, cut) => {
          const damaged = Buffer.from(cut ? text.subarray(0, i) : text);
          if (!cut) damaged[i]! ^= bits;
          writeFileSync(path.join(copy, 'manifest.json'), damaged);
          const found = await loadDataset(copy).catch((error: unknown) => error);
          if (found instanceof Error) expect(found).toBeInstanceOf(FormatError);
          else await (found as Dataset).close!();
        },
      ),
      { numRuns: 200 },
    );
  });
});

test('how columns became numbers, and where modalities stood, is kept for the model that is trained on it', async () => {
  const example = await loadDataset(fileURLToPath(new URL('../../../examples/own-data', import.meta.url)));
  await pack(example, at('people'), { writtenBy: 'decalign 0.0.0' });
  const { columns, sources, close } = await loadDataset(at('people'));
  await close!();
  expect([columns, sources]).toEqual([
    { record: ['age', 'visits'] },
    { speech: { file: 'people.csv', key: 'speech', id: 'id' }, record: { file: 'people.csv', id: 'id' } },
  ]);
  expect([columns, sources]).toEqual([example.columns, example.sources]);
});

test('of a packed dataset with samples that have no label, training reads the others, as of its source', async () => {
  const table = Array.from(
    { length: 30 },
    (_, n) => `s${n},${n},${n % 3 ? 'xy'[n % 2] : `w${n}`},${n % 6 ? n / 7 : ''}`,
  );
  writeFileSync(at('some.csv'), ['id,x,kind,y', ...table].join('\n'));
  const description = {
    task: 'regression',
    modalities: {
      x: { file: 'some.csv', key: ['x'] },
      kind: { file: 'some.csv', key: ['kind'], types: { kind: 'category' } },
    },
    labels: { file: 'some.csv', key: 'y' },
    split: { fractions: { train: 0.6, valid: 0.2, test: 0.2 } },
  };
  writeFileSync(at('some.yaml'), JSON.stringify(description));
  const source = await loadDataset(at('some.yaml'), { requireLabels: false, stored: true });
  await pack(source, at('some'), { writtenBy: 'decalign 0.0.0' });
  await source.close?.();
  const packed = await loadDataset(at('some'));
  const direct = await loadDataset(at('some.yaml'));
  expect(whole(packed)).toEqual(whole(direct));
  expect(packed.notes).toEqual([expect.stringMatching(/^5 of 30 samples have no label \("s\d+", .*: left out\.$/)]);
  await packed.close!();
  const all = await loadDataset(at('some'), { requireLabels: false });
  expect(Object.values(all.splits).flatMap(({ ids }) => ids)).toHaveLength(30);
  await all.close!();
});

test('several labels of each sample, some absent, are of version 3 and what they were', async () => {
  for (const [name, task, more] of [
    ['labels', 'multilabel', { names: ['sad', 'glad'] }],
    [
      'targets',
      'multitarget',
      {
        names: ['sad', 'glad'],
        ranges: [
          [0, 1],
          [0, 1],
        ],
      },
    ],
  ] as const) {
    const plain = await loadDataset(file(`${name}.safetensors`), { stored: true });
    const splits = Object.fromEntries(
      (Object.entries(plain.splits) as [Split, Samples][]).map(([split, given]) => {
        const { ids, features, lengths } = given;
        const samples = { ids, features, lengths };
        const labels = Float32Array.from({ length: 2 * samples.ids.length }, (_, i) =>
          i === 3 ? Number.NaN : i % 3 && 1,
        );
        return [split, { ...samples, labels }];
      }),
    );
    const several = { ...plain, task: { kind: task, ...more } as Dataset['task'], metrics: task, splits };
    const manifest = await pack(several, at(name), { writtenBy: 'decalign 0.0.0' });
    expect(manifest.version).toBe(3);
    const read = await loadDataset(at(name));
    expect(read.task).toEqual(several.task);
    for (const split of ['train', 'valid', 'test'] as const)
      expect(read.splits[split]!.labels).toEqual(splits[split]!.labels);
    expect(read.notes).toBeUndefined();
    await plain.close!();
    await read.close!();
  }
});
