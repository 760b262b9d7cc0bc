/** A model of one's own under several seeds, on folds, and beside others in a benchmark. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { compiled, filesIn } from '../compiled.ts';
import { at, call, fill, folder, jsonIn, own, printed, quick, refusal } from './own-model-folder.ts';

beforeAll(fill);

test('may have settings, a recipe, seeds and folds', async () => {
  const more = ['--recipe', 'unbalanced', '--set', 'model.width=4', '--seeds', '1,2'];
  await printed('train', 'small.pkl', ...own, ...quick, ...more, '--out', 'seeds', '--json');
  expect(jsonIn('seeds', 'seed-2', 'config.json')['config']).toMatchObject({ model: { width: 4, balance: 0 } });
  expect(await printed('train', 'small.pkl', ...own, ...quick, '--dry-run')).toContain('name: gated-fusion');
  // Folds keep the clips of a video together; of single samples they part them, which is told once.
  await printed('train', 'small.pkl', ...own, ...quick, '--folds', '3', '--out', 'folds', '--json');
  const single = await call('train', 'small.pkl', ...own, ...quick, '--folds', '3', '--group', 'none', '--json');
  expect([single.code, single.stderr]).toEqual([0, expect.stringMatching(/^warning: 3 groups, such as a video.*\n$/)]);
  expect(jsonIn('folds', 'result.json')).toMatchObject({ pooled: { mae: expect.any(Number) as number } });
});

test('a benchmark takes files among the names, each recipe a row that is titled by its model', async () => {
  const entries = ['ridge', 'muta-net', './mine/gated-fusion.js', './mine/gated-fusion.js@unbalanced'].join(',');
  const settings = [
    './mine/gated-fusion.js:model.width=4',
    'gated-fusion@unbalanced:model.width=6',
    'muta-net:model.width=8',
  ];
  const sets = settings.flatMap((pair) => ['--set', pair]);
  const once = [
    'benchmark',
    'small.pkl',
    '--models',
    entries,
    ...sets,
    '--seeds',
    '1',
    '--epochs',
    '1',
    '--jobs',
    '2',
    '--quiet',
  ];
  const { data } = JSON.parse(await printed(...once, '--out', 'compared', '--json')) as Compared;
  expect(data[0]!.rows.map(({ model, title, status }) => [model, title, status])).toEqual([
    ['ridge', 'Ridge', 'done'],
    ['muta-net', 'MUTA-Net', 'done'],
    ['gated-fusion@unbalanced', 'Gated fusion (unbalanced)', 'done'],
    ['gated-fusion', 'Gated fusion', 'done'],
  ]);
  const [, , unbalanced, usual] = data[0]!.rows;
  expect(jsonIn(usual!.runs[0]!.run, 'config.json')).toMatchObject({ config: { model: { width: 4, balance: 0.1 } } });
  expect(jsonIn(unbalanced!.runs[0]!.run, 'config.json')).toMatchObject({
    config: { model: { width: 6, balance: 0 } },
  });
  expect(jsonIn('compared/benchmark.json')).toMatchObject({
    entries: [{}, {}, { own: { file: './mine/gated-fusion.js', code: { file: 'gated-fusion.js' } } }, {}],
  });

  // What is done is kept; a model whose code has changed is trained again.
  const table = await printed(...once, '--out', 'compared', '--resume');
  expect(table).toMatch(/\nGated fusion \(unbalanced\) +\d/);
  cpSync(at('mine'), at('before'), { recursive: true });
  appendFileSync(at('mine/gated-sum.js'), '\n');
  const { data: after } = JSON.parse(await printed(...once, '--out', 'compared', '--resume', '--json')) as Compared;
  const runs = (rows: Compared['data'][number]['rows']): string[] =>
    rows.flatMap((row) => row.runs.map(({ run }) => run));
  expect(runs(after[0]!.rows).slice(0, 2)).toEqual(runs(data[0]!.rows).slice(0, 2));
  for (const run of runs(after[0]!.rows).slice(2)) expect(runs(data[0]!.rows)).not.toContain(run);
  cpSync(at('before'), at('mine'), { recursive: true });
});

interface Compared {
  readonly data: readonly {
    readonly rows: readonly {
      readonly model: string;
      readonly title: string;
      readonly status: string;
      readonly runs: readonly { readonly run: string }[];
    }[];
  }[];
}

test('a job refuses code that is not what its benchmark was started with', () => {
  const [job] = filesIn(at('compared/runs')).filter((file) => /gated-fusion-.*config\.json$/.test(file));
  const { config, code } = jsonIn('compared/runs', job!) as { config: object; code: object };
  const own = { file: './mine/gated-fusion.js', code: { ...code, sha256: '0'.repeat(64) } };
  const asked = { ...config, directory: 'never', source: 'small.pkl', seed: 1, config, own };
  const module = path.resolve(compiled(), '../../experiments/benchmark/job.js');
  const driver = `
    import { runJob } from ${JSON.stringify(module)};
    await runJob(${JSON.stringify(asked)}).catch((error) => process.stdout.write(error.message));
  `;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', driver], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(stdout).toMatch(
    /^\.\/mine\/gated-fusion\.js is not as it was when the benchmark was started: "gated-fusion\.js" has changed since; start it again with --resume\.$/,
  );
  expect(existsSync(at('never'))).toBe(false);
});

test('names in a benchmark are told apart', async () => {
  cpSync(at('mine'), at('second'), { recursive: true });
  const twice = './mine/gated-fusion.js,./second/gated-fusion.js';
  expect(await refusal(2, 'benchmark', 'small.pkl', '--models', twice)).toContain(
    'both called "gated-fusion"; rename one',
  );
  const unknown = ['--models', './mine/gated-fusion.js@smal'];
  expect(await refusal(2, 'benchmark', 'small.pkl', ...unknown)).toMatch(/unknown recipe "smal" of gated-fusion/);
  const other = ['--models', './mine/gated-fusion.js', '--set', './second/gated-fusion.js:model.width=3'];
  expect(await refusal(2, 'benchmark', 'small.pkl', ...other)).toMatch(
    /no model "\.\/second\/gated-fusion\.js" takes part; /,
  );
});
