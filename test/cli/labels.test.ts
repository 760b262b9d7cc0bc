/** Labels that are not like those of published datasets, from a file to a run, its evaluation and its predictions. */
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { decalignHere, temporaryFolder, tiny, type Finished } from './decalign.ts';
import { save, tables, type Value } from './feature-file.ts';

const folder = temporaryFolder();
const run = (...args: readonly string[]): Promise<Finished> => decalignHere(args, { cwd: folder });
const done = async (...args: readonly string[]): Promise<Finished> => {
  const finished = await run(...args);
  expect(finished, finished.stderr).toMatchObject({ code: 0 });
  return finished;
};

/** A file with one column of labels, each made of its row's number and its value from -3 to 3. */
const write = (name: string, column: string, label: (row: number, value: number) => Value): void => {
  const splits = Object.entries(tables()).map(([split, columns]) => {
    const { regression_labels: values, id, text, audio, vision } = columns;
    const labels = values!.map((value, row) => label(row, Number(value)));
    return [split, { id: id!, text: text!, audio: audio!, vision: vision!, [column]: labels }] as const;
  });
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  save(path.join(folder, name), Object.fromEntries(splits));
};
const trained = (data: string, out: string, ...args: readonly string[]): Promise<Finished> =>
  done('train', data, ...tiny, '--out', out, ...args);

test('four classes in a file called iemocap are four, and the training says why', async () => {
  write('iemocap4.pkl', 'classification_labels', (row) => row % 4);
  const { stderr } = await trained('iemocap4.pkl', 'four');
  expect(stderr).toContain('The labels are not those of IEMOCAP (they have 4 classes, not 6)');
  const { stdout } = await done('evaluate', 'four', 'iemocap4.pkl');
  expect(stdout).toContain('→ 3');
  expect(stdout).not.toContain('happy');
  const [first] = (await done('predict', 'four', 'iemocap4.pkl')).stdout.split('\n');
  expect(JSON.parse(first!)).toMatchObject({ label: '0', probabilities: { 3: expect.any(Number) as number } });
});

test('three classes that count from 1 are 1, 2 and 3, whichever of them another file has', async () => {
  write('visits.pkl', 'classification_labels', (row) => 1 + (row % 3));
  await trained('visits.pkl', 'visits');
  write('later.pkl', 'classification_labels', (row) => 2 + (row % 2));
  const { confusion } = JSON.parse((await done('evaluate', 'visits', 'later.pkl', '--json')).stdout) as {
    confusion: { labels: string[]; counts: number[][] };
  };
  expect(confusion.labels).toEqual(['1', '2', '3']);
  expect(confusion.counts.map((row) => row.reduce((sum, n) => sum + n, 0))).toEqual([0, 5, 4]);
  write('strange.pkl', 'classification_labels', (row) => 3 + (row % 2));
  const { code, stderr } = await run('evaluate', 'visits', 'strange.pkl');
  expect(code).toBe(1);
  expect(stderr).toContain('row 1: label "4" is none of the 3 classes that the model was trained on (1, 2, 3)');
});

test('values from 0 to 100 in a folder called mosi are no sentiment', async () => {
  write('mosi/arousal.pkl', 'regression_labels', (_, value) => 50 + 16 * value);
  const { stdout, stderr } = await trained('mosi/arousal.pkl', 'arousal');
  expect(stderr).toContain('The labels are not those of CMU-MOSI');
  expect(stdout).toContain('RMSE');
  expect(stdout).not.toContain('Acc-2');
});

test('values from 0 to 100 are learnt as the same values from -3 to 3 are: errors are 16 times as large, as the unit is', async () => {
  write('percent.pkl', 'regression_labels', (_, value) => 50 + 16 * value);
  write('plain.pkl', 'regression_labels', (_, value) => value);
  const test = async (name: string): Promise<{ mae: number; r2: number }> => {
    const { stdout } = await trained(`${name}.pkl`, name, '--epochs', '3', '--preset', 'none', '--json');
    return (JSON.parse(stdout) as { test: { mae: number; r2: number } }).test;
  };
  const [percent, plain] = [await test('percent'), await test('plain')];
  expect(percent.mae / plain.mae).toBeCloseTo(16, 2);
  expect(percent.r2).toBeCloseTo(plain.r2, 3);
  const predicted = async (name: string): Promise<number[]> =>
    (await done('predict', name, `${name}.pkl`)).stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { prediction: number }).prediction);
  const values = await predicted('plain');
  for (const [n, prediction] of (await predicted('percent')).entries())
    expect(prediction).toBeCloseTo(50 + 16 * values[n]!, 2);
});

test('values that happen to fit a published dataset are read without it by --preset none, which the run keeps', async () => {
  write('mosi/valence.pkl', 'regression_labels', (_, value) => value);
  expect((await trained('mosi/valence.pkl', 'sentiment')).stdout).toContain('Acc-2');
  const { stdout, stderr } = await trained('mosi/valence.pkl', 'valence', '--preset', 'none');
  expect(stdout).not.toContain('Acc-2');
  expect(stderr).not.toContain('not those of');
  expect(readFileSync(path.join(folder, 'valence/config.json'), 'utf8')).toContain('"preset": "none"');
  expect((await done('evaluate', 'valence', 'mosi/valence.pkl')).stdout).toContain('RMSE');
  expect((await done('inspect', 'mosi/valence.pkl', '--preset', 'none')).stdout).toContain('valence: regression');
  expect((await done('inspect', 'mosi/valence.pkl')).stdout).toContain('mosi: regression, -3 to 3');
});
