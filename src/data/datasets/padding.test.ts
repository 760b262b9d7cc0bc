/** Padding in front, by whatever way samples come in: it is read as padding at the end. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { NdArray } from '../../formats/bytes/array.ts';
import { writeFile } from '../../formats/write.ts';
import { openFile } from '../../formats/open.ts';
import type { Dataset } from '../dataset.ts';
import { inMemory } from '../features.ts';
import { pack } from '../packed/pack.ts';
import { loadDataset } from './load.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'decalign-padding-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => path.join(folder, name);

const lengths = { train: [2, 5, 3, 4], valid: [1, 4, 5], test: [5, 2] };
type Where = 'end' | 'front';
const [time, width] = [5, 3];

/** Splits of one modality, whose sequences are padded at the end or in front. */
function splits(where: Where, withLengths: boolean): Map<string, Map<string, unknown>> {
  return new Map(
    Object.entries(lengths).map(([split, own]) => {
      const data = new Float32Array(own.length * time * width);
      for (const [n, length] of own.entries())
        for (let i = 0; i < length * width; i++)
          data[(n * time + (where === 'end' ? 0 : time - length)) * width + i] = 10 * n + i + 1;
      const columns: [string, unknown][] = [
        ['audio', new NdArray([own.length, time, width], 'float32', data)],
        [
          'face',
          new NdArray(
            [own.length, 2],
            'float32',
            Float32Array.from({ length: 2 * own.length }, (_, i) => i),
          ),
        ],
        ['regression_labels', new NdArray([own.length], 'float32', Float32Array.from(own))],
      ];
      if (withLengths) columns.push(['audio_lengths', new NdArray([own.length], 'int32', Int32Array.from(own))]);
      return [split, new Map(columns)];
    }),
  );
}

/** One table with a column of splits, for formats of rows. */
function table(where: Where, withLengths: boolean): Map<string, unknown> {
  const all = [...splits(where, withLengths)];
  const names = [...all[0]![1].keys()];
  const joined = (name: string): NdArray => {
    const arrays = all.map(([, columns]) => columns.get(name) as NdArray);
    const data = arrays.flatMap((array) => [...(array.data as Float32Array)]);
    const rows = arrays.reduce((sum, { shape }) => sum + shape[0]!, 0);
    const { dtype, shape } = arrays[0]!;
    return new NdArray(
      [rows, ...shape.slice(1)],
      dtype,
      dtype === 'int32' ? Int32Array.from(data) : Float32Array.from(data),
    );
  };
  const split = all.flatMap(([each, columns]) => Array<string>((columns.get('face') as NdArray).shape[0]!).fill(each));
  return new Map<string, unknown>([['split', split], ...names.map((name) => [name, joined(name)] as const)]);
}

const held = ({ splits: own }: Dataset): unknown =>
  Object.values(own).map(({ features, lengths: steps }) => [
    Object.entries(features).map(([name, each]) => [name, [...inMemory(each).data]]),
    steps,
  ]);

describe.each([true, false])('with lengths: %j', (withLengths) => {
  it.each(['.pkl', '.npz', '.safetensors', '.h5', '.parquet', '.jsonl'])('%s', async (ending) => {
    const write = async (where: Where): Promise<string> => {
      const file = at(`${where}-${withLengths}${ending}`);
      const isTable = ['.parquet', '.jsonl'].includes(ending);
      await writeFile(file, isTable ? table(where, withLengths) : splits(where, withLengths));
      return file;
    };
    const [front, end] = [await write('front'), await write('end')];
    const moved = await loadDataset(front);
    expect(held(moved)).toEqual(held(await loadDataset(end)));
    expect(moved.modalities[0]).toMatchObject({ name: 'audio', moved: 6 });
    const stored = await loadDataset(front, { stored: true });
    expect([held(stored), stored.modalities]).toEqual([held(moved), moved.modalities]);
    await stored.close?.();
  });

  it('in the packed form, which is counted as it is written', async () => {
    const file = at(`packed-${withLengths}.safetensors`);
    await writeFile(file, splits('front', withLengths));
    let told = 0;
    const dataset = await loadDataset(file, { stored: true, onRead: (_, { moved }) => void (told += moved) });
    await pack(dataset, at(`packed-${withLengths}`), { writtenBy: 'decalign 0.0.0' });
    await dataset.close?.();
    expect(told + (dataset.modalities[0]!.moved ?? 0)).toBe(6);
    const packed = await loadDataset(at(`packed-${withLengths}`));
    expect(held(packed)).toEqual(held(await loadDataset(file)));
    await packed.close?.();
  });

  it('by a description', async () => {
    const file = at(`described-${withLengths}.yaml`);
    await writeFile(
      at(`rows-${withLengths}.npz`),
      new Map([...table('front', withLengths)].filter(([name]) => name !== 'split')),
    );
    const named = (key: string): string => `{ file: rows-${withLengths}.npz, key: ${key} }`;
    const audio = withLengths ? named('audio, lengths: audio_lengths') : named('audio');
    writeFileSync(
      file,
      `task: regression\nmodalities:\n  sound: ${audio}\n  face: ${named('face')}\nlabels: ${named('regression_labels')}\n` +
        'split:\n  fractions: { train: 0.5, valid: 0.25, test: 0.25 }\n',
    );
    const dataset = await loadDataset(file);
    expect(dataset.modalities[0]).toMatchObject({ name: 'sound', moved: 6 });
    const found = Object.values(dataset.splits).flatMap((split) => [...split.lengths['sound']!]);
    expect(found.sort()).toEqual(Object.values(lengths).flat().sort());
  });
});

it('a row of rows is written and opened as a table', async () => {
  const { value, close } = await openFile(at('front-true.parquet'));
  expect([...(value as Map<string, unknown>).keys()]).toContain('audio_lengths');
  await close();
});
