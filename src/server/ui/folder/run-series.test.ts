/** Curves of a run: all of them, and what came since. */
import { appendFileSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { recordAndResult } from '../../../experiments/listed-run.ts';
import { RunSeriesReader } from './run-series.ts';
import { epochLine, Runs } from '../testing.ts';

let runs: Runs;
beforeEach(() => (runs = new Runs()));
afterEach(() => runs.remove());

function readerOf(directory: string): RunSeriesReader {
  const reader = new RunSeriesReader('one', directory, () => recordAndResult(directory).record);
  reader.read();
  return reader;
}

test('a finished run has its losses by the names of the paper, metrics by those of tables, and the rate', () => {
  const told = readerOf(runs.add('one')).since();
  expect(told).toMatchObject({ run: 'one', from: 0, epochs: [1, 2], bestEpoch: 2, chosen: 'mae', stages: [] });
  const columns = Object.fromEntries(told.columns.map(({ kind, name, ...rest }) => [`${kind}:${name}`, rest]));
  expect(columns['loss:decoupling']).toEqual({ label: 'L_dec', values: [0.0632929, 0.0751142] });
  expect(columns['metric:acc2']).toEqual({ label: 'Acc-2 (neg/pos)', better: 'higher', values: [0.5, 0.5] });
  expect(columns['rate:learning_rate']).toEqual({ label: 'learning rate', values: [0.002, 0.002] });
});

test('what came since a cursor follows what was there', () => {
  const directory = runs.begin('one', 3);
  const reader = readerOf(directory);
  const { cursor } = reader;
  expect(reader.since(cursor)).toMatchObject({ from: 3, epochs: [] });
  runs.grow('one', 2);
  reader.read();
  expect(reader.cursor).not.toBe(cursor);
  const told = reader.since(cursor);
  expect(told).toMatchObject({ from: 3, epochs: [4, 5], bestEpoch: 5 });
  expect(told.columns.find(({ name }) => name === 'mae')!.values).toEqual([1.25, 1.2]);
  expect(told.columns.find(({ name }) => name === 'corr')!.values).toEqual([null, null]);
});

test('a curve that begins later was null before', () => {
  const directory = runs.begin('one', 1);
  const reader = readerOf(directory);
  const { cursor } = reader;
  const late = { ...epochLine(2), stage: 'pretraining', diagnostics: { 'collapsed.text': 0.5 } };
  appendFileSync(path.join(directory, 'metrics.jsonl'), `${JSON.stringify(late)}\n`);
  reader.read();
  const valuesOf = (told: ReturnType<RunSeriesReader['since']>): unknown =>
    told.columns.find(({ kind }) => kind === 'diagnostic')!.values;
  expect(valuesOf(reader.since())).toEqual([null, 0.5]);
  expect(valuesOf(reader.since(cursor))).toEqual([0.5]);
  expect(reader.since().stages).toEqual([{ name: 'pretraining', last: 2 }]);
});

test('of a run with more epochs than memory is for, the first are drawn, and how many there are is told', () => {
  const directory = runs.begin('one', 30);
  const reader = new RunSeriesReader('one', directory, () => recordAndResult(directory).record, { most: 60 });
  reader.read();
  // Two losses, two metrics, the rate, and the number of the epoch.
  expect(reader.since()).toMatchObject({
    epochs: Array.from({ length: 10 }, (_, n) => n + 1),
    problem: 'has 30 epochs, of which the first 10 are drawn',
  });
  runs.grow('one', 1);
  reader.read();
  expect(reader.since(reader.cursor)).toMatchObject({ epochs: [], problem: expect.stringContaining('31') as string });
  truncateSync(path.join(directory, 'metrics.jsonl'), 0);
  runs.grow('one', 2);
  reader.read();
  expect(reader.since().epochs).toEqual([1, 2]);
  expect(reader.since()).not.toHaveProperty('problem');
});

test('a file that was cut, and a cursor of another reading, begin anew', () => {
  const directory = runs.begin('one', 4);
  const reader = readerOf(directory);
  const { cursor } = reader;
  truncateSync(path.join(directory, 'metrics.jsonl'), 0);
  runs.grow('one', 2);
  reader.read();
  expect(reader.since(cursor)).toMatchObject({ from: 0, epochs: [1, 2] });
  for (const other of ['', 'x', '1.2.3', readerOf(directory).cursor])
    expect(reader.since(other)).toMatchObject({ from: 0, epochs: [1, 2] });
});

test('only the columns that are wanted are told', () => {
  const reader = readerOf(runs.add('one'));
  const { columns } = reader.since('', new Set(['metric:mae', 'loss:none']));
  expect(columns.map(({ name }) => name)).toEqual(['mae']);
});

test('long curves keep every value', () => {
  const directory = runs.begin('one', 1000);
  const values = readerOf(directory).since('', new Set(['loss:task'])).columns[0]!.values;
  expect(values).toHaveLength(1000);
  expect(values[699]).toBe(Number((1 / 700).toPrecision(6)));
});

test('lines that are no epochs are told of, and leave the others', () => {
  const directory = runs.begin('one', 1);
  appendFileSync(path.join(directory, 'metrics.jsonl'), '{}\nnonsense\n[1]\n');
  runs.grow('one', 0);
  expect(readerOf(directory).since()).toMatchObject({
    epochs: [1],
    problem: 'has 3 lines that are no epochs in its metrics.jsonl: the file is damaged',
  });
});

test('what was read stays while the folder is away, as with its disk', () => {
  const directory = runs.begin('one', 3);
  const reader = readerOf(directory);
  const { cursor } = reader;
  renameSync(runs.root, `${runs.root}-away`);
  reader.read();
  expect(reader.cursor).toBe(cursor);
  expect(reader.since()).toMatchObject({
    epochs: [1, 2, 3],
    problem: 'has a folder that is not there any more: what is shown is how it was',
  });
  renameSync(`${runs.root}-away`, runs.root);
  runs.grow('one', 1);
  reader.read();
  expect(reader.since(cursor)).toMatchObject({ from: 3, epochs: [4] });
  expect(reader.since()).not.toHaveProperty('problem');
});

test('a file that cannot be read is told of without its place', () => {
  const directory = runs.begin('one', 1);
  const file = path.join(directory, 'metrics.jsonl');
  writeFileSync(file, 'x'.repeat(65 * 2 ** 20));
  expect(readerOf(directory).since().problem).toBe(
    'has a metrics.jsonl that cannot be read (it has a line of more than 64 MiB)',
  );
  rmSync(file);
  symlinkSync('metrics.jsonl', file);
  expect(readerOf(directory).since().problem).toBe('has a metrics.jsonl that cannot be read (ELOOP)');
});

test('a record that comes after the first epochs names the metric that chooses', () => {
  const directory = runs.begin('one', 1);
  renameSync(path.join(directory, 'config.json'), path.join(directory, 'later'));
  const reader = readerOf(directory);
  expect(reader.since()).not.toHaveProperty('chosen');
  renameSync(path.join(directory, 'later'), path.join(directory, 'config.json'));
  expect(reader.since().chosen).toBe('mae');
});

test('without its file there is nothing, and a damaged record only lacks names', () => {
  const directory = runs.add('one');
  writeFileSync(path.join(directory, 'config.json'), '{');
  expect(readerOf(directory).since()).not.toHaveProperty('chosen');
  expect(readerOf(directory).since()).toMatchObject({ epochs: [1, 2] });
  rmSync(path.join(directory, 'metrics.jsonl'));
  expect(readerOf(directory).since()).toMatchObject({ from: 0, epochs: [], columns: [] });
});
