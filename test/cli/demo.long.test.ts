/** The page that `export --demo` makes: what is in it, what is not, and what it says where it cannot be made. */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openExport } from '../../src/deploy/node.ts';
import { blockOf, contentOf } from '../demo.ts';
import { decalign, decalignHere, temporaryFolder, tiny, type Finished } from './decalign.ts';
import { save, tables } from './feature-file.ts';

const folder = temporaryFolder();
const at = (...names: string[]): string => path.join(folder, ...names);
const read = (...names: string[]): string => readFileSync(at(...names), 'utf8');
/** In a process on compiled files, beside which the page is bundled. */
const exported = (...args: string[]): Promise<Finished> => decalign(['export', ...args], { cwd: folder });

async function trained(data: string, out: string, ...more: string[]): Promise<void> {
  const { code, stderr } = await decalignHere(
    ['train', data, ...tiny, '--epochs', '1', '--quiet', '--no-references', ...more, '--out', out],
    { cwd: folder },
  );
  expect(code, stderr).toBe(0);
}

const sentence = (id: unknown): string => `words of ${String(id)}`;

beforeAll(async () => {
  const made = tables();
  for (const table of Object.values(made)) table['raw_text'] = table['id']!.map(sentence);
  save(at('small.pkl'), made);
  await trained('synthetic', 'runs/plain', '--set', 'data.synthetic.samples=40');
  await trained(at('small.pkl'), 'runs/said');
  await trained('small.pkl', 'runs/folds', '--folds', '3');
  writeFileSync(
    at('runs/said/warnings.jsonl'),
    `${JSON.stringify({ kind: 'data', message: `2 samples of ${at('small.pkl')} lack "text" (test-0, test-1); see "test-2".` })}\n`,
  );
});

describe('without samples', () => {
  beforeAll(async () => {
    const { code, stdout, stderr } = await exported('runs/said', '--demo', '--out', 'said');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const page = path.join('said', 'demo.html');
    const size = (statSync(at(page)).size / 1e6).toFixed(1);
    const line = `${page} (${size} MB with runtime and model, no sample of the data): open it in a browser`;
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(line);
  });

  test('it is one file beside the export, with runtime and model in it to the last bit', () => {
    expect(readdirSync(at('said')).sort()).toEqual(['demo.html', 'model.json', 'model.onnx']);
    const page = read('said/demo.html');
    expect(blockOf(page, 'model').equals(readFileSync(at('said/model.onnx')))).toBe(true);
    const runtime = new URL('../../node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm', import.meta.url);
    expect(blockOf(page, 'runtime').equals(readFileSync(runtime))).toBe(true);
    expect(contentOf(page).description).toEqual(JSON.parse(read('said/model.json')));
  });

  test('its policy allows its own script and style by their hashes, and nothing from anywhere', () => {
    const page = read('said/demo.html');
    const inside = (pattern: RegExp): string => pattern.exec(page)![1]!;
    const hash = (text: string): string => createHash('sha256').update(text).digest('base64');
    const script = hash(inside(/<script type="module">([^]*?)<\/script>/));
    const style = hash(inside(/<style>([^]*?)<\/style>/));
    expect(inside(/http-equiv="Content-Security-Policy" content="([^"]*)"/)).toBe(
      `default-src 'none'; script-src 'wasm-unsafe-eval' 'sha256-${script}'; style-src 'sha256-${style}'; base-uri 'none'; form-action 'none'`,
    );
    // What a browser would ask for stands in an element of its own.
    const [head] = page.split('<script type="module">') as [string];
    expect(head).not.toMatch(/<(?:link|img|iframe|script)[^>]* (?:src|href)=/);
  });

  test('it holds no sample, no id, no sentence and no path of this machine', () => {
    const page = read('said/demo.html');
    const content = contentOf(page);
    expect(content.samples).toEqual([]);
    expect(content).not.toHaveProperty('from');
    const all = [
      ...['content', 'model'].map((id) => blockOf(page, id).toString('latin1')),
      page.replaceAll(/(<script type="application[^>]*>)[^<]*/g, '$1'),
    ].join('\n');
    const values = Object.values(tables()).flatMap((table) => (table['text'] ?? []).flat(2) as number[]);
    const told = values.map(String).filter((value) => value.replace(/[-.]/g, '').length >= 6);
    expect(told.length).toBeGreaterThan(50);
    for (const secret of [...told, 'words of', 'test-0', 'test-2', folder, path.basename(folder)])
      expect(all.includes(secret), secret).toBe(false);
    expect(content.card.warnings).toEqual(['2 samples of small.pkl lack "text"; see "…".']);
  });

  test('its card says what was trained, on what, and how well it does', () => {
    const { card } = contentOf(read('said/demo.html'));
    const result = JSON.parse(read('runs/said/result.json')) as { valid: { mae: number }; test: { mae: number } };
    expect(card).toMatchObject({ title: 'DecAlign', dataset: 'small', seed: 1, kept: { epoch: 1 } });
    expect(card.scores[0]).toMatchObject({ label: 'MAE', valid: result.valid.mae, test: result.test.mae });
    expect(card.limits.join(' ')).toContain('other people, languages or recordings');
  });

  test('of a model’s file alone the card has what the file has', async () => {
    cpSync(at('runs/said/best.safetensors'), at('alone/model.safetensors'));
    expect((await exported(path.join('alone', 'model.safetensors'), '--demo')).code).toBe(0);
    const { card } = contentOf(read('alone/export/demo.html'));
    expect(card).toMatchObject({ dataset: 'small', counts: {}, warnings: [], seed: 1 });
    expect(card.scores[0]).not.toHaveProperty('test');
    expect(card).not.toHaveProperty('kept');
  });
});

describe('with samples', () => {
  test('they are of the test split, from low labels to high, and predicted as the run predicts them', async () => {
    const { code, stderr } = await exported('runs/plain', '--demo', '--samples', '5', '--out', 'plain');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { samples, from } = contentOf(read('plain/demo.html'));
    expect(from).toBe('Of the test split, which it was not trained on');
    expect(samples).toHaveLength(5);
    const labels = samples.map(({ label }) => Number(label));
    expect(labels).toEqual(labels.toSorted((a, b) => a - b));
    expect([labels[0]! < -1, labels[4]! > 1]).toEqual([true, true]);
    const model = await openExport(at('plain'));
    const found = await model.predict(samples.map(({ row }) => row));
    await model.close();
    const kept = read('runs/plain/predictions.jsonl')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { split: string; id: string; label: number; prediction: number });
    for (const [n, { id, prediction }] of found.entries()) {
      const own = kept.find((each) => each.split === 'test' && each.id === id)!;
      expect(Number(prediction)).toBeCloseTo(own.prediction, 5);
      expect(labels[n]).toBe(own.label);
    }
  });

  test('sentences come only if they are asked for', async () => {
    await exported('runs/said', '--demo', '--samples', '2', '--out', 'mute');
    const mute = contentOf(read('mute/demo.html'));
    expect(mute.samples.map(({ text }) => text)).toEqual([undefined, undefined]);
    expect(JSON.stringify(mute)).not.toContain('words of');
    await exported('runs/said', '--demo', '--samples', '2', '--texts', '--out', 'told');
    const { samples } = contentOf(read('told/demo.html'));
    expect(samples.map(({ text }) => text)).toEqual(samples.map(({ row }) => sentence(row['id'])));
  });

  test('--data names others, also for a run whose own are divided into folds', async () => {
    const fold = path.join('runs/folds', 'fold-1');
    const asked = ['--demo', '--samples', '1', '--out', 'fold'];
    const refused = await exported(fold, ...asked);
    expect(refused).toMatchObject({
      code: 1,
      stderr: `decalign: ${fold} is a fold of a cross-validation: name a file of samples by --data.\n`,
    });
    expect(existsSync(at('fold'))).toBe(false);
    expect((await exported(fold, ...asked, '--data', 'small.pkl')).code).toBe(0);
    const { samples, from } = contentOf(read('fold/demo.html'));
    expect([samples.length, from]).toEqual([1, 'Of small.pkl']);
  });

  test('data that is not there, and sentences that there are none of, are told before anything is written', async () => {
    cpSync(at('runs/said'), at('runs/moved'), { recursive: true });
    const record = read('runs/moved/config.json').replaceAll('small.pkl', 'gone.pkl');
    writeFileSync(at('runs/moved/config.json'), record);
    const gone = await exported('runs/moved', '--demo', '--samples', '2', '--out', 'none');
    expect(gone.stderr).toMatch(/^decalign: .*gone\.pkl, the data of runs\/moved, is not here: name it by --data\.\n$/);
    const unsaid = await exported('runs/plain', '--demo', '--samples', '2', '--texts', '--out', 'none');
    expect(unsaid.stderr).toBe('decalign: synthetic has no sentences that could be shown: leave out --texts.\n');
    expect([gone.code, unsaid.code, existsSync(at('none'))]).toEqual([1, 1, false]);
  });
});

describe('as a folder', () => {
  test('the page fetches from beside itself, and says so on stdout', async () => {
    const { code, stdout } = await exported('runs/plain', '--demo', '--folder', '--out', 'wide');
    expect(code).toBe(0);
    expect(readdirSync(at('wide/demo')).sort()).toEqual(['index.html', 'model.onnx', 'ort-wasm-simd-threaded.wasm']);
    const index = path.join('wide', 'demo', 'index.html');
    expect(stdout).toContain(`${index} (14.`);
    expect(stdout).toContain(`serve its folder, as by npx http-server ${path.join('wide', 'demo')}\n`);
    const page = read(index);
    expect(page).toContain("; connect-src 'self'; base-uri 'none'");
    expect(contentOf(page).files).toEqual({ runtime: 'ort-wasm-simd-threaded.wasm', model: 'model.onnx' });
    expect(page).not.toContain('id="model"');
  });

  test('--json says where the page is and whether it must be served', async () => {
    const { stdout } = await exported('runs/plain', '--demo', '--folder', '--json', '--out', 'wide');
    const index = path.join('wide', 'demo', 'index.html');
    expect(JSON.parse(stdout)).toMatchObject({ directory: 'wide', demo: { page: index, samples: 0, served: true } });
  });
});

test('where ONNX Runtime for browsers is not installed, with what to install', async () => {
  writeFileSync(
    at('without.mjs'),
    `import Module from 'node:module';
      const resolve = Module._resolveFilename;
      Module._resolveFilename = function (name, ...rest) {
        if (name === 'onnxruntime-web') throw Object.assign(new Error(name), { code: 'MODULE_NOT_FOUND' });
        return resolve.call(this, name, ...rest);
      };`,
  );
  rmSync(at('none'), { recursive: true, force: true });
  const { code, stderr } = await decalign(['export', 'runs/plain', '--demo', '--out', 'none'], {
    cwd: folder,
    env: { NODE_OPTIONS: `--import ${at('without.mjs')}` },
  });
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^decalign: A page that predicts is made by packages that are not installed: npm install onnxruntime-web@1\.\d+\.\d+\n$/,
  );
  expect(existsSync(at('none'))).toBe(false);
});
