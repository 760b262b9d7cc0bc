/** Reports on the command line, of runs that were really made, and as a browser shows them. */
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { chromiumPath, launchChromium } from '../browser/browser.ts';
import { decalign, decalignHere, temporaryFolder, tiny, type Finished } from './decalign.ts';
import { save, tables } from './feature-file.ts';

const folder = temporaryFolder();
const at = (...names: string[]): string => path.join(folder, ...names);
/** Whether a file has a text; a page is too long to be shown where it has not. */
const has = (file: string, text: string): boolean => read(file).includes(text);
const read = (...names: string[]): string => readFileSync(at(...names), 'utf8');
const here = (...args: string[]): Promise<Finished> => decalignHere(args, { cwd: folder });
async function ok(...args: string[]): Promise<Finished> {
  const ended = await here(...args);
  expect(ended.code, ended.stderr).toBe(0);
  return ended;
}
const small = ['data.synthetic.samples=40', 'data.synthetic.seed=3'].flatMap((pair) => ['--set', pair]);
const quick = [...tiny, '--quiet'];

/** A text that would be a script, a picture and an end of a comment, were it taken for HTML, and a table's border in Markdown. */
const hostile = `<script>alert(1)</script><img src=x onerror='alert(2)'>"--> | \`*`;

beforeAll(async () => {
  const made = tables();
  for (const table of Object.values(made)) table['raw_text'] = table['id']!.map((id) => `words of ${id as string}`);
  save(at('small.pkl'), made);
  await ok('train', 'synthetic', ...quick, ...small, '--epochs', '2', '--seeds', '1,2,3', '--out', 'runs/paper');
  // A process of its own, since a run keeps the command of its process.
  const classes = ['--epochs', '1', '--task', 'classification', '--out', 'runs/classes'];
  const { code, stderr } = await decalign(['train', at('small.pkl'), ...quick, ...classes], { cwd: folder });
  expect(code, stderr).toBe(0);
  await ok(
    'train',
    'synthetic',
    ...quick,
    ...small,
    '--epochs',
    '1',
    '--set',
    'train.learningRate=0.003',
    '--out',
    'runs/wide',
  );
  await ok('train', 'small.pkl', ...quick, '--epochs', '1', '--folds', '3', '--out', 'runs/folds');
  // The newest of all, and the one whose names are not to be trusted.
  cpSync(at('runs/classes'), at('runs', 'hostile <b>'), { recursive: true });
  const predictions = read('runs/classes/predictions.jsonl')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: string; split: string });
  for (const each of predictions) each.id = `${each.id} ${hostile}`;
  writeFileSync(
    at('runs/hostile <b>/predictions.jsonl'),
    predictions.map((each) => `${JSON.stringify(each)}\n`).join(''),
  );
  writeFileSync(
    at('runs/hostile <b>/warnings.jsonl'),
    `${JSON.stringify({ kind: 'data', message: `Of "${predictions[0]!.id}" in /home/eve/x.pkl: ${hostile}` })}\n`,
  );
});

describe('a report', () => {
  test('is a page, a card and a table of all metrics, which agree with what training recorded', async () => {
    const { stdout, stderr } = await ok('report', 'runs/paper', 'runs/wide', '--out', 'made/page.html');
    const files = ['page.html', 'README.md', 'metrics.csv'];
    expect(stdout.trim().split('\n')).toEqual(files.map((file) => path.join('made', file)));
    expect(readdirSync(at('made')).sort()).toEqual(files.toSorted());
    expect(stderr).toBe('');
    const { mean, std } = JSON.parse(read('runs/paper/result.json')) as Record<
      'mean' | 'std',
      { test: { mae: number } }
    >;
    const page = read('made/page.html');
    expect(page.includes(`${mean.test.mae.toFixed(3)} ± ${std.test.mae.toFixed(3)}`)).toBe(true);
    expect(page.includes('<code>train.learningRate</code>')).toBe(true);
    expect(page.includes('<code>train.batchSize</code>')).toBe(false);
    // D of each seed as training measured it, whose mean the table has.
    const scores = [1, 2, 3].map(
      (seed) =>
        (JSON.parse(read(`runs/paper/seed-${seed}/result.json`)) as { decoupling: { score: number } }).decoupling.score,
    );
    const score = scores.reduce((sum, each) => sum + each, 0) / 3;
    expect(page).toMatch(new RegExp(`D\u00a0↑[^]*${score.toFixed(3)} ± `));
    for (const title of ['Training', 'Predictions against labels', 'Confusion'])
      expect(new RegExp(`<title id="part-1-[a-z]+-title">${title}</title>`).test(page)).toBe(true);
    const lines = read('made/metrics.csv').trim().split('\n');
    expect(lines[0]).toBe('run,model,data,seed,fold,split,metric,value');
    const errors = lines.filter((line) => line.startsWith('paper,DecAlign,synthetic,') && line.includes(',test,mae,'));
    expect(errors.map((line) => line.split(',')[3])).toEqual(['1', '2', '3']);
    expect(errors.reduce((sum, line) => sum + Number(line.split(',').at(-1)), 0) / 3).toBeCloseTo(mean.test.mae, 9);
    expect(lines.some((line) => line.startsWith('ridge,'))).toBe(true);
  });

  test('has a card with metadata as Hugging Face has them', () => {
    const [, yaml = ''] = /^---\n([^]*?)\n---\n/.exec(read('made/README.md'))!;
    const card = parse(yaml) as Record<string, unknown>;
    const { mean } = JSON.parse(read('runs/paper/result.json')) as { mean: { test: { mae: number } } };
    expect(card).toMatchObject({
      library_name: 'decalign',
      'model-index': [
        {
          name: 'paper',
          results: [
            {
              task: { type: 'multimodal-regression' },
              dataset: { type: 'synthetic', name: 'synthetic', split: 'test' },
              metrics: expect.arrayContaining([
                { type: 'mae', name: 'MAE, mean of 3 seeds', value: Number(mean.test.mae.toFixed(6)) },
              ]) as unknown,
            },
          ],
        },
        { name: 'wide' },
      ],
    });
    expect(has('made/README.md', '[The whole report](page.html)')).toBe(true);
  });

  test('has the same bytes each time, and replaces itself', async () => {
    const before = ['page.html', 'README.md', 'metrics.csv'].map((file) => read('made', file));
    await ok('report', 'runs/paper', 'runs/wide', '--out', 'made/page.html');
    expect(['page.html', 'README.md', 'metrics.csv'].map((file) => read('made', file))).toEqual(before);
  });

  test('is made at the end of training where that is asked for, of one run and of several', async () => {
    const files = ['page.html', 'README.md', 'metrics.csv'].map((file) => path.join('trained', file));
    const asked = [...quick, ...small, '--epochs', '1', '--report', 'trained/page.html'];
    const { stdout } = await ok('train', 'synthetic', ...asked, '--out', 'runs/reported', '--seeds', '1,2');
    // The last line of all says how to see the runs in a browser.
    expect(stdout.trim().split('\n').slice(-4, -1)).toEqual(files);
    expect(has('trained/page.html', '<h1>')).toBe(true);
    expect(read('trained/metrics.csv')).toMatch(/^DecAlign,DecAlign,synthetic,2,/m);
    const { stdout: json } = await ok('train', 'synthetic', ...asked, '--out', 'runs/told', '--json');
    expect(JSON.parse(json)).toHaveProperty('test.mae');
    expect(read('trained/metrics.csv')).not.toMatch(/^DecAlign,DecAlign,synthetic,2,/m);
    for (const run of ['reported', 'told']) rmSync(at('runs', run), { recursive: true });
  });

  test('that cannot be written is refused before anything is trained', async () => {
    const { code, stderr } = await here('train', 'synthetic', '--report', 'runs/page.txt', '--out', 'runs/never');
    expect(code).toBe(1);
    expect(stderr).toContain('runs/page.txt is no name for a page');
    expect(existsSync(at('runs/never'))).toBe(false);
    const dry = await here('train', 'synthetic', '--report', 'page.html', '--dry-run');
    expect(dry.code).toBe(2);
  });

  test('lists the largest errors first, with what went into the model', async () => {
    await ok('report', 'runs/wide', '--out', 'one/report.html');
    const lines = read('runs/wide/predictions.jsonl')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { split: string; id: string; label: number; prediction: number })
      .filter(({ split }) => split === 'test');
    const worst = lines.toSorted((a, b) => Math.abs(b.label - b.prediction) - Math.abs(a.label - a.prediction));
    const page = read('one/report.html');
    const errors = page.slice(page.indexOf('id="errors"'), page.indexOf('id="warnings"'));
    const ids = [...errors.matchAll(/<th scope="row"><bdi>([^<]*)<\/bdi>/g)].map(([, id]) => id);
    expect(ids).toEqual(worst.slice(0, 20).map(({ id }) => id));
    expect(errors).toMatch(/\d+ of 12 steps, size \d/);
  });

  test('of folds scores them together', async () => {
    await ok('report', 'runs/folds', '--out', 'folds/report.html');
    const { pooled } = JSON.parse(read('runs/folds/result.json')) as { pooled: { mae: number } };
    expect(has('folds/report.html', `: MAE ${pooled.mae.toFixed(3)}`)).toBe(true);
    expect(has('folds/report.html', 'all folds are scored together')).toBe(true);
  });

  test('of seeds of which one has not finished leaves it out and says so', async () => {
    cpSync(at('runs/paper'), at('partly'), { recursive: true });
    rmSync(at('partly/seed-2/result.json'));
    const { stderr } = await ok('report', 'partly', '--out', 'left/report.html');
    expect(stderr).toMatch(/^warning: .*seed-2 is interrupted and is left out\.\n$/);
    expect(has('left/report.html', 'seed-2 is interrupted and is left out.')).toBe(true);
    expect(has('left/metrics.csv', ',2,,test,')).toBe(false);
  });

  test('of no run that is named is of the one that was started last', async () => {
    mkdirSync(at('elsewhere/runs'), { recursive: true });
    cpSync(at('runs/wide'), at('elsewhere/runs/wide'), { recursive: true });
    const { code, stdout } = await decalignHere(['report'], { cwd: at('elsewhere') });
    expect(code).toBe(0);
    expect(stdout.split('\n')[0]).toBe(path.join('report', 'report.html'));
    const none = await decalignHere(['report'], { cwd: at('made') });
    expect([none.code, none.stderr]).toEqual([
      2,
      'decalign: There is no finished run below runs/: name the directory of one.\n',
    ]);
  });

  test('of twenty runs is at most 2 MB', async () => {
    const runs = Array.from({ length: 20 }, (_, n) => {
      cpSync(at('runs/paper', `seed-${(n % 3) + 1}`), at('many', `run-${n}`), { recursive: true });
      return `many/run-${n}`;
    });
    await ok('report', ...runs, '--out', 'twenty/report.html');
    expect(Buffer.byteLength(read('twenty/report.html'))).toBeLessThan(2e6);
  });
});

describe('what is shared', () => {
  test('names no path and no user, and no sentence unless it is asked for', async () => {
    await ok('report', at('runs/classes'), '--out', 'shared/report.html');
    for (const file of readdirSync(at('shared'))) {
      const content = read('shared', file);
      for (const text of [folder, `/${userInfo().username}/`, 'words of '])
        expect(content.includes(text), text).toBe(false);
    }
    expect(has('shared/report.html', 'decalign train small.pkl')).toBe(true);
    await ok('report', at('runs/classes'), '--out', 'spoken/report.html', '--include-text');
    expect(has('spoken/report.html', '<bdi>words of clip3$_$0</bdi>')).toBe(true);
  });

  test('has no id where it is to be anonymous, in no file', async () => {
    await ok('report', 'runs/hostile <b>', '--out', 'anonymous/report.html', '--anonymous');
    const ids = read('runs/classes/predictions.jsonl')
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { id: string }).id);
    expect(ids.length).toBeGreaterThan(5);
    for (const file of readdirSync(at('anonymous')))
      expect(ids.filter((id) => new RegExp(`\\b${id}\\b`).test(read('anonymous', file)))).toEqual([]);
    expect(has('anonymous/report.html', '<bdi>sample 1</bdi>')).toBe(true);
  });

  test('is not both anonymous and with texts', async () => {
    const { code, stderr } = await here('report', 'runs/wide', '--anonymous', '--include-text', '--out', 'no/r.html');
    expect([code, stderr.trim().split('\n').length, existsSync(at('no'))]).toEqual([2, 1, false]);
  });
});

describe('what cannot be made is told in one line, and nothing is written', () => {
  const refused = async (message: RegExp, ...args: string[]): Promise<void> => {
    const before = readdirSync(folder, { recursive: true }).length;
    const ended = await here('report', ...args);
    expect(ended.code).toBe(1);
    expect(ended.stdout).toBe('');
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
    expect(readdirSync(folder, { recursive: true })).toHaveLength(before);
  };

  test('a folder that is no run, a file, a run that is not there', async () => {
    mkdirSync(at('empty'));
    await refused(/^decalign: empty is no run directory/, 'empty', '--out', 'none/report.html');
    await refused(/^decalign: small\.pkl is a file/, 'small.pkl', '--out', 'none/report.html');
    await refused(/^decalign: nowhere does not exist/, 'nowhere', '--out', 'none/report.html');
  });

  test('a run that has begun, and seeds of which none has finished', async () => {
    cpSync(at('runs/wide'), at('begun'), { recursive: true });
    rmSync(at('begun/result.json'));
    await refused(/^decalign: begun is interrupted/, 'begun', '--out', 'none/report.html');
    cpSync(at('runs/paper'), at('failed'), { recursive: true });
    for (const seed of [1, 2, 3]) rmSync(at('failed', `seed-${seed}`, 'result.json'));
    await refused(/^decalign: .*seed-1 is interrupted/, 'failed', '--out', 'none/report.html');
  });

  test('a damaged result, and damaged warnings', async () => {
    cpSync(at('runs/wide'), at('damaged'), { recursive: true });
    writeFileSync(at('damaged/warnings.jsonl'), '{"kind":');
    await refused(/warnings\.jsonl, line 1: this is no warning of a run/, 'damaged', '--out', 'none/report.html');
    rmSync(at('damaged/warnings.jsonl'));
    writeFileSync(at('damaged/result.json'), '{"valid":{}}');
    await refused(/result\.json is no result of a run/, 'damaged', '--out', 'none/report.html');
  });

  test('a page where another file is, in a folder with a README of another making, or in none', async () => {
    mkdirSync(at('project'));
    writeFileSync(at('project/README.md'), '# Mine\n');
    writeFileSync(at('project/index.html'), '<p>Mine');
    await refused(/README\.md is there and was not made by decalign report/, 'runs/wide', '--out', 'project/new.html');
    await refused(/index\.html is there and was not made by/, 'runs/wide', '--out', 'project/index.html');
    expect(read('project/README.md')).toBe('# Mine\n');
    await refused(/^decalign: project is no name for a page/, 'runs/wide', '--out', 'project');
    await refused(/a part of its path is a file, not a folder/, 'runs/wide', '--out', 'small.pkl/a/report.html');
  });
});

test('without the packages that draw, there is a report without figures, which says what to install', async () => {
  const without = `import Module from 'node:module';
    const resolve = Module._resolveFilename;
    Module._resolveFilename = function (name, ...rest) {
      if (name === 'vega') throw Object.assign(new Error(name), { code: 'MODULE_NOT_FOUND' });
      return resolve.call(this, name, ...rest);
    };`;
  writeFileSync(at('without.mjs'), without);
  const { code, stderr } = await decalign(['report', 'runs/wide', '--out', 'plain/report.html'], {
    cwd: folder,
    env: { NODE_OPTIONS: `--import ${at('without.mjs')}` },
  });
  expect(code, stderr).toBe(0);
  expect(stderr).toMatch(/^warning: There are no figures in the report: .*npm install vega@[\d.]+\.\n$/);
  expect(has('plain/report.html', '<svg')).toBe(false);
  expect(read('plain/report.html')).toMatch(/There are no figures here: .*npm install vega@/);
});

// Machines of developers may have no browser; where tests run for all, there is one.
describe.skipIf(chromiumPath === undefined && !process.env['CI'])('in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
    await ok('report', 'runs/hostile <b>', '--out', 'hostile/report.html');
    await ok('report', 'runs/paper', 'runs/wide', '--out', 'made/page.html');
  });
  afterAll(() => browser.close());

  const pages = ['made/page.html', 'hostile/report.html'];
  const looks = pages.flatMap((file) =>
    [1280, 375].flatMap((width) => (['light', 'dark'] as const).map((colorScheme) => ({ file, width, colorScheme }))),
  );

  test.each(looks)(
    '$file at $width, $colorScheme: one request, no message, accessible, as wide as its window',
    async (look) => {
      const { file, width, colorScheme } = look;
      // The page forbids scripts, that of the checker too.
      const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme, bypassCSP: true });
      const page = await context.newPage();
      const [requests, said] = [[], []] as [string[], string[]];
      page.on('request', (request) => requests.push(request.url()));
      page.on('console', (message) => said.push(message.text()));
      page.on('pageerror', (error) => said.push(error.message));
      page.on('dialog', (dialog) => said.push(dialog.message()));
      const url = pathToFileURL(at(file)).href;
      await page.goto(url);
      expect(requests).toEqual([url]);
      expect(said).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate<{
        violations: readonly { id: string; nodes: readonly { html: string }[] }[];
      }>('axe.run()');
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`)).toEqual([]);
      await context.close();
    },
  );

  test('a hostile name is a text: there is no script and no picture of it, and it is read as it is', async () => {
    const page = await browser.newPage();
    await page.goto(pathToFileURL(at('hostile/report.html')).href);
    expect(await page.evaluate('document.querySelectorAll("script, img, iframe, object").length')).toBe(0);
    expect(await page.evaluate('document.body.textContent')).toContain(hostile);
    expect(await page.evaluate('document.body.textContent')).not.toContain('/home/eve');
    await page.close();
  });

  test('texts of figures fill the widths that they were placed by, and leave no frame', async () => {
    const page = await browser.newPage();
    await page.goto(pathToFileURL(at('made/page.html')).href);
    const left = await page.evaluate<string[]>(`[...document.querySelectorAll('.paper svg')].flatMap((svg) => {
      const frame = svg.getBoundingClientRect();
      return [...svg.querySelectorAll('text')].flatMap((text) => {
        const { left, right } = text.getBoundingClientRect();
        return left < frame.left - 1 || right > frame.right + 1 ? [text.textContent] : [];
      });
    })`);
    expect(left).toEqual([]);
    await page.close();
  });
});
