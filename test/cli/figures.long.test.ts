/** Figures on the command line, of runs and of a benchmark that were really made. */
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { decalign, decalignHere, temporaryFolder, tiny, type Finished } from './decalign.ts';
import { save, tables } from './feature-file.ts';

const folder = temporaryFolder();
const at = (...names: string[]): string => path.join(folder, ...names);
const here = (...args: string[]): Promise<Finished> => decalignHere(args, { cwd: folder });
async function ok(...args: string[]): Promise<Finished> {
  const ended = await here(...args);
  expect(ended.code, ended.stderr).toBe(0);
  return ended;
}
/** Whether a file has a text; a picture is too long to be shown where it has not. */
const has = (file: string, text: string): boolean => readFileSync(at(file), 'utf8').includes(text);
const quick = [...tiny, '--no-references', '--quiet'];
const small = ['data.synthetic.samples=40', 'data.synthetic.seed=3'].flatMap((pair) => ['--set', pair]);

beforeAll(async () => {
  save(at('small.pkl'), tables());
  const train = (data: string, out: string, ...more: string[]): Promise<Finished> =>
    ok('train', data, ...quick, '--out', `runs/${out}`, ...more);
  await train('synthetic', 'paper', ...small, '--epochs', '2', '--seeds', '1,2', '--recipe', 'paper');
  await train('synthetic', 'decoupled', ...small, '--epochs', '2', '--recipe', 'decoupled');
  const mult = ['width=8', 'heads=2', 'layers=1'].flatMap((pair) => ['--set', `model.${pair}`]);
  await ok(
    'train',
    'small.pkl',
    '--model',
    'mult',
    ...mult,
    '--epochs',
    '1',
    '--no-references',
    '--quiet',
    '--out',
    'runs/mult',
  );
  await train('small.pkl', 'classes', '--epochs', '1', '--task', 'classification');
  const set = ['decalign:model.width=8', 'decalign:model.layers=1', 'decalign:model.heads=2'];
  const settings = [...small, ...set.flatMap((pair) => ['--set', pair])];
  const compared = ['benchmark', 'synthetic', '--models', 'ridge,majority,decalign', '--seeds', '1', '--epochs', '1'];
  // It starts processes of its own.
  const { code, stderr } = await decalign([...compared, ...settings, '--out', 'compared'], { cwd: folder });
  expect(code, stderr).toBe(0);
});

describe('figures of runs', () => {
  test('are all that they have the data for, in every format', async () => {
    const { stdout, stderr } = await ok(
      'figures',
      'runs/paper',
      'runs/decoupled',
      '--out',
      'all',
      '--format',
      'svg,png,pdf,json',
    );
    const made = ['curves', 'bubble', 'residuals', 'confusion', 'categories', 'significance', 'gap', 'decoupling'];
    const files = made.flatMap((name) => ['svg', 'png', 'pdf', 'json'].map((format) => `${name}.${format}`));
    expect(readdirSync(at('all')).sort()).toEqual(files.toSorted());
    expect(stdout.trim().split('\n')).toEqual(files.map((file) => path.join('all', file)));
    expect(stderr).toMatch(
      /^left out: calibration: there are no classes, and so no probabilities of them\.\nleft out: transport: none of the runs \(paper, decoupled\) solves for a transport plan: .*\nleft out: prototypes: none of the runs .*\nleft out: sensitivity: the runs differ in .*, and a heat map is of two\.\n$/,
    );
    expect(has('all/curves.svg', '<tspan dy="0.2em" font-size="75%">dec</tspan>')).toBe(true);
    for (const name of ['paper', 'decoupled']) expect(has('all/gap.svg', `>${name}<`)).toBe(true);
    expect(readFileSync(at('all/curves.png')).toString('latin1', 1, 4)).toBe('PNG');
    expect(readFileSync(at('all/curves.pdf')).toString('latin1', 0, 5)).toBe('%PDF-');
    expect(JSON.parse(readFileSync(at('all/curves.json'), 'utf8'))).toHaveProperty('$schema');
  });

  test('are the same bytes from another process', async () => {
    const args = ['figures', 'runs/paper', 'runs/decoupled', '--only', 'curves,gap', '--format', 'svg,png,pdf'];
    const { code, stderr } = await decalign([...args, '--out', 'again'], { cwd: folder });
    expect(code, stderr).toBe(0);
    for (const file of readdirSync(at('again')))
      expect(readFileSync(at('again', file)).equals(readFileSync(at('all', file)))).toBe(true);
  });

  test('show what the runs kept: each metric of the compared runs, and the counts of all seeds', async () => {
    await ok('figures', 'runs/paper', '--only', 'residuals,confusion', '--out', 'kept', '--format', 'svg,json');
    const lines = ['seed-1', 'seed-2'].flatMap((seed) =>
      readFileSync(at('runs/paper', seed, 'predictions.jsonl'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { split: string; label: number; prediction: number })
        .filter(({ split }) => split === 'test'),
    );
    const error = lines.reduce((sum, { label, prediction }) => sum + Math.abs(label - prediction), 0) / lines.length;
    expect(readFileSync(at('kept/residuals.svg'), 'utf8')).toContain(`MAE ${error.toFixed(2)}, Corr`);
    const counts = [...readFileSync(at('kept/confusion.json'), 'utf8').matchAll(/"count": (\d+)/g)].map(([, n]) =>
      Number(n),
    );
    expect(counts.reduce((sum, n) => sum + n, 0)).toBe(lines.length);
  });

  test('of classes: calibration', async () => {
    await ok('figures', 'runs/classes', '--only', 'calibration,confusion,curves', '--out', 'classes');
    expect(readFileSync(at('classes/calibration.svg'), 'utf8')).toMatch(/ECE 0\.\d{3}/);
  });

  test('of a run for each pair of values of two keys: sensitivity', async () => {
    const runs = ['0.001', '0.01'].flatMap((rate) => ['8', '16'].map((size) => [rate, size] as const));
    for (const [rate, size] of runs)
      await ok(
        'train',
        'small.pkl',
        ...quick,
        '--epochs',
        '1',
        '--set',
        `train.learningRate=${rate}`,
        '--set',
        `train.batchSize=${size}`,
        '--out',
        `grid/${rate}-${size}`,
      );
    await ok(
      'figures',
      ...runs.map((pair) => `grid/${pair.join('-')}`),
      '--only',
      'sensitivity',
      '--out',
      'sensitivity',
    );
    for (const text of ['train.learningRate', 'train.batchSize', '>0.001<', '>16<'])
      expect(has('sensitivity/sensitivity.svg', text)).toBe(true);
    for (const pair of runs) {
      const { valid } = JSON.parse(readFileSync(at('grid', pair.join('-'), 'result.json'), 'utf8')) as {
        valid: { mae: number };
      };
      expect(has('sensitivity/sensitivity.svg', `>${valid.mae.toFixed(3)}<`)).toBe(true);
    }
  });

  test('of robustness: by name alone, from the metric of the test split on', async () => {
    await ok('figures', 'runs/decoupled', '--only', 'robustness', '--out', 'robust', '--format', 'svg,json');
    const {
      test: { mae },
    } = JSON.parse(readFileSync(at('runs/decoupled/result.json'), 'utf8')) as { test: { mae: number } };
    const points = [...readFileSync(at('robust/robustness.json'), 'utf8').matchAll(/"rate": 0,\s*"mean": ([\d.]+)/g)];
    expect(points).toHaveLength(6);
    for (const [, mean] of points) expect(Number(mean)).toBeCloseTo(mae, 6);
  });

  test('on other data: models are used anew', async () => {
    await ok('figures', 'runs/mult', '--only', 'residuals', '--data', 'small.pkl', '--out', 'anew');
    await ok('figures', 'runs/mult', '--only', 'residuals', '--out', 'as-kept');
    expect(readFileSync(at('anew/residuals.svg'), 'utf8')).toBe(readFileSync(at('as-kept/residuals.svg'), 'utf8'));
  });
});

test('letters that the font lacks are told in one warning, where they are missing', async () => {
  cpSync(at('runs/mult'), at('runs/感情'), { recursive: true });
  const asked = ['figures', 'runs/感情', 'runs/mult', '--only', 'residuals'];
  const { stderr } = await ok(...asked, '--format', 'pdf,svg', '--out', 'letters');
  expect(stderr).toBe(
    'warning: the font of figures lacks 2 letters of their texts (感 情): PDF has boxes in their place.\n',
  );
  expect((await ok(...asked, '--out', 'letters')).stderr).toBe('');
});

test('a benchmark has those of its table and of its runs, wherever its folder is', async () => {
  cpSync(at('compared'), at('moved'), { recursive: true });
  rmSync(at('compared'), { recursive: true });
  const { stdout } = await ok('figures', 'moved', '--out', 'benchmark');
  expect(readdirSync(at('benchmark')).sort()).toEqual(
    [
      ...['bubble', 'categories', 'confusion', 'curves', 'decoupling', 'gap', 'prototypes', 'residuals'],
      ...['significance', 'transport'],
    ].map((name) => `${name}.svg`),
  );
  expect(stdout.split('\n').length).toBe(11);
  const picture = readFileSync(at('benchmark/significance.svg'), 'utf8');
  expect(picture).toContain('DecAlign less each other model');
  expect(picture).toContain('>Ridge<');
  expect(picture).not.toContain('>Majority / median<');
});

describe('what cannot be made is told in one line, and nothing is written', () => {
  const refused = async (code: number, message: string | RegExp, ...args: string[]): Promise<void> => {
    const ended = await here('figures', ...args, '--out', 'none');
    expect(ended.code).toBe(code);
    expect(ended.stdout).toBe('');
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
    expect(existsSync(at('none'))).toBe(false);
  };

  test('a folder that is no run, none at all, a file', async () => {
    mkdirSync(at('empty'), { recursive: true });
    await refused(1, /^decalign: empty is no run directory/, 'empty');
    await refused(1, /^decalign: nowhere does not exist; name a run/, 'nowhere');
    await refused(1, /^decalign: small.pkl is a file; name the directory/, 'small.pkl');
  });

  test('a figure of another name, with what was meant', async () => {
    await refused(
      2,
      /There is no figure "confuson"\. Did you mean "confusion"\? There are: curves, /,
      'runs/mult',
      '--only',
      'confuson',
    );
    await refused(2, /There is no format "gif"/, 'runs/mult', '--format', 'gif');
  });

  test('a folder that cannot be made', async () => {
    const { code, stderr } = await here('figures', 'runs/mult', '--only', 'curves', '--out', 'small.pkl/figures');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^decalign: Cannot write small.pkl\/figures: a part of its path is a file, not a folder/);
  });

  test('one model, no classes, no parts', async () => {
    await refused(1, /The figure bubble cannot be made: there is one model alone/, 'runs/mult', '--only', 'bubble');
    await refused(1, /calibration cannot be made: there are no classes/, 'runs/mult', '--only', 'calibration');
    await refused(
      1,
      /decoupling cannot be made: MulT keeps no unique and common parts/,
      'runs/mult',
      '--only',
      'decoupling',
    );
    await refused(
      1,
      /gap cannot be made: there is no modality "smell" among/,
      'runs/paper',
      '--only',
      'gap',
      '--modalities',
      'text,smell',
    );
  });

  test('a benchmark beside a run', async () => {
    await refused(
      1,
      /moved is a folder of many runs \(a benchmark, an ablation or a sweep\), which figures are made of alone/,
      'runs/mult',
      'moved',
    );
  });

  test('a run that has not finished, and one without its metrics', async () => {
    cpSync(at('runs/mult'), at('unfinished'), { recursive: true });
    rmSync(at('unfinished/result.json'));
    await refused(1, /unfinished is interrupted/, 'unfinished');
    cpSync(at('runs/mult'), at('partial'), { recursive: true });
    rmSync(at('partial/metrics.jsonl'));
    await refused(1, /MulT has no metrics.jsonl/, 'partial', '--only', 'curves');
  });

  test('labels of one class alone', async () => {
    cpSync(at('runs/classes'), at('alike'), { recursive: true });
    const kept = readFileSync(at('alike/predictions.jsonl'), 'utf8');
    const name = /"label":"([^"]*)"/.exec(kept)![1]!;
    const lines = kept.replaceAll(/"label":"[^"]*"/g, `"label":"${name}"`);
    writeFileSync(at('alike/predictions.jsonl'), lines);
    await refused(1, /confusion cannot be made: all test samples are of one class/, 'alike', '--only', 'confusion');
  });

  test('packages that are not installed, each with its version', async () => {
    const without = `import Module from 'node:module';
      const resolve = Module._resolveFilename;
      Module._resolveFilename = function (name, ...rest) {
        if (['vega', 'pdfkit'].includes(name)) throw Object.assign(new Error(name), { code: 'MODULE_NOT_FOUND' });
        return resolve.call(this, name, ...rest);
      };`;
    writeFileSync(at('without.mjs'), without);
    const call = (format: string): Promise<Finished> =>
      decalign(['figures', 'runs/mult', '--format', format, '--out', 'none'], {
        cwd: folder,
        env: { NODE_OPTIONS: `--import ${at('without.mjs')}` },
      });
    const { code, stderr } = await call('pdf,svg');
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^decalign: Figures as pdf, svg are drawn by packages that are not installed: npm install vega@6\.\d+\.\d+ pdfkit@0\.\d+\.\d+\n$/,
    );
    expect(existsSync(at('none'))).toBe(false);
  });
});
