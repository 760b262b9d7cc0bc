import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NdArray } from '../../formats/bytes/array.ts';
import { type AlignOptions, segmentsOf } from './segments.ts';
import { openSequence, openSequences, type Sequence } from './sequence.ts';
import { alignedColumns } from './columns.ts';

const path = (name: string): string =>
  fileURLToPath(new URL(`../../../test/fixtures/data/sequences/${name}`, import.meta.url));

type Rows = readonly (readonly number[])[];
interface Sdk {
  readonly keys: readonly string[];
  readonly segments: Readonly<Record<string, Readonly<Record<string, Rows>>>>;
  readonly tensors: Readonly<Record<'first' | 'last', Readonly<Record<string, readonly Rows[]>>>>;
}
const sdk = JSON.parse(readFileSync(path('sdk.json'), 'utf8')) as Sdk;

const opened: Sequence[] = [];
const open = async (name: string): Promise<Sequence> => {
  const sequence = await openSequence(path(name));
  opened.push(sequence);
  return sequence;
};
let options: AlignOptions;
let texts: Sequence;
beforeAll(async () => {
  const [words, labels, audio, vision] = await Promise.all(
    ['words', 'labels', 'audio', 'vision'].map((n) => open(`${n}.csd`)),
  );
  const modalities = new Map([['audio', audio!] as const, ['vision', vision!] as const]);
  options = { words: words!, labels: labels!, modalities, time: 5, labelColumns: [0], skip: [] };
  texts = await open('texts.csd');
});
afterAll(() => Promise.all(opened.map((sequence) => sequence.close())));

function column(columns: ReadonlyMap<string, unknown>, name: string): NdArray {
  const array = columns.get(name);
  if (!(array instanceof NdArray)) throw new TypeError(`${name} is no array`);
  return array;
}

/** An array `[N, T, D]` as nested lists. */
function nested({ shape, data }: NdArray): number[][][] {
  const [count, time, width] = shape as readonly [number, number, number];
  const numbers = Array.from(data as Float32Array);
  return Array.from({ length: count }, (_, n) =>
    Array.from({ length: time }, (_, t) => numbers.slice((n * time + t) * width, (n * time + t + 1) * width)),
  );
}

const close = (actual: Rows, expected: Rows): void => {
  expect(actual.length).toBe(expected.length);
  actual.flat().forEach((value, i) => expect(value).toBeCloseTo(expected.flat()[i]!, 6));
};

describe('sequences are aligned as the SDK does it', () => {
  it('the same segments, of the same words and averages', () => {
    const { segments } = segmentsOf(options);
    expect(segments.map(({ id }) => id)).toEqual(sdk.keys);
    const { columns } = alignedColumns(segments, options);
    for (const [modality, name] of [
      ['text', 'words'],
      ['audio', 'audio'],
      ['vision', 'vision'],
    ] as const)
      for (const [n, rows] of nested(column(columns, modality)).entries()) {
        const expected = sdk.segments[sdk.keys[n]!]![name]!;
        expect(segments[n]!.words.length).toBe(expected.length);
        close(rows.slice(0, expected.length), expected);
        expect(
          rows
            .slice(expected.length)
            .flat()
            .every((value) => value === 0),
        ).toBe(true);
      }
    expect(Array.from(column(columns, 'regression_labels').data as Float32Array)).toEqual(
      sdk.keys.map((key) => Math.fround(sdk.segments[key]!['labels']![0]![0]!)),
    );
  });

  it('cut to the first words, zeros after them, as its right padding', () => {
    const short = { ...options, time: 3 };
    const { segments, left } = segmentsOf(short);
    expect(left.cut).toEqual(['one[1]', 'two[0]']);
    const { columns } = alignedColumns(segments, short);
    for (const [modality, name] of [
      ['text', 'words'],
      ['audio', 'audio'],
      ['vision', 'vision'],
    ] as const)
      nested(column(columns, modality)).forEach((rows, n) => {
        close(rows, sdk.tensors.first[name]![n]!);
      });
    expect(Array.from(column(columns, 'text_lengths').data as Int32Array)).toEqual([2, 3, 1, 3]);
  });

  it('and what it drops is named', () => {
    const { left } = segmentsOf(options);
    expect(left).toEqual({ videos: ['three'], wordless: ['one[2]'], unlabelled: [], cut: [] });
  });
});

describe('where words are texts', () => {
  it('they become raw_text, and no modality', () => {
    const { segments } = segmentsOf({ ...options, words: texts });
    const { columns } = alignedColumns(segments, { ...options, words: texts });
    expect([...columns.keys()]).not.toContain('text');
    // In order of time, not of the file.
    expect(columns.get('raw_text')).toEqual(['cat sp', 'the sp small cat', 'sat', 'a sp b c']);
    expect(columns.get('video')).toEqual(['one', 'one', 'one', 'two']);
  });

  it('some of them, such as pauses, can be skipped', () => {
    const { segments } = segmentsOf({ ...options, words: texts, skip: ['sp'] });
    expect(segments.map(({ text }) => text)).toEqual(['cat', 'the small cat', 'sat', 'a b c']);
    const { columns } = alignedColumns(segments, { ...options, words: texts });
    const [, second] = nested(column(columns, 'audio'));
    const all = sdk.segments['one[1]']!['audio']!;
    close(second!.slice(0, 3), [all[0]!, all[2]!, all[3]!]);
  });
});

it('a part of an array is read as the whole is', async () => {
  const { segments } = segmentsOf(options);
  const { columns } = alignedColumns(segments, options);
  const { elements } = column(columns, 'vision');
  if (!('read' in elements)) throw new TypeError('the features are in memory already');
  const whole = elements.readNow() as Float32Array;
  for (const [from, count] of [
    [0, 7],
    [13, 30],
    [whole.length - 3, 3],
  ] as const)
    expect(await elements.read(from, count)).toEqual(whole.slice(from, from + count));
});

it('a segment whose label is no number is left out and counted', () => {
  const { segments } = segmentsOf(options);
  const { labels } = options;
  const [first] = segments;
  const gap: Sequence = {
    ...labels,
    entry: (video) => {
      const entry = labels.entry(video);
      const row = `${video}[0]` === first!.id ? 0 : -1;
      const numbers = entry.features as ArrayLike<number>;
      const features = Float32Array.from(numbers, (x, i) => (Math.floor(i / labels.width) === row ? NaN : x));
      return { ...entry, features };
    },
  };
  const { segments: kept, left } = segmentsOf({ ...options, labels: gap });
  expect(left.unlabelled).toEqual([first!.id]);
  expect(kept.map(({ id }) => id)).toEqual(segments.slice(1).map(({ id }) => id));
});

it('several columns of a label are labels [N, K], and a segment is left out where none of them is a number', () => {
  // CMU-MOSEI has a sentiment and six emotions for each segment; here the second has no sentiment, the third nothing.
  const { segments: all } = segmentsOf(options);
  const numbers = (row: number): number[] =>
    Array.from({ length: 7 }, (_, l) => (row === 2 || (row === 1 && l === 0) ? NaN : row + l / 8));
  const labels: Sequence = {
    ...{ ...options.labels, width: 7 },
    entry: (video) => {
      const { intervals } = options.labels.entry(video);
      const rows = Array.from({ length: intervals.length / 2 }, (_, row) =>
        numbers(all.findIndex(({ id }) => id === `${video}[${row}]`)),
      );
      return { intervals, features: Float32Array.from(rows.flat()) };
    },
  };
  const { segments, left } = segmentsOf({ ...options, labels, labelColumns: [0, 6, 2] });
  expect(left.unlabelled).toEqual([all[2]!.id]);
  const { columns } = alignedColumns(segments, options);
  expect(columns.has('regression_labels')).toBe(false);
  const { shape, data } = column(columns, 'labels');
  expect(shape).toEqual([3, 3]);
  expect([...(data as Float32Array)]).toEqual([0, 0.75, 0.25, NaN, 1.75, 1.25, 3, 3.75, 3.25]);
});

it('what is no computational sequence is told in one line', async () => {
  const other = fileURLToPath(new URL('../../../test/fixtures/data/formats/types.h5', import.meta.url));
  await expect(openSequence(other)).rejects.toThrow(/no computational sequence.*"data"/);
  await expect(openSequence(path('nothing.csd'))).rejects.toThrow('does not exist');
  expect(() => segmentsOf({ ...options, labelColumns: [0, 1] })).toThrow(/labels\.csd: has 1 columns of labels/);
  expect(() => segmentsOf({ ...options, labels: texts })).toThrow(/texts\.csd: holds texts, no labels\.$/);
  expect(() => alignedColumns([], { ...options, modalities: new Map([['audio', texts]]) })).toThrow(
    /no features of "audio"/,
  );
});

it.runIf(existsSync('/proc/self/fd'))('where one of several cannot be opened, none is left open', async () => {
  const open = (): number => readdirSync('/proc/self/fd').length;
  const files = [path('audio.csd'), path('nothing.csd')];
  await expect(openSequences(files)).rejects.toThrow('does not exist');
  const before = open();
  await expect(openSequences(files)).rejects.toThrow('does not exist');
  expect(open()).toBe(before);
});
