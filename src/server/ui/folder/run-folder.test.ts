/** A folder of runs as it is shown: what is in it, what changes, and what is damaged. */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Tree } from '../../../json/tree.ts';
import { lockRun } from '../../../runs/record/run-lock.ts';
import { taken } from '../../../runs/record/testing.ts';
import type { RunRow } from '../api/routes.ts';
import { RunFolder } from './run-folder.ts';
import { Runs } from '../testing.ts';

let runs: Runs;
let folder: RunFolder;
beforeEach(() => {
  runs = new Runs();
  folder = new RunFolder(runs.root);
});
afterEach(() => runs.remove());

/** What a look of now finds. */
async function look(): Promise<ReturnType<RunFolder['list']>> {
  await folder.look();
  return folder.list();
}
const rowOf = async (id: string): Promise<RunRow> => {
  const row = (await look()).runs.find((each) => each.id === id);
  if (!row) throw new Error(`There is no ${id}.`);
  return row;
};
const idsOf = async (): Promise<string[]> => (await look()).runs.map(({ id }) => id).toSorted();

describe('a run', () => {
  test.each([1, 2, 3] as const)('of format %i is shown with its metric, curve and times', async (format) => {
    runs.add('one', { format });
    const row = await rowOf('one');
    expect(row).toMatchObject({
      ...{ status: 'finished', model: 'decalign', title: 'DecAlign', seed: 1, recipe: 'paper' },
      ...{ epochs: { done: 2, of: 2 }, bestEpoch: 2, spark: [0.677, 0.6693] },
      metric: { name: 'mae', label: 'MAE', better: 'lower', valid: 0.6692773401737213, test: 0.8561860769987106 },
    });
    expect(row).not.toHaveProperty('problem');
    expect(row.data).toBe(format === 3 ? 'synthetic' : 'packed-1');
  });

  test('has the settings that it was given beyond what is usual, but no places', async () => {
    runs.add('usual');
    const { set } = await rowOf('usual');
    runs.add('other');
    runs.edit('other', 'config.json', (record) => {
      const config = record['config'] as Tree;
      const [train, text] = [config['train'] as Tree, config['text'] as Tree];
      const bert = { ...(text['bert'] as Tree), path: '/home/someone/bert' };
      return {
        ...record,
        config: { ...config, train: { ...train, epochs: 77, decay: 'l2' }, text: { ...text, bert } },
      };
    });
    expect((await rowOf('other')).set).toEqual({ ...set, 'train.epochs': 77, 'train.decay': 'l2' });
  });

  test('that is under way has its best so far, and grows', async () => {
    runs.begin('live', 3);
    expect(await rowOf('live')).toMatchObject({
      ...{ status: 'interrupted', bestEpoch: 3, epochs: { done: 3, of: 2 } },
      metric: { valid: 1 + 1 / 3 },
    });
    runs.grow('live', 97);
    const row = await rowOf('live');
    expect(row).toMatchObject({ epochs: { done: 100 }, metric: { valid: 1.01 } });
    expect(row.spark).toHaveLength(48);
    expect([row.spark![0], row.spark!.at(-1)]).toEqual([2, 1.01]);
  });

  test('with stages says where in them it is', async () => {
    runs.begin('live', 3);
    const progress = { epoch: 4, epochs: 10, step: 6, steps: 20, loss: 1, steps_per_second: 1, seconds_left: 14 };
    const stages = [{ name: 'pretraining', epochs: 4 }];
    const text = JSON.stringify({ ...progress, stages, updated: new Date().toISOString() });
    writeFileSync(path.join(runs.root, 'live/progress.json'), text);
    expect((await rowOf('live')).epochs).toEqual({
      ...{ done: 3, of: 10 },
      within: { stage: 'pretraining', epoch: 3, of: 4 },
    });
    runs.grow('live', 2);
    expect((await rowOf('live')).epochs).toEqual({ done: 5, of: 10, within: { epoch: 1, of: 6 } });
  });

  test('that ended with an error says which', async () => {
    runs.begin('ended', 1);
    const progress = { epoch: 2, epochs: 2, step: 3, steps: 4, loss: null, steps_per_second: 1, seconds_left: 1 };
    const failure = `Cannot write ${runs.root}/ended/last.ckpt, or /home/someone/else: the disk is full.`;
    const text = JSON.stringify({ ...progress, failure, updated: new Date().toISOString() });
    writeFileSync(path.join(runs.root, 'ended/progress.json'), text);
    expect(await rowOf('ended')).toMatchObject({
      status: 'failed',
      problem: 'ended with an error: Cannot write ended/last.ckpt, or else: the disk is full',
    });
  });

  test('is running while a process holds it', async () => {
    const directory = runs.begin('live', 1);
    const lock = await taken(lockRun(directory));
    expect((await rowOf('live')).status).toBe('running');
    lock.release();
    expect((await rowOf('live')).status).toBe('interrupted');
  });

  test('that was cut back by resuming is read anew', async () => {
    const directory = runs.begin('live', 5);
    await look();
    truncateSync(path.join(directory, 'metrics.jsonl'), 0);
    runs.grow('live', 2);
    expect((await rowOf('live')).epochs?.done).toBe(2);
  });

  test('has the seconds of its training, those of all its processes where it was resumed, by its speed where earlier releases say no more', async () => {
    runs.add('one');
    runs.edit('one', 'environment.json', () => ({ started: '2026-01-02T03:04:05.000Z' }));
    const progress = { epoch: 2, epochs: 2, step: 30, steps: 30, loss: null, seconds_left: 0 };
    const write = (updated: string, steps_per_second: number | null, more: object = {}): void =>
      writeFileSync(
        path.join(runs.root, 'one/progress.json'),
        JSON.stringify({ ...progress, updated, steps_per_second, ...more }),
      );
    write('2026-01-02T03:05:05.500Z', 10);
    expect((await rowOf('one')).seconds).toBe(60.5);
    write('2026-01-01T00:00:00.000Z', 10);
    expect((await rowOf('one')).seconds).toBe(3);
    write('2026-01-01T00:00:00.000Z', null);
    expect(await rowOf('one')).not.toHaveProperty('seconds');
    const started = ['2026-01-02T03:04:05.000Z', '2026-01-03T03:04:05.000Z'].map((at) => ({ started: at }));
    writeFileSync(path.join(runs.root, 'one/environment.json'), JSON.stringify(started));
    write('2026-01-03T03:05:05.500Z', 10);
    expect((await rowOf('one')).seconds).toBe(3);
    write('2026-01-03T03:05:05.500Z', 10, { seconds: 71.25 });
    expect((await rowOf('one')).seconds).toBe(71.3);
  });

  test('is read anew where a file changes and keeps its time and size, as within a tick of the clock of a disk', async () => {
    const file = path.join(runs.add('one'), 'config.json');
    const [text, now] = [readFileSync(file, 'utf8'), new Date()];
    for (const seed of [1, 2]) {
      writeFileSync(file, text.replace('"seed": 1', `"seed": ${seed}`));
      utimesSync(file, now, now);
      expect((await rowOf('one')).seed).toBe(seed);
    }
  });

  test('of one group differs in nothing but its seed', async () => {
    for (const id of ['a', 'b', 'c']) runs.add(id);
    runs.edit('b', 'config.json', (record) => ({ ...record, seed: 2 }));
    runs.edit('c', 'config.json', (record) => ({ ...record, data: { ...(record['data'] as object), hash: 'other' } }));
    const [a, b, c] = [await rowOf('a'), await rowOf('b'), await rowOf('c')];
    expect(a.group).toBe(b.group);
    expect(a.group).not.toBe(c.group);
    expect(b.seed).toBe(2);
  });
});

describe('a run that is damaged', () => {
  test.each([
    ['config.json', '{"config":', 'has a config.json that cannot be read: it is damaged, or no record of a run'],
    ['result.json', '{"valid":[]}', 'has a result.json that cannot be read: it is damaged, or no result of a run'],
  ])('in its %s is shown as such', async (name, content, problem) => {
    const directory = runs.add('one');
    writeFileSync(path.join(directory, name), content);
    expect(await rowOf('one')).toMatchObject({ status: 'unknown', problem });
  });

  test.each(['config.json', 'result.json', 'environment.json', 'progress.json', 'references.json'])(
    'by the length of its %s is shown with how long that is, and it is not read',
    async (name) => {
      const file = path.join(runs.add('one'), name);
      // What is in it would be read if it were shorter.
      const text = existsSync(file) ? readFileSync(file, 'utf8') : '{}';
      writeFileSync(file, text + ' '.repeat(17 * 2 ** 20));
      const row = await rowOf('one');
      expect(row.problem).toBe(`has 18 MiB in its ${name}, which is not read: records of up to 16 MiB are`);
      const lacks = { 'config.json': 'model', 'result.json': 'test' }[name];
      if (lacks !== undefined) expect(row).not.toHaveProperty(lacks);
      // As a whole, as records are written.
      rmSync(file);
      writeFileSync(file, text);
      expect(await rowOf('one')).not.toHaveProperty('problem');
    },
  );

  test('in single lines has the others, and one that is half-written is waited for', async () => {
    const directory = runs.begin('one', 2);
    const file = path.join(directory, 'metrics.jsonl');
    appendFileSync(file, 'garbage\n{"epoch":3,"losses":{},"valid":{"mae"');
    const row = await rowOf('one');
    expect(row).toMatchObject({
      epochs: { done: 2 },
      problem: 'has a line that is no epoch in its metrics.jsonl: the file is damaged',
    });
    appendFileSync(file, ':0.5},"learning_rate":1,"best":true}\n');
    expect(await rowOf('one')).toMatchObject({ epochs: { done: 3 }, metric: { valid: 0.5 } });
  });

  test('or warned often has all of its warnings counted, and each once', async () => {
    const file = path.join(runs.begin('one', 1), 'warnings.jsonl');
    // More than is read at once.
    const line = `${JSON.stringify({ kind: 'data', message: 'a value is not finite' })}\n`;
    writeFileSync(file, line.repeat(50_000));
    expect(statSync(file).size).toBeGreaterThan(2 ** 21);
    expect((await rowOf('one')).warnings).toBe(50_000);
    appendFileSync(file, line.repeat(2));
    expect((await rowOf('one')).warnings).toBe(50_002);
    writeFileSync(file, line);
    expect((await rowOf('one')).warnings).toBe(1);
    rmSync(file);
    expect(await rowOf('one')).not.toHaveProperty('warnings');
  });

  test('without its record is told from a folder that holds none', async () => {
    rmSync(path.join(runs.add('one'), 'config.json'));
    mkdirSync(path.join(runs.root, 'empty'));
    expect(await idsOf()).toEqual(['one']);
    expect((await rowOf('one')).problem).toBe('has no config.json: that file was removed or never copied');
  });

  test('that was started in the future is told of', async () => {
    runs.add('one');
    const started = new Date(Date.now() + 3_600_000).toISOString();
    runs.edit('one', 'environment.json', () => ({ started }));
    expect((await rowOf('one')).problem).toBe('was started in the future, by the clock of its machine');
  });

  test('with a folder in the place of a file is shown as such', async () => {
    const directory = runs.add('one');
    rmSync(path.join(directory, 'metrics.jsonl'));
    mkdirSync(path.join(directory, 'metrics.jsonl'));
    expect(await rowOf('one')).toMatchObject({
      ...{ status: 'finished', metric: { test: 0.8561860769987106 } },
      problem: 'has a metrics.jsonl that cannot be read',
    });
  });

  test
    .skipIf(process.platform === 'win32')
    .each([
      ...['config.json', 'result.json', 'progress.json', 'environment.json', 'metrics.jsonl', 'warnings.jsonl'],
      '.lock.1.x.elsewhere',
    ])('with a pipe as its %s is not waited for', async (name) => {
    const directory = runs.begin('one', 1);
    rmSync(path.join(directory, name), { force: true });
    execFileSync('mkfifo', [path.join(directory, name)]);
    expect((await rowOf('one')).status).toMatch(/^(?:interrupted|unknown)$/);
  });

  test('whose files are links in circles is shown as such, and hides no other', async () => {
    for (const name of ['config.json', 'result.json', 'metrics.jsonl', 'warnings.jsonl']) {
      const directory = runs.add(`circle-${name}`);
      rmSync(path.join(directory, name), { force: true });
      symlinkSync(name, path.join(directory, name));
    }
    runs.add('whole');
    expect(await look()).not.toHaveProperty('problem');
    expect((await look()).runs).toHaveLength(5);
    expect((await rowOf('circle-config.json')).problem).toBe('cannot be read (ELOOP)');
    expect((await rowOf('circle-metrics.jsonl')).status).toBe('finished');
  });

  test.skipIf(process.getuid?.() === 0)(
    'that is closed to this user is shown as such, and hides no other',
    async () => {
      const directory = runs.add('closed');
      runs.add('whole');
      await look();
      for (const mode of [0o000, 0o400]) {
        chmodSync(directory, mode);
        const { status, problem } = await rowOf('closed');
        expect([status, problem]).toEqual(['unknown', expect.stringContaining('EACCES')]);
        expect((await rowOf('whole')).status).toBe('finished');
      }
      chmodSync(directory, 0o700);
      expect((await rowOf('closed')).status).toBe('finished');
    },
  );
});

describe('a folder', () => {
  test('has its runs wherever they lie, each seed and fold by itself, and leads nowhere by links', async () => {
    for (const id of ['a', 'deep/er/b', 'seeds/seed-1', 'seeds/seed-2', 'folds/fold-1', 'node_modules/x', '.hidden/y'])
      runs.add(id);
    runs.add('seeds/other');
    symlinkSync(runs.root, path.join(runs.root, 'link'));
    runs.edit('folds/fold-1', 'config.json', (record) => ({ ...record, fold: { request: 5, index: 0 } }));
    expect(await idsOf()).toEqual(['a', 'deep/er/b', 'folds/fold-1', 'seeds/seed-1', 'seeds/seed-2']);
    expect((await rowOf('folds/fold-1')).fold).toBe(1);
  });

  test('that is a run itself is called ~', async () => {
    folder = new RunFolder(runs.add('one'));
    expect(await idsOf()).toEqual(['~']);
  });

  test('has its experiments, with the runs that are part of them', async () => {
    runs.add('bench/runs/mosi/decalign/seed-1');
    const plan = { kind: 'benchmark', data: [{ name: 'mosi' }], entries: [{ id: 'decalign' }], seeds: [1] };
    writeFileSync(path.join(runs.root, 'bench/benchmark.json'), JSON.stringify(plan));
    const { runs: rows, experiments } = await look();
    expect(rows).toMatchObject([{ id: 'bench/runs/mosi/decalign/seed-1', experiment: 'bench' }]);
    expect(experiments).toMatchObject([
      { id: 'bench', kind: 'benchmark', status: 'interrupted', models: ['decalign'] },
    ]);
    // Between two of its runs, none is held, but the whole is.
    const lock = await taken(lockRun(path.join(runs.root, 'bench')));
    expect((await look()).experiments).toMatchObject([{ status: 'running' }]);
    lock.release();
    const table = { seeds: [1], rows: [{ model: 'decalign' }] };
    writeFileSync(path.join(runs.root, 'bench/mosi.json'), JSON.stringify(table));
    expect((await look()).experiments).toMatchObject([{ status: 'finished' }]);
    writeFileSync(path.join(runs.root, 'bench/benchmark.json'), '{');
    expect((await look()).experiments).toMatchObject([
      { status: 'unknown', problem: 'has a benchmark.json that cannot be read: it is damaged' },
    ]);
  });

  test('lists the newest first', async () => {
    for (const [id, started] of [
      ['old', '2026-01-01T00:00:00.000Z'],
      ['new', '2026-03-01T00:00:00.000Z'],
      ['middle', '2026-02-01T00:00:00.000Z'],
    ] as const) {
      runs.add(id);
      runs.edit(id, 'environment.json', () => ({ started }));
    }
    expect((await look()).runs.map(({ id }) => id)).toEqual(['new', 'middle', 'old']);
  });

  test('that goes away keeps what was there, and says so; when it is back all is as it is then', async () => {
    runs.add('one');
    await look();
    renameSync(runs.root, `${runs.root}-away`);
    const gone = await look();
    expect(gone.problem).toMatch(/ is not there any more: what is shown is how it was\.$/);
    expect(gone.runs).toHaveLength(1);
    renameSync(`${runs.root}-away`, runs.root);
    runs.add('two');
    const back = await look();
    expect(back).not.toHaveProperty('problem');
    expect(back.runs).toHaveLength(2);
  });

  test('that is not there yet has no runs', async () => {
    folder = new RunFolder(path.join(runs.root, 'later'));
    expect(await look()).toMatchObject({
      runs: [],
      problem: 'later is not there yet: runs come when something is trained.',
    });
  });
});

describe('changes', () => {
  test('are told once: what is new, what changed, and what is gone', async () => {
    runs.begin('a', 1);
    runs.begin('b', 1);
    const { cursor } = await look();
    expect(folder.changes(cursor)).toMatchObject({ runs: [], gone: [] });
    runs.grow('a', 1);
    rmSync(path.join(runs.root, 'b'), { recursive: true });
    runs.add('c');
    await look();
    const changes = folder.changes(cursor);
    expect(changes).not.toHaveProperty('all');
    expect(changes.runs.map(({ id }) => id).toSorted()).toEqual(['a', 'c']);
    expect(changes.gone).toEqual(['b']);
    expect(folder.changes(changes.cursor)).toMatchObject({ runs: [], gone: [] });
  });

  test('a file that was touched and says the same is none', async () => {
    const directory = runs.add('a');
    const { cursor } = await look();
    utimesSync(path.join(directory, 'config.json'), 1, 1);
    expect((await look()).cursor).toBe(cursor);
  });

  test('everything is told where the cursor is of another process, or of none', async () => {
    runs.add('a');
    const { cursor } = await look();
    for (const other of [
      undefined,
      '',
      'nonsense',
      cursor.replace(/^\w+/, 'ffffffff'),
      cursor.replace(/\d+$/, '99'),
      `${cursor}x`,
    ])
      expect(folder.changes(other)).toMatchObject({ all: true, runs: [{ id: 'a' }] });
  });

  test('call listeners, and none that has left', async () => {
    runs.add('a');
    let calls = 0;
    const stop = folder.listen(() => calls++);
    await folder.look();
    const first = calls;
    expect(first).toBeGreaterThan(0);
    stop();
    runs.add('b');
    await folder.look();
    expect(calls).toBe(first);
  });
});
