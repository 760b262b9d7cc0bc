/** What a report says of a run that is kept for tests, and of one with more on record. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openSources } from '../figures/source.ts';
import { contentsOf, type ReportedRun } from './contents.ts';
import { behindText } from './ridge.ts';
import { trainedTable } from './sections.ts';

const fixture = path.resolve(import.meta.dirname, '../../test/fixtures/runs/run-3');
const folder = mkdtempSync(path.join(tmpdir(), 'decalign-contents-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Json = Readonly<Record<string, unknown>>;
const changeJson = (file: string, change: (content: Json) => Json): void =>
  writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, 'utf8')) as Json)));

function copyOf(name: string): string {
  const run = path.join(folder, name);
  cpSync(fixture, run, { recursive: true });
  return run;
}

const runsOf = async (...named: string[]): Promise<readonly ReportedRun[]> =>
  (await contentsOf(openSources(named)[0]!, { texts: false })).runs;

describe('the samples that were trained on', () => {
  test('are told where the run recorded them, and left out where it did not', async () => {
    const run = copyOf('counted');
    changeJson(path.join(run, 'result.json'), (result) => ({ ...result, samples: { train: 1200, valid: 2 } }));
    expect(trainedTable(await runsOf(run)).text).toContain('>1200 train, 2 valid, 2 test<');
    expect(trainedTable(await runsOf(fixture)).text).toContain('>2 valid, 2 test<');
  });
});

describe('the epochs of a run', () => {
  test('of pretraining are told apart from the others, and not counted in the best one', async () => {
    const run = copyOf('pretrained');
    const file = path.join(run, 'metrics.jsonl');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"epoch":1', '"epoch":1,"stage":"pretraining"'));
    const runs = await runsOf(run);
    expect(runs[0]!.results[0]).toMatchObject({ bestEpoch: 1, epochs: 1 });
    expect(trainedTable(runs).text).toContain('>1 + 1 of pretraining<');
    expect((await runsOf(fixture))[0]!.results[0]).toMatchObject({ bestEpoch: 2, epochs: 2 });
    expect(trainedTable(await runsOf(fixture)).text).not.toContain('pretraining');
  });
});

describe('a run that does not beat ridge regression', () => {
  /** The run has a validation MAE of .669. */
  const beside = (name: string, mae: number, train: Json = {}): string => {
    const run = copyOf(name);
    const ridge = { describe: 'linear', valid: { mae, corr: 0.5 } };
    writeFileSync(path.join(run, 'references.json'), JSON.stringify({ ridge }));
    changeJson(path.join(run, 'config.json'), (record) => {
      const config = record['config'] as { train: Json };
      return { ...record, config: { ...config, train: { ...config.train, ...train } } };
    });
    return run;
  };
  const told = async (...named: string[]): Promise<string | undefined> => behindText(await runsOf(...named));

  test('is told with both figures, as train tells it', async () => {
    expect(await told(beside('behind', 0.5))).toBe(
      'DecAlign (MAE 0.669, ridge 0.500) does not beat ridge on validation: so far a linear model is as good or better.',
    );
    expect(await told(beside('ahead', 0.7))).toBeUndefined();
    expect(await told(fixture)).toBeUndefined();
  });

  test('is judged by the metric that chose its epochs', async () => {
    expect(await told(beside('by-corr', 0.5, { selection: 'corr' }))).toBeUndefined();
  });

  test('is named among several', async () => {
    const [first, second, third] = [beside('first', 0.5), beside('second', 0.9), beside('third', 0.6)];
    expect(await told(first, second, third)).toMatch(/^first \(.*\), third \(.*\) do not beat ridge/);
  });

  test('in a benchmark is told against the ridge regression of its table', async () => {
    const directory = path.join(folder, 'benchmark');
    cpSync(fixture, path.join(directory, 'runs/mosi/decalign-1/seed-1'), { recursive: true });
    mkdirSync(path.join(directory, 'runs/mosi/ridge-1'));
    cpSync(path.join(fixture, 'predictions.jsonl'), path.join(directory, 'runs/mosi/ridge-1/predictions.jsonl'));
    const plan = { data: [{ name: 'mosi' }], entries: [{ id: 'ridge' }, { id: 'decalign' }], seeds: [1] };
    writeFileSync(path.join(directory, 'benchmark.json'), JSON.stringify(plan));
    const row = (model: string, title: string, run: string, mae: number): Json => ({
      ...{ model, title, runs: [{ run, seed: 1 }], mean: { valid: { mae }, test: { mae } } },
    });
    const table = {
      ...{ format: 'decalign benchmark 1', data: { name: 'mosi', metrics: 'mosi', samples: { test: 2 } }, seeds: [1] },
      rows: [
        row('ridge', 'Ridge', 'runs/mosi/ridge-1', 0.6),
        row('decalign', 'DecAlign', 'runs/mosi/decalign-1/seed-1', 0.669),
      ],
    };
    writeFileSync(path.join(directory, 'mosi.json'), JSON.stringify(table));
    expect(await told(directory)).toContain('DecAlign (MAE 0.669, ridge 0.600) does not beat ridge');
  });
});
