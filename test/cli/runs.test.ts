/** Listing and comparing finished runs on the command line. */
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { listRuns } from '../../src/index.ts';
import { locked } from '../../src/runs/record/run-lock.ts';
import { decalign, decalignHere, temporaryFolder, tiny, type Finished } from './decalign.ts';
import { save, tables } from './feature-file.ts';

const folder = temporaryFolder();
const at = (...names: string[]): string => path.join(folder, ...names);
const data = at('small.pkl');
const fixture = (name: string): string => path.resolve(import.meta.dirname, '../fixtures/runs', name);

/** Runs a command in the folder, where runs have short names. */
const here = (...args: string[]): Promise<Finished> => decalignHere(args, { cwd: folder });
async function ok(...args: string[]): Promise<Finished> {
  const ended = await here(...args);
  expect(ended.code, ended.stderr).toBe(0);
  return ended;
}

beforeAll(async () => {
  const made = tables();
  // Three videos of three clips each.
  made['test']!['id'] = made['test']!['id']!.map((_, n) => `video${n % 3}$_$${n}`);
  save(data, made);
  const train = (out: string, ...more: string[]): Promise<Finished> =>
    ok('train', data, ...tiny, '--no-references', '--quiet', '--out', `runs/${out}`, ...more);
  await train('short', '--epochs', '1', '--seeds', '1,2');
  await train('longer', '--epochs', '2');
  await train('classes', '--epochs', '1', '--task', 'classification');
});

/** A copy of a run whose kept predictions are others. */
function changed(from: string, to: string, change: (line: Line) => Line | undefined): string {
  cpSync(at('runs', from), at(to), { recursive: true });
  const file = at(to, 'predictions.jsonl');
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const kept = lines.map((line) => change(JSON.parse(line) as Line)).filter((line) => line !== undefined);
  writeFileSync(file, kept.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return to;
}
interface Line {
  readonly split: string;
  readonly id: string;
  readonly label?: number | string;
  readonly prediction: number | string;
}

interface Inspected {
  readonly status: string;
  readonly progress: { readonly step: number; readonly seconds_left: number };
}

interface Comparison {
  readonly metrics: string;
  readonly samples: number;
  readonly groups?: number;
  readonly runs: readonly {
    readonly run: string;
    readonly seeds: readonly number[];
    readonly left: number;
    readonly test: { readonly mean: Record<string, number>; readonly std: Record<string, number> };
    readonly against?: {
      readonly bootstrap: Record<string, { readonly value: number; readonly low: number; readonly high: number }>;
      readonly corrected: { readonly bootstrap: number };
      readonly wilcoxon: { readonly pairs: number };
      readonly verdict: string;
    };
  }[];
  readonly configuration: readonly { readonly key: string; readonly values: readonly unknown[] }[];
}
const compared = async (...args: string[]): Promise<Comparison> =>
  JSON.parse((await ok('compare', ...args, '--json')).stdout) as Comparison;
const resultOf = (run: string): { readonly test: Record<string, number> } =>
  JSON.parse(readFileSync(at(run, 'result.json'), 'utf8')) as { readonly test: Record<string, number> };

describe('decalign runs', () => {
  test('has a line for each run, several seeds as one, the oldest first', async () => {
    const { stdout, stderr } = await ok('runs');
    expect(stderr).toBe('');
    const [head, ...lines] = stdout.trimEnd().split('\n');
    expect(head).toMatch(/^run +status +model +data +seed +valid, test +started$/);
    const { mae } = resultOf('runs/longer').test;
    expect(lines[0]).toMatch(/^short +finished +decalign +small +1,2 +MAE \d\.\d{3} \d\.\d{3} +\d\d[:-]\d\d$/);
    expect(lines[1]).toMatch(new RegExp(`^longer +finished +decalign +small +1 +MAE \\d\\.\\d{3} ${mae!.toFixed(3)} `));
    expect(lines[2]).toMatch(/^classes +finished +decalign +small +1 +WAF1 0\.\d{3} 0\.\d{3} /);
    expect(lines).toHaveLength(3);
  });

  test('of several seeds the figures are means', () => {
    const [short] = listRuns(at('runs'));
    const each = [1, 2].map((seed) => resultOf(`runs/short/seed-${seed}`).test['mae']!);
    expect(short).toMatchObject({ kind: 'seeds', seeds: [1, 2], metric: { name: 'mae' } });
    expect(short!.metric!.test).toBeCloseTo((each[0]! + each[1]!) / 2, 12);
  });

  test('fits a terminal of 80 columns, whatever the names', async () => {
    mkdirSync(at('wide'));
    cpSync(at('runs/short'), at('wide/a-dataset-of-a-long-name-decalign-20261127-031707'), { recursive: true });
    // A process of its own, for the width is that of its terminal.
    const { stdout } = await decalign(['runs', 'wide'], { cwd: folder, env: { COLUMNS: '80' } });
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
    expect(stdout).toContain('a-dataset-of-a-long-name-decalign'.slice(0, 5));
  });

  test('tells what is stopped, what is broken and what an earlier release left, and goes on', async () => {
    cpSync(at('runs/longer'), at('mixed/stopped'), { recursive: true });
    rmSync(at('mixed/stopped/result.json'));
    cpSync(at('runs/longer'), at('mixed/damaged'), { recursive: true });
    writeFileSync(at('mixed/damaged/config.json'), '{"config":');
    cpSync(at('runs/longer'), at('mixed/without'), { recursive: true });
    rmSync(at('mixed/without/config.json'));
    cpSync(fixture('run-1'), at('mixed/deep/er/old'), { recursive: true });
    const { stdout, stderr } = await ok('runs', 'mixed');
    expect(stdout).toMatch(/^deep\/er\/old +finished +decalign +packed-1 +1 +MAE 0\.669 0\.856 /m);
    expect(stdout).toMatch(/^stopped +interrupted +decalign +small +1 +epoch 2\/2 /m);
    expect(stdout).toMatch(/^damaged +unknown +– +– /m);
    expect(stdout).toMatch(/^without +unknown /m);
    expect(stderr.trimEnd().split('\n').sort()).toEqual([
      'warning: mixed/damaged has a config.json that cannot be read: it is damaged, or no record of a run.',
      'warning: mixed/without has no config.json: that file was removed or never copied.',
    ]);
  });

  test.each([
    ['result.json', 'it is damaged, or no result of a run', /^torn +unknown +decalign +small +1 +epoch 2\/2 /m],
    ['config.json', 'it is damaged, or no record of a run', /^torn +unknown +– +– /m],
  ])('a %s that is torn is told by runs, and refuses compare, by its name', async (name, why, line) => {
    const folderOf = name.replace('.', '-');
    cpSync(at('runs/longer'), at(folderOf, 'torn'), { recursive: true });
    writeFileSync(at(folderOf, 'torn', name), '{"valid": {"mae": 1');
    const { stdout, stderr } = await ok('runs', folderOf);
    expect(stderr).toBe(`warning: ${folderOf}/torn has a ${name} that cannot be read: ${why}.\n`);
    expect(stdout).toMatch(line);
    expect(await here('compare', 'runs/short', `${folderOf}/torn`)).toMatchObject({
      code: 1,
      stderr: `decalign: ${folderOf}/torn has a ${name} that cannot be read: it is damaged, or was not copied whole.\n`,
    });
  });

  test('a result.json that is JSON and no result is told by runs, and refuses compare and resuming, by its name', async () => {
    cpSync(at('runs/longer'), at('odd/hollow'), { recursive: true });
    writeFileSync(at('odd/hollow/result.json'), '{}');
    const { stdout, stderr } = await ok('runs', 'odd');
    expect(stderr).toBe(
      'warning: odd/hollow has a result.json that cannot be read: it is damaged, or no result of a run.\n',
    );
    expect(stdout).toMatch(/^hollow +unknown +decalign +small +1 +epoch 2\/2 /m);
    expect(await here('compare', 'runs/short', 'odd/hollow')).toMatchObject({
      code: 1,
      stderr: 'decalign: odd/hollow has a result.json that cannot be read: it is damaged, or was not copied whole.\n',
    });
    const again = ['train', data, ...tiny, '--no-references', '--quiet', '--epochs', '2', '--out', 'odd/hollow'];
    expect(await here(...again, '--resume')).toMatchObject({
      code: 1,
      stderr:
        'decalign: odd/hollow/result.json has no figures of a finished run: it is damaged. Delete it, and --resume makes it again from the checkpoint.\n',
    });
    rmSync(at('odd/hollow/result.json'));
    expect(await here(...again, '--resume')).toMatchObject({ code: 0 });
    expect(resultOf('odd/hollow').test).toEqual(resultOf('runs/longer').test);
  });

  test('compare names a config.json that is JSON and no record', async () => {
    cpSync(at('runs/longer'), at('mixed/hollow'), { recursive: true });
    for (const text of ['{}', '{"data":5}']) {
      writeFileSync(at('mixed/hollow/config.json'), text);
      expect(await here('compare', 'mixed/hollow', 'runs/short')).toMatchObject({
        code: 1,
        stderr:
          'decalign: mixed/hollow has a config.json that names no model or data: it is damaged, or not of a run.\n',
      });
    }
    rmSync(at('mixed/hollow'), { recursive: true });
  });

  test('shows a training under way, and that it was stopped', async () => {
    // So many epochs that no machine is done with them before it is looked at.
    const long = ['--epochs', '4000', '--set', 'train.patience=null', '--no-references', '--out', 'under-way'];
    let seen: ReturnType<typeof listRuns> | undefined;
    const stopped = await decalign(['train', data, ...tiny, ...long], {
      cwd: folder,
      onStderr(said, child) {
        if (seen || !said.includes('epoch 1/4000')) return;
        seen = listRuns(at('under-way'));
        child.kill('SIGINT');
      },
    });
    expect(stopped.code).toBe(130);
    expect(seen).toMatchObject([{ status: 'running', progress: { epochs: 4000, steps: 4000 } }]);
    expect(seen![0]).not.toHaveProperty('metric');
    const { status, progress } = JSON.parse((await ok('inspect', 'under-way', '--json')).stdout) as Inspected;
    expect(status).toBe('interrupted');
    expect(progress.step).toBeGreaterThan(0);
    expect(progress.seconds_left).toBeGreaterThan(0);
  });

  test('a benchmark is one line', async () => {
    mkdirSync(at('compared/runs/small-abc'), { recursive: true });
    renameSync(
      (cpSync(at('runs/short'), at('compared/tmp'), { recursive: true }), at('compared/tmp')),
      at('compared/runs/small-abc/decalign-def'),
    );
    const plan = { data: [{ name: 'small' }], entries: [{ id: 'ridge' }, { id: 'decalign' }], seeds: [1, 2] };
    writeFileSync(at('compared/benchmark.json'), JSON.stringify(plan));
    const listed = { kind: 'benchmark', models: ['ridge', 'decalign'], data: ['small'], seeds: [1, 2] };
    expect(listRuns(at('compared'))).toMatchObject([{ ...listed, status: 'interrupted' }]);
    // Between two of its runs, none is held, but the whole is.
    const lock = await locked(at('compared'));
    expect(listRuns(at('compared'))).toMatchObject([{ ...listed, status: 'running' }]);
    lock.release();
    const table = { seeds: [1, 2], rows: [{ model: 'ridge' }, { model: 'decalign' }] };
    writeFileSync(at('compared/small.json'), JSON.stringify(table));
    expect(listRuns(at('compared'))).toMatchObject([{ ...listed, status: 'finished' }]);
  });

  test.each([
    ['nowhere', 'nowhere does not exist; name a folder with runs in it.'],
    ['small.pkl', 'small.pkl is a file; name a folder with runs in it.'],
  ])('%s is no folder of runs', async (place, message) => {
    expect(await here('runs', place)).toMatchObject({ code: 1, stdout: '', stderr: `decalign: ${message}\n` });
  });

  test('an empty folder has none', async () => {
    mkdirSync(at('empty'));
    expect((await ok('runs', 'empty')).stdout).toBe('No runs in empty.\n');
    expect((await ok('runs', 'empty', '--json')).stdout).toBe('[]\n');
  });
});

describe('decalign compare', () => {
  test('has the metrics of each run, means over seeds, from what the runs kept', async () => {
    const hidden = `${data}.away`;
    renameSync(data, hidden);
    const found = await compared('runs/short', 'runs/longer');
    renameSync(hidden, data);
    expect(found).toMatchObject({ metrics: 'regression', samples: 9, groups: 3 });
    const each = [1, 2].map((seed) => resultOf(`runs/short/seed-${seed}`).test['mae']!);
    expect(found.runs[0]).toMatchObject({ run: 'runs/short', seeds: [1, 2], left: 0 });
    expect(found.runs[0]!.test.mean['mae']).toBeCloseTo((each[0]! + each[1]!) / 2, 12);
    expect(found.runs[0]!.test.std['mae']).toBeCloseTo(Math.abs(each[0]! - each[1]!) / Math.SQRT2, 12);
    expect(found.runs[1]!.test.mean).toEqual(resultOf('runs/longer').test);
  });

  test('tests each run against the first, by groups', async () => {
    const perfect = changed('longer', 'perfect', (line) => ({ ...line, prediction: line.label ?? 0 }));
    const { runs } = await compared('runs/short', perfect, 'runs/longer');
    const [first, best] = runs;
    expect(first).not.toHaveProperty('against');
    const { bootstrap, wilcoxon, corrected, verdict } = best!.against!;
    expect(bootstrap['mae']!.value).toBeCloseTo(-first!.test.mean['mae']!, 12);
    expect(bootstrap['mae']!.low).toBeLessThan(bootstrap['mae']!.high);
    expect(bootstrap['mae']!.high).toBeLessThan(0);
    expect(wilcoxon.pairs).toBe(3);
    // Two tests are corrected for: the smaller p-value counts twice.
    expect(corrected.bootstrap).toBeCloseTo((2 * 2) / 2001, 12);
    expect(verdict).toBe('better');
    const other = await compared(perfect, 'runs/short');
    expect(other.runs[1]!.against!.verdict).toBe('worse');
    expect(other.runs[1]!.against!.bootstrap['mae']!.value).toBeCloseTo(-bootstrap['mae']!.value, 12);
  });

  test('has the settings that differ, and no others', async () => {
    expect((await compared('runs/short', 'runs/longer')).configuration).toEqual([
      { key: 'train.epochs', values: [1, 2] },
    ]);
  });

  test('prints it for people', async () => {
    const { stdout, stderr } = await ok('compare', 'runs/short', 'runs/longer');
    expect(stderr).toBe('');
    expect(stdout).toContain('9 test samples of 3 groups; mean ± std over seeds 1, 2 / 1\n');
    expect(stdout).toMatch(/\nruns\/short +\d\.\d{3} ± \d\.\d{3} /);
    expect(stdout).toMatch(/\nagainst runs\/short +MAE differs by +95 % interval +p bootstrap +p Wilcoxon/);
    expect(stdout).toMatch(
      /\nruns\/longer +[-+]\d\.\d{3} +\S+ to \S+ +\S+ \(\S+\) +\S+ \(\S+\) +(better|ties|worse)\n/,
    );
    expect(stdout).toMatch(/\ntrain\.epochs +1 +2\n$/);
  });

  test('classes are compared by their names', async () => {
    const same = changed('classes', 'renamed', (line) => line);
    const { metrics, runs } = await compared('runs/classes', same);
    expect(metrics).toBe('classification');
    expect(runs[1]!.test.mean).toEqual(resultOf('runs/classes').test);
    expect(runs[1]!.against).toMatchObject({ verdict: 'ties', bootstrap: { wacc: { value: 0 } } });
  });

  test('on other test samples, those that all have are compared, which is said', async () => {
    const fewer = changed('longer', 'fewer', (line) => (line.id.startsWith('video0') ? undefined : line));
    const { stdout, stderr } = await ok('compare', 'runs/short', fewer);
    expect(stderr).toBe('warning: runs/short has 9 test samples, of which the 6 that all runs have are compared.\n');
    expect(stdout).toContain('6 test samples of 2 groups');
  });

  test('an id that is used more than once pairs in order, and a sample without a label is left out', async () => {
    const alike = (line: Line): Line => ({ ...line, id: 'same$_$1' });
    const unlabelled = ({ label, ...line }: Line): Line =>
      line.id === 'video1$_$4' ? line : { ...line, label: label! };
    const first = changed('longer', 'alike', (line) => alike(unlabelled(line)));
    const { samples, runs } = await compared(first, changed('longer', 'alike-too', alike));
    expect(samples).toBe(8);
    const [plain] = (await compared(changed('longer', 'unlabelled', unlabelled), 'runs/longer')).runs;
    expect(runs[0]!.test).toEqual(plain!.test);
    expect(runs[1]).toMatchObject({ left: 1, test: runs[0]!.test, against: { bootstrap: { mae: { value: 0 } } } });
  });

  test('--data evaluates them on another file', async () => {
    const other = tables();
    other['test']!['id'] = other['test']!['id']!.map((_, n) => `other${n}$_$1`);
    save(at('other.pkl'), other);
    const found = await compared('runs/longer', 'runs/short', '--data', 'other.pkl');
    expect(found).toMatchObject({ samples: 9, groups: 9 });
    // The samples are the same under other ids.
    expect(found.runs[0]!.test.mean['mae']).toBeCloseTo(resultOf('runs/longer').test['mae']!, 6);
  });

  test('the label of a group in the data is that of the comparison', async () => {
    const one = changed('longer', 'one-group', (line) => ({ ...line, group: 'all' }));
    const { stderr, stdout } = await ok('compare', one, 'runs/short');
    expect(stdout).toContain('9 test samples of 1 group;');
    expect(stderr).toBe('');
    // In place of an interval and p-values that are no evidence there are dashes, and below them the reason.
    expect(stdout).toMatch(/\nruns\/short +[-+]\d\.\d{3} +– +– +– +ties\n/);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'All test samples are of one group, so that no p-value tells a difference from luck.',
    );
    const { runs } = await compared(one, 'runs/short');
    expect(runs[1]!.against).toMatchObject({
      bootstrap: { mae: { low: null, high: null, p: null } },
      corrected: { bootstrap: null, wilcoxon: null },
      verdict: 'ties',
    });
  });

  const elsewhere = (line: Line): Line => ({ ...line, id: `else ${line.id}` });
  const relabelled = (line: Line): Line => ({ ...line, label: 0 });
  const withoutTest = (line: Line): Line | undefined => (line.split === 'test' ? undefined : line);
  test.each<[string, () => string[], number, string]>([
    ['one run', () => ['runs/short'], 2, 'compare needs two runs or more; decalign evaluate RUN DATA is for one.'],
    ['a run twice', () => ['runs/short', 'runs/short/'], 1, 'runs/short/ is given twice; name each run once.'],
    ['no run', () => ['runs/short', 'empty'], 1, 'empty is no run directory: there is no config.json in it.'],
    ['nothing', () => ['runs/short', 'gone'], 1, 'gone does not exist; name the directory of a run.'],
    [
      'a stopped run',
      () => ['runs/short', 'mixed/stopped'],
      1,
      'mixed/stopped is interrupted: compare it when it has finished (train --resume).',
    ],
    [
      'another task',
      () => ['runs/short', 'runs/classes'],
      1,
      'runs/classes is scored as classification data and runs/short as regression data: compare runs of one task.',
    ],
    [
      'no shared samples',
      () => ['runs/short', changed('longer', 'elsewhere', elsewhere)],
      1,
      'elsewhere shares no labelled test sample with runs/short: compare runs on the same data.',
    ],
    [
      'other labels',
      () => ['runs/short', changed('longer', 'relabelled', relabelled)],
      1,
      'relabelled has another label than runs/short for "video0$_$0" (',
    ],
    [
      'no test split',
      () => ['runs/short', changed('longer', 'without-test', withoutTest)],
      1,
      'without-test was trained on data without a test split: name a file that has one by --data FILE.',
    ],
    [
      'a run of an earlier release',
      () => [fixture('run-1'), fixture('run-2')],
      1,
      'run-1 kept no predictions, as runs of earlier releases: name its data by --data, as in --data ',
    ],
  ])('%s: one line', async (_, runs, code, message) => {
    const ended = await here('compare', ...runs());
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toContain(message);
    expect(ended.stderr.trimEnd()).not.toContain('\n');
  });
});
