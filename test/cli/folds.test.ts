/** Cross-validation and robustness on the command line. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { decalign, decalignHere, temporaryFolder, tiny, type Finished } from './decalign.ts';
import { save, tables } from './feature-file.ts';

const folder = temporaryFolder();
const at = (name: string): string => path.join(folder, name);
const data = at('mosi-small.pkl');
const out = at('folds');
const call = ['train', data, ...tiny, '--epochs', '1', '--folds', at('folds.json')];

interface Result {
  readonly runs: readonly { readonly run: string; readonly test: Scores }[];
  readonly mean: { readonly test: Scores };
  readonly pooled: Scores;
}
interface Scores {
  readonly mae: number;
}
interface Compared {
  readonly data: readonly {
    readonly data: { readonly samples: { readonly test: number } };
    readonly rows: readonly { readonly runs: readonly { readonly test: Scores }[] }[];
  }[];
}
interface Measured {
  readonly metrics: Scores;
  readonly robustness: readonly {
    readonly kind: string;
    readonly modalities: readonly string[];
    readonly points: readonly { readonly rate: number; readonly metrics: Scores }[];
    readonly mean: Scores;
  }[];
}

const ids: string[] = [];
let first: Finished;
beforeAll(async () => {
  const whole = tables();
  for (const [split, { id }] of Object.entries(whole)) {
    whole[split]!['id'] = id!.map((_, n) => `${split} ${n}`);
    ids.push(...id!.map((_, n) => `${split} ${n}`));
  }
  save(data, whole);
  writeFileSync(at('folds.json'), JSON.stringify(Object.fromEntries(ids.map((id, n) => [id, n % 3]))));
  first = await decalign([...call, '--out', out, '--json']);
});

test('every sample is tested once, and metrics are of all together', () => {
  expect(first.code).toBe(0);
  const { runs, pooled, mean } = JSON.parse(first.stdout) as Result;
  expect(runs.map(({ run }) => run)).toEqual([1, 2, 3].map((fold) => path.join(out, `fold-${fold}`)));
  const lines = readFileSync(path.join(out, 'predictions.jsonl'), 'utf8').trim().split('\n');
  const predicted = lines.map((line) => JSON.parse(line) as { id: string; label: number; prediction: number });
  expect(predicted.map(({ id }) => id).sort()).toEqual(ids.toSorted());
  const mae = predicted.reduce((sum, { label, prediction }) => sum + Math.abs(label - prediction), 0) / ids.length;
  expect(pooled.mae).toBeCloseTo(mae, 5);
  expect(mean.test.mae).toBeCloseTo(runs.reduce((sum, run) => sum + run.test.mae, 0) / 3, 10);
});

test('resumed, a finished one gives the same without training', async () => {
  const again = await decalignHere([...call, '--out', out, '--resume', '--json']);
  expect(again.stdout).toBe(first.stdout);
  expect(again.stderr).not.toContain('epoch');
});

test('each fold keeps its predictions; those that an earlier release did not keep are made again', async () => {
  const kept = (name: string): string => readFileSync(path.join(out, name, 'predictions.jsonl'), 'utf8');
  const before = ['', 'fold-1', 'fold-2'].map(kept);
  const lines = before[2]!.trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as object)).toEqual(
    lines.map(() => expect.objectContaining({ fold: 2 }) as object),
  );
  expect(before[0]).toContain(lines.find((line) => line.includes('"split":"test"')));
  expect(before[0]).not.toContain('"split":"valid"');
  rmSync(path.join(out, 'predictions.jsonl'));
  rmSync(path.join(out, 'fold-2/predictions.jsonl'));
  const again = await decalignHere([...call, '--out', out, '--resume', '--json']);
  expect(again.stdout).toBe(first.stdout);
  expect(['', 'fold-1', 'fold-2'].map(kept)).toEqual(before);
});

test('inspect shows the runs of all folds', async () => {
  const { code, stdout } = await decalignHere(['inspect', out, '--json']);
  expect(code).toBe(0);
  const { format, status, runs } = JSON.parse(stdout) as { format: string; status: string; runs: object };
  expect(status).toBe('finished');
  expect(format).toBe('runs of several folds');
  expect(Object.keys(runs)).toEqual(['fold-1', 'fold-2', 'fold-3']);
});

test('a benchmark on folds compares what was predicted where it was tested', async () => {
  const models = ['--models', 'majority,decalign', '--seeds', '1', '--json', '--out', at('benchmark'), '--jobs', '1'];
  const sizes = tiny.slice(0, tiny.indexOf('--recipe'));
  const settings = [...sizes, '--set', 'model.without=[heterogeneity, homogeneity]', '--epochs', '1'];
  const { code, stdout } = await decalign(['benchmark', data, ...models, ...settings, '--folds', at('folds.json')]);
  expect(code).toBe(0);
  const { data: compared } = JSON.parse(stdout) as Compared;
  expect(compared[0]!.data.samples.test).toBe(ids.length);
  expect(compared[0]!.rows).toHaveLength(2);
  for (const { runs } of compared[0]!.rows) expect(runs[0]!.test.mae).toBeGreaterThan(0);
});

test('a trained model is measured without a modality, and with noise on others', async () => {
  const run = path.join(out, 'fold-1');
  const more = ['--drop', 'text', '--noise', 'audio+vision=0,3', '--json'];
  const { code, stdout } = await decalignHere(['evaluate', run, data, ...more]);
  expect(code).toBe(0);
  const { metrics, robustness } = JSON.parse(stdout) as Measured;
  const [drop, noise] = robustness;
  expect(drop!.points.map(({ rate }) => rate)).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]);
  expect(drop!.points[0]!.metrics).toEqual(metrics);
  expect(drop!.points[10]!.metrics.mae).not.toBe(metrics.mae);
  expect(noise).toMatchObject({ kind: 'noise', modalities: ['audio', 'vision'], points: [{ metrics }, { rate: 3 }] });
  expect(noise!.mean.mae).toBeCloseTo((noise!.points[0]!.metrics.mae + noise!.points[1]!.metrics.mae) / 2, 10);
});

test.each([
  [['--folds', '2'], 2, 'There must be at least 3'],
  [['--folds', 'missing.json'], 1, 'missing.json: cannot be read (ENOENT)'],
  [['--folds', data], 1, 'mosi-small.pkl: cannot be read (no JSON); a file of folds is JSON such as'],
  [['--folds', '3', '--group', 'speaker'], 1, 'has no column "speaker" to group by; it has "'],
  [['--folds', '3', '--seeds', '1,2'], 2, '--folds and --seeds cannot be given together.'],
  [['--folds', '3', '--out', out], 1, 'holds a run, which is never overwritten'],
  [['--modality-dropout', '1'], 2, 'It must be a number from 0 up to 1;'],
])('train %j: an error in one line', async (more, code, message) => {
  const finished = await decalignHere(['train', data, ...more]);
  expect(finished.code).toBe(code);
  expect(finished.stderr).toContain(message);
  expect(finished.stderr.trim().split('\n')).toHaveLength(1);
});

test.each([
  [['--drop', 'face'], 1, 'The model has no modality "face"; it has text, audio, vision.'],
  [['--drop', 'text=2'], 2, 'shares from 0 to 1, as in audio=0.1,0.5'],
  [['--noise', 'text='], 2, 'deviations, as in audio=0.1,0.5'],
])('evaluate %j: an error in one line', async (more, code, message) => {
  const finished = await decalignHere(['evaluate', path.join(out, 'fold-1'), data, ...more]);
  expect(finished.code).toBe(code);
  expect(finished.stderr).toContain(message);
});
