/** People's own data with samples that lack modalities and numbers that are missing, from file to prediction and export. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { save, type Table } from './feature-file.ts';
import { complete, decalignHere, temporaryFolder, tiny, type Finished } from './decalign.ts';

const folder = temporaryFolder();
const done = async (...args: readonly string[]): Promise<Finished> => {
  const finished = await decalignHere(args, { cwd: folder });
  expect(finished, finished.stderr).toMatchObject({ code: 0 });
  return finished;
};
const wave = (i: number): number => Math.round(1000 * Math.sin(1.7 * i)) / 1000;

describe('rows of JSON lines without a modality', () => {
  /** Every fifth person has no `wrist`: null, an empty list or no key; one number of a vector is null. */
  const rows = Array.from({ length: 60 }, (_, i) => ({
    id: `w${i}`,
    split: ['train', 'train', 'train', 'valid', 'test'][Math.floor(i / 5) % 5],
    wrist: Array.from({ length: 2 + (i % 4) }, (_, t) => [
      wave(i) + wave(7 * t),
      wave(t),
      i === 1 && t === 0 ? null : 1,
    ]),
    chest: [wave(i), wave(3 * i), i === 7 ? null : wave(5 * i)],
    score: wave(i),
  }));
  const people = rows.map(({ wrist, ...rest }, i) => {
    if (i % 5 !== 0) return { ...rest, wrist };
    return [{ ...rest, wrist: null }, { ...rest, wrist: [] }, rest][(i / 5) % 3]!;
  });
  const described = (names: readonly string[]): string =>
    [
      'task: regression',
      'modalities:',
      ...names.map((name) => `  ${name}: { file: people.jsonl, key: ${name} }`),
      ...['labels', 'id', 'split'].map(
        (name) => `${name}: { file: people.jsonl, key: ${name === 'labels' ? 'score' : name} }`,
      ),
    ].join('\n');
  function write(name: string, lines: readonly object[], modalities: readonly string[]): void {
    mkdirSync(path.join(folder, name));
    writeFileSync(path.join(folder, name, 'people.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    writeFileSync(path.join(folder, name, 'dataset.yaml'), described(modalities));
  }

  let trained: Finished;
  beforeAll(async () => {
    write('people', people, ['wrist', 'chest']);
    write(
      'chests',
      people.map(({ id, split, chest, score }) => ({ id, split, chest, score })),
      ['chest'],
    );
    trained = await done('train', 'people', '--out', 'run', ...complete, '--set', 'train.epochs=2');
  });

  test('are counted, and the first are named', async () => {
    expect(trained.stderr).toContain(
      'wrist [5, 3], lengths from wrist_lengths, 1 missing number, absent from 12 samples',
    );
    expect(trained.stderr).toContain('chest [1, 3], 1 missing number');
    const { stdout } = await done('inspect', 'people');
    const text = stdout.replaceAll(/\s+/g, ' ');
    expect(text).toContain(
      'wrist is absent from 12 samples (train row 0 "w0", train row 5 "w5", train row 10 "w10", …)',
    );
    expect(text).toContain('chest misses 1 number, NaN or infinite (first in train row 7 "w7")');
  });

  test('are predicted without it, also where no row has it, which is said', async () => {
    const { stdout, stderr } = await done('evaluate', 'run', 'people', '--drop', 'wrist=1', '--json');
    expect(stderr).toBe('');
    const { robustness } = JSON.parse(stdout) as {
      readonly robustness: readonly { readonly points: readonly { readonly metrics: { readonly mae: number } }[] }[];
    };
    const alone = await done('evaluate', 'run', 'chests', '--json');
    expect(alone.stderr).toBe('warning: no sample of chests has wrist: the model predicts without.\n');
    const { metrics } = JSON.parse(alone.stdout) as { readonly metrics: { readonly mae: number } };
    expect(metrics.mae).toBe(robustness[0]!.points[0]!.metrics.mae);
    const { stdout: lines } = await done('predict', 'run', 'chests');
    expect(lines.trim().split('\n')).toHaveLength(10);
  });

  test('are exported: the file says how a modality is told to be absent', async () => {
    await done('export', 'run', '--out', 'onnx');
    const { inputs, largest_difference } = JSON.parse(readFileSync(path.join(folder, 'onnx/model.json'), 'utf8')) as {
      readonly inputs: readonly { readonly name: string; readonly meaning: string }[];
      readonly largest_difference: number;
    };
    expect(largest_difference).toBeLessThan(1e-5);
    const meanings = Object.fromEntries(inputs.map(({ name, meaning }) => [name, meaning]));
    expect(meanings['wrist_lengths']).toBe('true time steps of wrist, 0..5; 0: the sample has no wrist');
    expect(meanings['chest']).toMatch(/; all NaN: the sample has no chest$/);
  });
});

test('a file with missing numbers scores like one with the mean of the others in their place', async () => {
  const table = (count: number, seed: number, missing: number): Table => {
    const of = <T>(value: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => value(n + seed));
    const label = (n: number): number => 3 * wave(n);
    return {
      id: of(String),
      text: of((n) => [[0.25 * label(n) + wave(11 * n), wave(13 * n)]]),
      // About 200, so that a raw 0 would be many deviations away; every fifth sample has no number.
      audio: of((n) =>
        [0, 1, 2].map((t) => [3, 5].map((d) => (n % 5 === 0 ? missing : 200 + 12 * label(n) + 9 * wave(d * n + t)))),
      ),
      audio_lengths: of(() => 3),
      regression_labels: of(label),
    };
  };
  const scoreOf = async (name: string, missing: number): Promise<number> => {
    const splits = { train: table(160, 0, missing), valid: table(40, 1000, missing), test: table(80, 2000, missing) };
    save(path.join(folder, `${name}.pkl`), splits);
    const settings = ['--set', 'train.epochs=12', '--set', 'model.dropout.input=0'];
    const { stdout } = await done('train', `${name}.pkl`, '--json', '--quiet', ...tiny, ...settings);
    return (JSON.parse(stdout) as { readonly test: { readonly mae: number } }).test.mae;
  };
  const [missing, filled, zeroed] = [await scoreOf('nan', NaN), await scoreOf('mean', 200), await scoreOf('zero', 0)];
  expect(Math.abs(missing - filled)).toBeLessThan(0.1);
  expect(zeroed - filled).toBeGreaterThan(0.2);
});
