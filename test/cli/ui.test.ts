/** The server of `decalign ui`, as a process, on real runs: what it shows, whom it answers, and what it starts and stops. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resolveConfig } from '../../src/config/index.ts';
import type { FigureList, Notes, RunChanges, RunList, RunRow, RunSeries } from '../../src/server/ui/api/routes.ts';
import type { BenchmarkView, ComparisonView } from '../../src/server/ui/api/compare.ts';
import type {
  Embedding,
  RobustnessView,
  RunDetail,
  RunFacts,
  RunPredictions,
  TransportView,
} from '../../src/server/ui/api/run.ts';
import type { SampleView } from '../../src/server/ui/api/sample.ts';
import type { Started, StartErrors, StartForm } from '../../src/server/ui/api/start.ts';
import { Events } from '../../src/server/ui/testing.ts';
import { startUi, type Ui } from '../browser/ui.ts';
import { complete, decalign, decalignHere, temporaryFolder, tiny, type Finished } from './decalign.ts';
import { save, tables } from './feature-file.ts';

const folder = temporaryFolder();
const at = (...names: string[]): string => path.join(folder, ...names);
const runs = at('runs');
const here = (...args: string[]): Promise<Finished> => decalignHere(args, { cwd: folder });
async function ok(...args: string[]): Promise<void> {
  const { code, stderr } = await here(...args);
  expect(code, stderr).toBe(0);
}

beforeAll(async () => {
  const made = tables();
  // Three videos of three clips each, and sentences of as many words as a whole sample has steps.
  for (const table of Object.values(made)) {
    table['id'] = table['id']!.map((id, n) => `video${n % 3}$_$${id as string}`);
    table['raw_text'] = table['id'].map((id) => `said in ${id as string} /etc`);
  }
  save(at('mosi.pkl'), made);
  const train = (out: string, ...more: string[]): Promise<void> =>
    ok('train', at('mosi.pkl'), '--quiet', '--out', `runs/${out}`, ...more);
  await train('whole', ...complete, '--epochs', '2');
  await train('seeds', ...tiny, '--epochs', '1', '--seeds', '1,2');
  await train('mult', '--model', 'mult', '--set', 'model.layers=1', '--threads', '1', '--epochs', '1');
  await train('classes', ...tiny, '--epochs', '1', '--task', 'classification', '--no-references');
  await train('folds', ...tiny, '--epochs', '1', '--folds', '3', '--no-references');
  // Its jobs are processes of the command line.
  const benchmark = [
    'benchmark',
    at('mosi.pkl'),
    '--models',
    'decalign@paper,ridge',
    '--seeds',
    '1,2',
    '--epochs',
    '1',
  ];
  const { code, stderr } = await decalign([...benchmark, ...small, '--out', 'runs/bench'], { cwd: folder });
  expect(code, stderr).toBe(0);
  cpSync(path.resolve(import.meta.dirname, '../fixtures/runs/run-1'), at('runs/old'), { recursive: true });
});

const small = [
  'model.width=8',
  'model.heads=2',
  'model.layers=1',
  'model.without=[heterogeneity, homogeneity]',
].flatMap((pair) => ['--set', pair]);

/** What comes to be true, however long it takes. */
const eventually: typeof expect.poll = (value) => expect.poll(value, { timeout: 300_000, interval: 50 });

const open: Ui[] = [];
afterAll(() => Promise.all(open.map((ui) => ui.close())));
/** A server that has read its folder: before, it tells of the runs that it has come to. */
async function serve(directory: string, ...args: readonly string[]): Promise<Ui> {
  const ui = await startUi(directory, ...args);
  open.push(ui);
  const token = decodeURIComponent(new URL(ui.url).hash.replace('#token=', ''));
  const headers = { ...(token !== '' && { authorization: `Bearer ${token}` }) };
  // An export waits until all has been read.
  await get(ui, '/api/export/runs.json', headers);
  return ui;
}
async function get<T>({ url }: Pick<Ui, 'url'>, route: string, headers: Record<string, string> = {}): Promise<T> {
  const response = await fetch(new URL(route, url), { headers });
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return JSON.parse(text) as T;
}
const idOf = (run: string): string => `/api/runs/${encodeURIComponent(run)}`;

/** The row of a run, when it is as `wanted` says. */
async function rowOf(
  { url }: Pick<Ui, 'url'>,
  id: string,
  wanted: (row: RunRow) => boolean,
  headers: Record<string, string> = {},
): Promise<RunRow> {
  const events = new Events(await fetch(new URL('/api/events', url), { headers }));
  for (;;) {
    const changes = (await events.next('runs')).data as RunChanges;
    const found = changes.runs.find((each) => each.id === id);
    if (!found || !wanted(found)) continue;
    await events.close();
    return found;
  }
}

/** The processes that hold a run. */
const holdersOf = (directory: string): number[] =>
  readdirSync(directory).flatMap((name) => {
    const pid = /^\.lock\.(\d+)\./.exec(name)?.[1];
    return pid === undefined ? [] : [Number(pid)];
  });

/** A request as it is written, which `fetch` would make right. */
function raw(
  { url }: Pick<Ui, 'url'>,
  route: string,
  { method = 'GET', headers = {} }: { readonly method?: string; readonly headers?: Record<string, string> } = {},
): Promise<{ readonly status: number; readonly text: string }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, path: route, method, headers }, (response) => {
      let text = '';
      response.on('data', (data: Buffer) => (text += data.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    asked.on('error', reject).end();
  });
}

describe('what is shown', () => {
  let ui: Ui;
  beforeAll(async () => {
    ui = await serve(runs);
  });

  test('all runs, whatever release and folder they are of', async () => {
    const { runs: rows, experiments, allowStart, folder: name } = await get<RunList>(ui, '/api/runs');
    expect(
      rows
        .filter(({ experiment }) => experiment === undefined)
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual([
      ...[
        'classes',
        'folds/fold-1',
        'folds/fold-2',
        'folds/fold-3',
        'mult',
        'old',
        'seeds/seed-1',
        'seeds/seed-2',
        'whole',
      ],
    ]);
    expect(rows.every(({ status, problem }) => status === 'finished' && problem === undefined)).toBe(true);
    expect(experiments).toMatchObject([{ id: 'bench', status: 'finished', models: ['decalign@paper', 'ridge'] }]);
    expect([allowStart, name]).toEqual([false, 'runs']);
  });

  test('of a run the configuration, what is usual beside it, and what else there is', async () => {
    const detail = await get<RunDetail>(ui, idOf('seeds/seed-1'));
    expect(detail.configuration.find(({ key }) => key === 'model.width')).toMatchObject({
      value: 8,
      changed: true,
      usual: resolveConfig({ recipe: 'paper' }).model['width'],
    });
    expect(detail.configuration.find(({ key }) => key === 'train.batchSize')).not.toHaveProperty('changed');
    expect(detail.siblings.map(({ id, seed }) => [id, seed])).toEqual([
      ['seeds/seed-1', 1],
      ['seeds/seed-2', 2],
    ]);
    expect(detail.source).toMatchObject({ file: 'mosi.pkl', name: 'mosi' });
    expect(detail.references.map(({ name }) => name)).toContain('ridge');
    expect(Object.keys(detail.lacking)).toEqual([]);
  });

  test('how sure its metrics are, and the size of its model', async () => {
    const { parameters, modalities, intervals } = await get<RunFacts>(ui, `${idOf('whole')}/facts`);
    expect(parameters).toBeGreaterThan(100);
    expect(modalities?.map(({ name }) => name)).toEqual(['text', 'audio', 'vision']);
    expect(intervals).toMatchObject({ units: 3, by: 'group' });
    const { test: own } = JSON.parse(readFileSync(at('runs/whole/result.json'), 'utf8')) as { test: { mae: number } };
    expect(intervals!.metrics['mae']!.low).toBeLessThanOrEqual(own.mae);
    expect(intervals!.metrics['mae']!.high).toBeGreaterThanOrEqual(own.mae);
  });

  test('its errors by size, residuals and categories', async () => {
    const found = await get<RunPredictions>(ui, `${idOf('whole')}/predictions`);
    expect(found).toMatchObject({ split: 'test', samples: 9, residuals: { length: 9 } });
    const errors = found.errors.map(({ error }) => error);
    expect(errors).toEqual(errors.toSorted((a, b) => b - a));
    const { id, label, prediction } = found.residuals![0]!;
    expect(found.errors.find((each) => each.id === id)!.error).toBeCloseTo(Math.abs(label - prediction), 6);
    expect(found.categories!.reduce((sum, { count }) => sum + count, 0)).toBe(9);
    const valid = await get<RunPredictions>(ui, `${idOf('whole')}/predictions?split=valid`);
    expect(valid.samples).toBe(10);
    const classes = await get<RunPredictions>(ui, `${idOf('classes')}/predictions`);
    expect(classes).not.toHaveProperty('residuals');
    expect(classes.confusion!.counts.flat().reduce((a, b) => a + b)).toBe(9);
  });

  test('unique and common features on a plane, with their measures', async () => {
    const { panels, ids, labels, measures } = await get<Embedding>(ui, `${idOf('whole')}/embedding`);
    expect(panels.map(({ part, points }) => [part, points.map(({ modality }) => modality)])).toEqual([
      ['unique', ['text', 'audio', 'vision']],
      ['common', ['text', 'audio', 'vision']],
    ]);
    for (const { points } of panels)
      for (const { sample, x, y } of points) expect([sample.length, x.length, y.length]).toEqual([9, 9, 9]);
    expect([ids.length, labels.length]).toEqual([9, 9]);
    expect(measures.map(({ name }) => name)).toEqual(['A', 'L', 'U', 'D']);
  });

  test('the transport plan and its prototypes', async () => {
    const { pairs, prototypes, plane } = await get<TransportView>(ui, `${idOf('whole')}/transport`);
    expect(pairs.map(({ modalities }) => modalities)).toEqual([
      ['text', 'audio'],
      ['text', 'vision'],
      ['audio', 'vision'],
    ]);
    for (const { plan } of pairs) expect(plan.flat().reduce((a, b) => a + b)).toBeCloseTo(1, 4);
    expect(prototypes.map(({ modality }) => modality)).toEqual(['text', 'audio', 'vision']);
    expect(plane!.parts).toHaveLength(2);
  });

  test('robustness, beginning with the metric as it is', async () => {
    const { metric, panels } = await get<RobustnessView>(ui, `${idOf('whole')}/robustness`);
    const { metric: own } = (await get<RunDetail>(ui, idOf('whole'))).row;
    expect(metric).toMatchObject({ name: 'mae', label: 'MAE' });
    expect(panels.map(({ kind }) => kind)).toEqual(['drop', 'drop', 'drop', 'noise', 'noise', 'noise']);
    for (const { points } of panels) expect(points[0]!.value).toBeCloseTo(own!.test!, 5);
  });

  test('a sample with its inputs, its sentence, contributions and attention', async () => {
    const { errors } = await get<RunPredictions>(ui, `${idOf('mult')}/predictions`);
    const [worst, second] = errors as [RunPredictions['errors'][number], RunPredictions['errors'][number]];
    const sample = await get<SampleView>(ui, `${idOf('mult')}/samples/${encodeURIComponent(second.id)}`);
    expect(sample).toMatchObject({ id: second.id, split: 'test', text: `said in ${second.id} /etc`, before: worst.id });
    expect(sample.error).toMatchObject({ value: second.error, rank: 2, of: 9 });
    expect(sample.modalities.map(({ name }) => name)).toEqual(['text', 'audio', 'vision']);
    for (const { steps, sizes, values, contribution, width, present } of sample.modalities) {
      expect(present).toBe(true);
      expect([sizes.length, values.length, contribution!.steps.length]).toEqual([steps, steps, steps]);
      expect(values[0]).toHaveLength(width);
      const [first] = values as [number[]];
      expect(sizes[0]).toBeCloseTo(Math.sqrt(first.reduce((sum, x) => sum + x * x, 0) / width), 2);
    }
    const [text] = sample.modalities;
    expect(text!.tokens).toEqual(text!.steps === 4 ? ['said', 'in', second.id, '/etc'] : undefined);
    expect(sample.attention.length).toBeGreaterThan(0);
    for (const { weights } of sample.attention) expect(weights[0]!.length).toBeGreaterThan(0);
  });

  test('runs side by side by group, on the samples that all predict', async () => {
    const ids = ['seeds/seed-2', 'mult', 'seeds/seed-1'].map((id) => `ids=${encodeURIComponent(id)}`).join('&');
    const compared = await get<ComparisonView>(ui, `/api/compare?${ids}`);
    expect(compared).not.toHaveProperty('problem');
    expect(compared.groups.map(({ name, runs: own }) => [name, own.length])).toEqual([
      ['DecAlign', 2],
      ['MulT', 1],
    ]);
    expect([compared.samples, compared.units]).toEqual([9, 3]);
    const mae = compared.metrics.find(({ name }) => name === 'mae')!;
    const [own, other] = mae.values as readonly [
      NonNullable<(typeof mae.values)[number]>,
      NonNullable<(typeof mae.values)[number]>,
    ];
    expect(own.deviation).toBeGreaterThanOrEqual(0);
    expect(other).not.toHaveProperty('deviation');
    expect(other.difference!.value).toBeCloseTo(other.mean - own.mean, 8);
    expect(other.difference!.low).toBeLessThanOrEqual(other.difference!.high!);
    expect(compared.configuration.map(({ key }) => key)).toContain('model.name');
    // `decalign compare` says the same.
    const { stdout } = await here('compare', 'runs/seeds', 'runs/mult', '--json');
    const { runs: told } = JSON.parse(stdout) as { runs: { test: { mean: { mae: number } } }[] };
    expect(mae.values.map((value) => value!.mean)).toEqual(told.map(({ test: { mean } }) => mean.mae));
  });

  test('runs of different tasks with why they have no intervals', async () => {
    const compared = await get<ComparisonView>(ui, '/api/compare?ids=classes&ids=mult');
    expect(compared.problem).toMatch(/compare runs of one task\.$/);
    expect(compared.groups).toHaveLength(2);
  });

  test('the tables of a benchmark, with the runs behind each row', async () => {
    const { tables: made, finished } = await get<BenchmarkView>(ui, '/api/benchmarks/bench');
    expect(finished).toBe(true);
    const [{ rows, base, metrics }] = made as [BenchmarkView['tables'][number]];
    expect(base).toMatch(/^DecAlign/);
    expect(metrics[0]).toMatchObject({ name: 'mae', label: 'MAE' });
    const [ridge, own] = ['ridge', 'decalign@paper'].map((model) => rows.find((row) => row.model === model)!);
    expect(ridge).toMatchObject({
      runs: [],
      differences: { mae: { value: own!.mean!['mae']! - ridge!.mean!['mae']! } },
    });
    expect(own!.runs.map(({ seed }) => seed)).toEqual([1, 2]);
    for (const { id, test: figures } of own!.runs) {
      const { row } = await get<RunDetail>(ui, idOf(id));
      expect(row.test).toEqual(figures);
    }
    expect(rows.flatMap(({ best }) => best.filter((name) => name === 'mae'))).toHaveLength(1);
  });

  test('figures as images', async () => {
    const response = await fetch(new URL(`${idOf('whole')}/figures/curves.svg`, ui.url));
    expect(response.headers.get('content-type')).toBe('image/svg+xml');
    const svg = await response.text();
    expect(svg).toMatch(/^<svg .*<title id="title">Training<\/title>/s);
    // An image has no font of the page's, nor may the machine have one as wide.
    expect(
      svg.match(/@font-face\{font-family:Arimo;font-weight:(400|700);src:url\(data:font\/ttf;base64,/g),
    ).toHaveLength(2);
    const list = (await (await fetch(new URL(`${idOf('whole')}/figures`, ui.url))).json()) as FigureList;
    expect(list.figures.map(({ name }) => name)).toEqual(expect.arrayContaining(['curves', 'robustness']));
    expect(list.figures.map(({ name }) => name)).not.toContain('attention');
    expect(JSON.stringify(list)).not.toContain('--');
    const none = await fetch(new URL(`${idOf('whole')}/figures/bubble.svg`, ui.url));
    expect(none.status).toBe(422);
    expect(await none.json()).toEqual({ error: expect.any(String) as string });
  });

  test('what cannot be shown, with its reason', async () => {
    const problemOf = async (route: string): Promise<unknown> => {
      const response = await fetch(new URL(route, ui.url));
      expect(response.status).toBe(422);
      return ((await response.json()) as { error: string }).error;
    };
    expect(await problemOf(`${idOf('mult')}/embedding`)).toMatch(/^mult keeps no unique and common parts apart/);
    expect(await problemOf(`${idOf('whole')}/samples/none`)).toBe('mosi has no sample "none"');
    expect(await problemOf(`${idOf('whole')}/predictions?split=train`)).toContain('not of train');
    const { lacking } = await get<RunDetail>(ui, idOf('folds/fold-1'));
    expect(Object.keys(lacking).toSorted()).toEqual(['embedding', 'robustness', 'transport']);
    // A sample of a fold is found in whatever split of the file it is.
    const { errors } = await get<RunPredictions>(ui, `${idOf('folds/fold-1')}/predictions`);
    const [{ id }] = errors as [RunPredictions['errors'][number]];
    expect(await get<SampleView>(ui, `${idOf('folds/fold-1')}/samples/${encodeURIComponent(id)}`)).toMatchObject({
      id,
    });
  });
});

test('a run whose data is elsewhere is shown on a file that --data names', async () => {
  mkdirSync(at('moved'));
  cpSync(at('runs/whole'), at('moved/run'), { recursive: true });
  const record = JSON.parse(readFileSync(at('moved/run/config.json'), 'utf8')) as { data: object };
  const gone = { ...record, data: { ...record.data, source: '/gone/mosi.pkl' } };
  writeFileSync(at('moved/run/config.json'), JSON.stringify(gone));
  const without = await serve(at('moved'));
  const { lacking, source } = await get<RunDetail>(without, idOf('run'));
  expect(source).toMatchObject({ file: 'mosi.pkl', missing: expect.stringContaining('--data FILE') as string });
  expect(Object.keys(lacking).toSorted()).toEqual(['embedding', 'robustness', 'samples', 'transport']);
  const ui = await serve(at('moved'), '--data', at('mosi.pkl'));
  expect((await get<RunDetail>(ui, idOf('run'))).lacking).toEqual({});
  const { errors } = await get<RunPredictions>(ui, `${idOf('run')}/predictions`);
  const sample = await get<SampleView>(ui, `${idOf('run')}/samples/${encodeURIComponent(errors[0]!.id)}`);
  expect(sample.error?.rank).toBe(1);
});

describe('a training under way', () => {
  test('appears, grows and finishes before the eyes of who looks', async () => {
    const directory = at('live');
    mkdirSync(directory);
    const ui = await serve(directory);
    const events = new Events(await fetch(new URL('/api/events?series=one', ui.url)));
    const training = decalign([
      'train',
      at('mosi.pkl'),
      ...tiny,
      '--epochs',
      '40',
      '--no-references',
      '--quiet',
      '--out',
      path.join(directory, 'one'),
    ]);
    let [epochs, parts]: [readonly number[], number] = [[], 0];
    const series = (async () => {
      while (epochs.length < 40) {
        const told = (await events.next('series')).data as RunSeries;
        epochs = [...epochs.slice(0, told.from), ...told.epochs];
        if (told.epochs.length > 0) parts++;
      }
    })();
    const { code, stderr } = await training;
    expect(code, stderr).toBe(0);
    await series;
    await events.close();
    expect(epochs).toEqual(Array.from({ length: 40 }, (_, n) => n + 1));
    expect(parts).toBeGreaterThan(0);
    // A list is of the last two seconds, and the last epoch is there before the result is.
    expect(await rowOf(ui, 'one', ({ status }) => status === 'finished')).toMatchObject({
      epochs: { done: 40, of: 40 },
    });
  });
});

describe('who is answered', () => {
  let ui: Ui;
  beforeAll(async () => {
    mkdirSync(at('guarded'));
    cpSync(at('runs/mult'), at('guarded/mult'), { recursive: true });
    writeFileSync(at('secret.txt'), 'a secret');
    symlinkSync(at('secret.txt'), at('guarded/mult/link.txt'));
    ui = await serve(at('guarded'));
  });

  test.each([
    '/api/runs/mult/files/../../secret.txt',
    '/api/runs/mult/files/..%2f..%2fsecret.txt',
    '/api/runs/mult/files/%2e%2e%2f%2e%2e%2fsecret.txt',
    '/api/runs/mult/files/link.txt',
    '/api/runs/..%2f/files/secret.txt',
    '/api/runs/%2e%2e/files/secret.txt',
    '/assets/../../../package.json',
    '/assets/..%2f..%2f..%2fpackage.json',
    '/assets/%2e%2e%2fpackage.json',
    '//etc/passwd',
    '/..%2f..%2f..%2f..%2fetc%2fpasswd',
  ])('%s is not there', async (route) => {
    const { status, text } = await raw(ui, route);
    expect(status).toBe(404);
    expect(text).not.toMatch(/a secret|root:|"version"/);
  });

  test('a name that was made to point here is not, and a page of another origin changes nothing', async () => {
    expect((await raw(ui, '/api/runs', { headers: { host: 'evil.example' } })).status).toBe(421);
    expect((await raw(ui, '/api/runs')).status).toBe(200);
    const { host } = new URL(ui.url);
    const put = (origin: string): Promise<{ readonly status: number }> =>
      raw(ui, '/api/notes/mult', { method: 'PUT', headers: { origin } });
    expect((await put('http://evil.example')).status).toBe(403);
    expect((await put(`http://${host}`)).status).toBe(400);
  });

  test('at an address that others reach, only who has the token', async () => {
    const open = await serve(at('guarded'), '--host', '0.0.0.0');
    const { port, hash } = new URL(open.url);
    const local = { url: `http://127.0.0.1:${port}/` };
    const token = decodeURIComponent(hash.replace('#token=', ''));
    expect(token).toMatch(/^[\w-]{32}$/);
    expect((await raw(local, '/api/runs')).status).toBe(401);
    expect((await raw(local, '/')).status).toBe(200);
    const session = (given: string): Promise<Response> =>
      fetch(new URL('/api/session', local.url), { method: 'POST', body: JSON.stringify({ token: given }) });
    expect((await session('wrong')).status).toBe(403);
    const [cookie] = (await session(token)).headers.get('set-cookie')!.split(';');
    expect((await get<RunList>(local, '/api/runs', { cookie: cookie! })).runs).toHaveLength(1);
  });
});

describe('the command', () => {
  test('says where it is in one line, and ends by Ctrl-C with 130', async () => {
    const ended = await decalign(['ui', runs, '--port', '0'], {
      onStart: (child) => child.stdout!.once('data', () => child.kill('SIGINT')),
    });
    expect(ended).toMatchObject({ code: 130, stderr: 'Stopped.\n' });
    expect(ended.stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\n$/);
  });

  test('makes the folder that runs are to be started in, and no other', async () => {
    const fresh = at('fresh', 'runs');
    const ui = await serve(fresh, '--allow-start', '--token', 'a-simple-token');
    const { runs: rows } = await get<RunList>(ui, '/api/runs', { authorization: 'Bearer a-simple-token' });
    expect(rows).toEqual([]);
    expect(readdirSync(fresh)).toEqual([]);
    expect(await here('ui', 'mosi.pkl', '--allow-start')).toMatchObject({
      ...{ code: 1, stderr: 'decalign: mosi.pkl is a file; name a folder with runs in it.\n' },
    });
    expect(await here('ui', 'other', '--allow-start', '--data', 'none.pkl')).toMatchObject({ code: 1 });
    expect(existsSync(at('other'))).toBe(false);
  });

  test('tells of a port in use in one line', async () => {
    const { url } = open[0]!;
    const { port } = new URL(url);
    const ended = await decalign(['ui', runs, '--port', port]);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toBe(
      `decalign: Cannot listen at 127.0.0.1: port ${port} is in use: name another by --port, or 0 for any that is free.\n`,
    );
  });

  test.each([
    [1, ['none'], 'none does not exist; name a folder with runs in it.'],
    [1, ['mosi.pkl'], 'mosi.pkl is a file; name a folder with runs in it.'],
    [1, ['mosi.pkl/x'], 'mosi.pkl/x does not exist; name a folder with runs in it.'],
    [
      1,
      ['mosi.pkl/x', '--allow-start'],
      'Cannot write mosi.pkl/x: a part of its path is a file, not a folder; choose another path (ENOTDIR).',
    ],
    [1, ['runs', '--data', 'none.pkl'], 'none.pkl does not exist; name a data file by --data.'],
    [2, ['runs', '--token', 'short'], '--token must have 8 characters or more; without it one is made.'],
  ])('with a wrong call ends with %i', async (code, args, message) => {
    expect(await here('ui', ...args)).toMatchObject({ code, stdout: '', stderr: `decalign: ${message}\n` });
  });

  test.each([
    ['a folder without a dataset', 'no-data', 'is a folder without a dataset.yaml'],
    ['a text', 'no-data.txt', 'is none of the files that are read'],
    ['an empty file', 'no-data.csv', 'is empty'],
  ])('refuses %s for data as train does', async (_, name, refusal) => {
    mkdirSync(at('no-data'), { recursive: true });
    writeFileSync(at('no-data.txt'), 'some words');
    writeFileSync(at('no-data.csv'), '');
    const ended = await here('ui', 'runs', '--data', 'mosi.pkl', '--data', name);
    expect(ended).toEqual(await here('train', name));
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(new RegExp(`^decalign: ${name}: ${refusal}.*\\.\n$`));
  });
});

test('a name is answered for that was allowed, and no other', async () => {
  const ui = await serve(runs, '--allow-host', 'gpu.example.org');
  const at = async (host: string): Promise<number> => (await raw(ui, '/api/runs', { headers: { host } })).status;
  expect(await at('gpu.example.org:4680')).toBe(200);
  expect(await at('evil.example.org')).toBe(421);
});

test('thousands of runs can be named at once', async () => {
  const ui = await serve(runs);
  const ids = ['old', ...Array.from({ length: 3000 }, (_, n) => `of-a-folder/with-a-name/seed-${n}`)];
  const query = ids.map((id) => `ids=${encodeURIComponent(id)}`).join('&');
  expect(await get(ui, `/api/export/runs.json?${query}`)).toMatchObject([{ run: 'old' }]);
});

test('two servers of one folder lose no note of each other', async () => {
  const folderOfTwo = at('two');
  const count = 10;
  for (let n = 0; n < 2 * count; n++) cpSync(at('runs/old'), path.join(folderOfTwo, `run-${n}`), { recursive: true });
  const servers = [await serve(folderOfTwo), await serve(folderOfTwo)];
  const put = async (n: number): Promise<number> => {
    const { url } = servers[n % 2]!;
    const body = JSON.stringify({ was: { tags: [], note: '' }, tags: [], note: `of run ${n}` });
    return (await fetch(new URL(`/api/notes/run-${n}`, url), { method: 'PUT', body })).status;
  };
  const all = Array.from({ length: 2 * count }, (_, n) => n);
  expect(await Promise.all(all.map(put))).toEqual(all.map(() => 200));
  const { runs: noted } = await get<Notes>(servers[1]!, '/api/notes');
  expect(noted).toEqual(Object.fromEntries(all.map((n) => [`run-${n}`, { tags: [], note: `of run ${n}` }])));
});

describe('with --allow-start', () => {
  let ui: Ui;
  let headers: Record<string, string>;
  const started = at('started');
  beforeAll(async () => {
    mkdirSync(started);
    ui = await serve(started, '--allow-start', '--data', at('mosi.pkl'), '--token', 'a-simple-token');
    headers = { authorization: 'Bearer a-simple-token' };
  });
  // Where a test fails, what it started goes on.
  afterAll(() => {
    for (const id of readdirSync(started))
      for (const pid of holdersOf(path.join(started, id)))
        try {
          process.kill(pid);
        } catch {
          // It has ended meanwhile.
        }
  });
  const post = (route: string, body: unknown): Promise<Response> =>
    fetch(new URL(route, ui.url), { method: 'POST', headers, body: JSON.stringify(body) });
  async function posted<T>(route: string, body: unknown): Promise<T> {
    const response = await post(route, body);
    const text = await response.text();
    expect(response.status, text).toBe(200);
    return JSON.parse(text) as T;
  }
  const values = {
    'model.width': '8',
    'model.heads': '2',
    'model.layers': '1',
    'train.threads': '1',
    'train.epochs': '1',
  };
  const request = { model: 'decalign', recipe: 'paper', data: 'mosi.pkl', seed: '3', values };
  /** The row of a run, when it is as `wanted` says. */
  const row = (id: string, wanted: (row: RunRow) => boolean): Promise<RunRow> => rowOf(ui, id, wanted, headers);

  test('nothing is told or done without the token', async () => {
    for (const route of ['/api/start', '/api/stop', '/api/resume'])
      expect((await fetch(new URL(route, ui.url), { method: 'POST', body: '{}' })).status).toBe(401);
    expect((await fetch(new URL('/api/form', ui.url))).status).toBe(401);
  });

  test('the form starts a run, which finishes as any other', async () => {
    const form = await get<StartForm>(ui, '/api/form?model=decalign&recipe=paper&data=mosi.pkl', headers);
    expect(form.data.map(({ name }) => name)).toEqual(['synthetic', 'digits', 'mosi.pkl']);
    const { id } = await posted<Started>('/api/start', { ...request, name: 'first' });
    expect(id).toBe('first');
    const finished = await row(id, ({ status }) => status === 'finished');
    expect(finished).toMatchObject({ seed: 3, model: 'decalign', own: true, epochs: { done: 1 } });
    const spoken = 'a second try, größer';
    expect(await posted<Started>('/api/start', { ...request, name: spoken })).toEqual({ id: spoken });
    await row(spoken, ({ status }) => status === 'finished');
    const usual = await posted<Started>('/api/start', request);
    expect(usual.id).toMatch(/^mosi-decalign-\d{8}-\d{6}$/);
    await row(usual.id, ({ status }) => status === 'finished');
  });

  test('what is wrong is told of its field, and nothing is begun', async () => {
    const response = await post('/api/start', {
      ...request,
      values: { ...values, 'train.epochs': 'many' },
      name: 'wrong',
    });
    expect(response.status).toBe(422);
    const { errors } = (await response.json()) as StartErrors;
    expect(errors).toEqual([{ key: 'train.epochs', message: 'must be a number, not "many".' }]);
    for (const wrong of [
      { ...request, data: 'none.pkl' },
      { ...request, data: '../mosi.pkl' },
      { ...request, name: 'first' },
      { ...request, name: '../out' },
      { ...request, name: '.hidden' },
      { ...request, seed: '-1' },
      // Folders of these names would hide all others.
      ...['seed-1', 'fold-2', 'config.json', 'checkpoint', 'node_modules'].map((name) => ({ ...request, name })),
      // What training itself refuses.
      { ...request, values: { ...values, 'model.heads': '3' }, name: 'odd' },
    ]) {
      const refused = await post('/api/start', wrong);
      expect(refused.status).toBe(422);
      expect(((await refused.json()) as { error: string }).error).not.toContain(folder);
    }
    for (const none of [{ ...request, seed: 3 }, {}]) expect((await post('/api/start', none)).status).toBe(400);
    expect(readdirSync(started).filter((name) => !name.startsWith('mosi-'))).toEqual([
      ...['a second try, größer', 'first'],
    ]);
  });

  test('a run is stopped with its checkpoint, goes on, and trains on when the server ends', async () => {
    const long = { ...values, 'train.epochs': '100000', 'train.patience': 'null' };
    const { id } = await posted<Started>('/api/start', { ...request, values: long, name: 'long' });
    await row(id, ({ status, epochs }) => status === 'running' && (epochs?.done ?? 0) > 0);
    expect((await post('/api/resume', { id })).status).toBe(422);
    // From two windows at once: it still ends with its checkpoint.
    await Promise.all([posted<Started>('/api/stop', { id }), post('/api/stop', { id })]);
    const stopped = await row(id, ({ status }) => status === 'interrupted');
    expect(stopped).not.toHaveProperty('problem');
    expect(existsSync(path.join(started, id, 'checkpoint/latest.safetensors'))).toBe(true);
    expect((await post('/api/stop', { id })).status).toBe(422);

    // Stopped before it hears of signals, it was still asked to end.
    await posted<Started>('/api/resume', { id });
    await posted<Started>('/api/stop', { id });
    await eventually(async () => (await post('/api/stop', { id })).status).toBe(422);
    const { runs: rows } = await get<RunList>(ui, '/api/runs', headers);
    expect(rows.find((each) => each.id === id)).not.toHaveProperty('problem');

    await posted<Started>('/api/resume', { id });
    const { done } = stopped.epochs!;
    await row(id, ({ status, epochs }) => status === 'running' && epochs!.done > done);
    const { environments } = await get<RunDetail>(ui, idOf(id), headers);
    expect(environments.length).toBeGreaterThanOrEqual(2);

    // It trained before, too: that is what may have been seen.
    const directory = path.join(started, id);
    await eventually(() => holdersOf(directory).length).toBe(1);
    await ui.close();
    const [pid] = holdersOf(directory);
    // A server of later did not start it, and so does not stop it.
    ui = await serve(started, '--allow-start', '--token', 'a-simple-token');
    const found = await row(id, ({ status }) => status === 'running');
    expect(found).not.toHaveProperty('own');
    expect((await post('/api/stop', { id })).status).toBe(422);
    // It stands still, and is looked at; killed then, it leaves all files as they were.
    process.kill(pid!, 'SIGSTOP');
    expect((await fetch(new URL('/api/runs/none', ui.url), { headers })).status).toBe(404);
    process.kill(pid!, 'SIGKILL');
    await row(id, ({ status }) => status === 'interrupted');
  });

  test('a run that fails says why', async () => {
    const data = save(at('soon.pkl'), tables());
    const other = await serve(started, '--allow-start', '--token', 'a-simple-token', '--data', data);
    ui = other;
    const long = { ...values, 'train.epochs': '100000', 'train.patience': 'null' };
    const { id } = await posted<Started>('/api/start', { ...request, data: 'soon.pkl', values: long, name: 'failing' });
    await row(id, ({ status, epochs }) => status === 'running' && (epochs?.done ?? 0) > 0);
    await posted<Started>('/api/stop', { id });
    await row(id, ({ status }) => status === 'interrupted');
    renameSync(data, `${data}.away`);
    await post('/api/resume', { id });
    const failed = await row(id, ({ problem }) => problem !== undefined);
    expect(failed.problem).toMatch(/^ended with an error: soon\.pkl: does not exist/);
  });
});
