/** Exported models in Chromium: the example that Vite bundles, and the library in a page. Predictions are those of Node. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import axe from 'axe-core';
import type { Browser, Page as Tab } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openExport, type Prediction, type Sample } from '../../src/deploy.ts';
import { exportOnnx, fit, synthetic } from '../../src/index.ts';
import { openModel, type OpenModel } from '../../src/runs/open-model.ts';
import { temporaryFolder } from '../cli/decalign.ts';
import { built } from '../compiled.ts';
import { bundlePage, chromiumPath, inPage, launchChromium, runtimeFolder, softwareGpu, type Site } from './browser.ts';
import type { DeployPage } from './deploy-page.ts';
import { serveFolder } from './serve-folder.ts';

declare const page: DeployPage;
declare const navigator: { readonly gpu?: { requestAdapter(): Promise<object | null> } };

const root = path.resolve(import.meta.dirname, '../..');
const folder = temporaryFolder();
const at = (...names: string[]): string => path.join(folder, ...names);

const steps = (count: number, width: number, from: number): number[][] =>
  Array.from({ length: count }, (_, t) => Array.from({ length: width }, (_, d) => Math.sin(from + 3 * t + d)));
/** Samples of `text` and `audio`, of which some lack one, or numbers of it. */
const samples: readonly Sample[] = Array.from({ length: 7 }, (_, n) => ({
  id: `s${n}`,
  ...(n !== 3 && { text: steps(1 + ((5 * n) % 12), 24, n) }),
  audio: n === 4 ? null : steps(1 + ((7 * n) % 20), 10, n).map((step) => (n === 5 ? [null, ...step.slice(1)] : step)),
}));
const withVision = samples.map((sample, n) => ({ ...sample, vision: steps(2, 16, n) }));
const samplesFor = (name: string): readonly Sample[] => (name.startsWith('trained/') ? withVision : samples);

/** What Node predicts, by the name of the folder. */
const known = new Map<string, readonly Prediction[]>();

// In CI Chromium has to be there: launchChromium() says what to do.
const without = chromiumPath === undefined && !process.env['CI'];
const title = without ? 'in Chromium: install it, or name it by the environment variable CHROMIUM' : 'in Chromium';

/** A network whose figures are what rounding leaves of 0, a hundred thousand times: another one on every device. */
const rounding: OpenModel = {
  network: {
    name: 'rounding',
    build(_, { features }) {
      const { value } = features['text']!;
      const x = value.tanh().mul(9);
      const prediction = x.exp().mul(x.neg().exp()).sub(1).mul(1e5).sum([1, 2]);
      return { prediction, losses: {}, diagnostics: {}, representations: {} };
    },
  },
  data: {
    ...{ name: 'numbers', task: { kind: 'regression', range: [-1, 1] }, metrics: 'regression' },
    features: [{ name: 'text', time: 12, width: 24, masked: true }],
  },
  standardisation: {},
  parameters: {},
};

describe.skipIf(without)(title, () => {
  let site: Site;
  beforeAll(async () => {
    const regression = openModel(path.join(root, 'test/fixtures/runs/run-2'));
    await exportOnnx(regression, at('site/regression'));
    await exportOnnx(regression, at('site/five'), { batch: 5 });
    await exportOnnx(rounding, at('site/rounding'));
    for (const task of ['classification', 'regression'] as const) {
      const data = synthetic({ samples: { train: 32, valid: 8, test: 8 }, task });
      const config = { model: { width: 8, heads: 2, layers: 1 }, train: { epochs: 1, threads: 1 } };
      const { model } = await fit(data, { out: at('run', task), config });
      await exportOnnx(model, at('site/trained', task));
    }
    for (const name of ['regression', 'five', 'trained/classification', 'trained/regression']) {
      const opened = await openExport(at('site', name));
      known.set(name, await opened.predict(samplesFor(name)));
      await opened.close();
    }
    const { script } = await bundlePage('test/browser/deploy-page.ts');
    writeFileSync(at('site/page.js'), script);
    writeFileSync(
      at('site/index.html'),
      '<!doctype html><link rel="icon" href="data:,"><script type="module" src="page.js"></script>',
    );
    symlinkSync(runtimeFolder, at('site/onnxruntime'));
    site = await serveFolder(at('site'));
  });
  afterAll(() => site.close());

  /** Expects the same ids, and figures within 1e-5 of those of Node. */
  function expectAlike(found: readonly Prediction[], name: string): void {
    const near = (value: number): unknown => expect.closeTo(value, 5);
    expect(found).toEqual(
      known.get(name)!.map(({ id, prediction, probabilities }) => ({
        id,
        prediction: typeof prediction === 'number' ? near(prediction) : prediction,
        ...(probabilities && {
          probabilities: Object.fromEntries(Object.entries(probabilities).map(([label, p]) => [label, near(p)])),
        }),
      })),
    );
    expect(new Set(found.map((each) => JSON.stringify([each.prediction, each.probabilities]))).size).toBe(found.length);
  }

  describe('the library', () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await launchChromium(['--disable-gpu']);
    });
    afterAll(() => browser.close());
    const opened = <T>(work: (tab: Tab) => Promise<T>, url = site.plain): Promise<T> => inPage(browser, url, work);
    const files = 'onnxruntime/';

    test.each(['regression', 'five', 'trained/classification', 'trained/regression'])(
      'predicts as Node does: %s',
      async (name) => {
        const given = samplesFor(name);
        const found = await opened((tab) =>
          tab.evaluate(([url, rows, options]) => page.predict(url, rows, options), [name, given, { files }] as const),
        );
        expect(found).toMatchObject({ device: 'cpu', reason: undefined });
        expectAlike(found.predictions, name);
      },
    );

    test('predicts from the two files in memory, and from a text of rows', async () => {
      const description: unknown = JSON.parse(readFileSync(at('site/regression/model.json'), 'utf8'));
      const model = [...readFileSync(at('site/regression/model.onnx'))];
      const found = await opened((tab) =>
        tab.evaluate(([about, bytes, rows]) => page.predictFrom(about, bytes, rows), [
          description,
          model,
          samples,
        ] as const),
      );
      expectAlike(found.predictions, 'regression');
      const lines = samples.map((sample) => JSON.stringify(sample)).join('\n');
      const read = await opened((tab) =>
        tab.evaluate(([text, options]) => page.predict('regression', text, options), [lines, { files }] as const),
      );
      expectAlike(read.predictions, 'regression');
    });

    test('predicts what is asked for at once', async () => {
      const found = await opened((tab) =>
        tab.evaluate(([rows, options]) => page.predictAtOnce('regression', rows, options), [
          samples,
          { files },
        ] as const),
      );
      expectAlike(found.predictions, 'regression');
    });

    test('has the threads that an isolated page has set', async () => {
      await opened(async (tab) => {
        const { predictions } = await tab.evaluate(
          ([rows, from]) => page.predictOnThreads('regression', rows, from, 3),
          [samples, files] as const,
        );
        expectAlike(predictions, 'regression');
        // The page itself is the third.
        expect(tab.workers()).toHaveLength(2);
      }, site.isolated);
    });

    test('runs on the CPU where there is no WebGPU, and says why', async () => {
      const found = await opened((tab) =>
        tab.evaluate(([rows, options]) => page.predict('regression', rows, options), [
          samples,
          { files, device: 'webgpu' as const },
        ] as const),
      );
      expect(found.device).toBe('cpu');
      expect(found.reason).toMatch(/^This browser has no /);
      expectAlike(found.predictions, 'regression');
    });

    test.each([
      [
        'a model that is not there',
        'nowhere',
        files,
        /\/plain\/nowhere\/model\.json: could not be fetched: status 404/,
      ],
      [
        'a runtime that is not there',
        'regression',
        'nowhere/',
        /ONNX Runtime could not start here: .* Serve ort-wasm-simd-threaded\.wasm of .* openExport\(\{ files \}\) names/,
      ],
    ])('tells in one line of %s', async (_, url, from, says) => {
      const failed = opened((tab) =>
        tab.evaluate(([name, options]) => page.predict(name, [{ text: [] }], options), [url, { files: from }] as const),
      );
      await expect(failed).rejects.toThrow(says);
    });
  });

  describe('the library on WebGPU, by an adapter in software', () => {
    let browser: Browser;
    let hasAdapter = false;
    beforeAll(async () => {
      browser = await launchChromium(softwareGpu);
      hasAdapter = await inPage(browser, site.plain, (tab) =>
        tab.evaluate(async () => Boolean(await navigator.gpu?.requestAdapter())),
      );
    });
    afterAll(() => browser.close());
    const options = { files: 'onnxruntime/', device: 'webgpu' } as const;
    const lacking = 'this Chromium has no adapter for WebGPU, as it comes without SwiftShader';

    test.each(['trained/regression', 'trained/classification'])('predicts as Node does: %s', async (name) => {
      const given = samplesFor(name);
      const found = await inPage(browser, site.plain, (tab) =>
        tab.evaluate(([url, rows, asked]) => page.predict(url, rows, asked), [name, given, options] as const),
      );
      expect(found).toMatchObject(hasAdapter ? { device: 'webgpu', reason: undefined } : { device: 'cpu' });
      expectAlike(found.predictions, name);
    });

    test('predicts what is asked for at once', async ({ skip }) => {
      if (!hasAdapter) skip(lacking);
      const found = await inPage(browser, site.plain, (tab) =>
        tab.evaluate(([rows, asked]) => page.predictAtOnce('trained/regression', rows, asked), [
          withVision,
          options,
        ] as const),
      );
      expect(found.device).toBe('webgpu');
      expectAlike(found.predictions, 'trained/regression');
    });

    test('leaves a model to the CPU that comes to other figures there', async ({ skip }) => {
      if (!hasAdapter) skip(lacking);
      const found = await inPage(browser, site.plain, (tab) =>
        tab.evaluate(([rows, asked]) => page.predict('rounding', rows, asked), [samples, options] as const),
      );
      expect(found.device).toBe('cpu');
      expect(found.reason).toMatch(/^WebGPU comes to other figures with this model than the CPU, by \d/);
    });
  });

  describe('examples/deploy-web, built by Vite', () => {
    let browser: Browser;
    let served: Site;
    beforeAll(async () => {
      cpSync(path.join(root, 'examples/deploy-web'), at('project'), { recursive: true });
      cpSync(at('site/regression'), at('project/public/model'), { recursive: true });
      cpSync(at('site/regression'), at('project/public/damaged'), { recursive: true });
      mkdirSync(at('project/node_modules'));
      cpSync(built(), at('project/node_modules/decalign'), { recursive: true, dereference: true });
      for (const name of ['onnxruntime-web', 'protobufjs', 'vite', 'yaml', 'zod'])
        symlinkSync(path.join(root, 'node_modules', name), at('project/node_modules', name));
      const vite = 'node_modules/vite/bin/vite.js';
      const { status, stderr } = spawnSync(process.execPath, [vite, 'build'], { cwd: at('project'), encoding: 'utf8' });
      expect(status, stderr).toBe(0);
      served = await serveFolder(at('project/dist'));
      browser = await launchChromium();
    });
    afterAll(async () => {
      await browser.close();
      served.close();
    });

    const predicted = async (tab: Tab, text: string): Promise<string> => {
      await tab.fill('textarea', text);
      await tab.click('button');
      await tab.waitForFunction("!document.querySelector('output').textContent.startsWith('The model takes')");
      return (await tab.textContent('output'))!;
    };

    test.each(['plain', 'isolated'] as const)(
      'opens the export beside it and predicts what is pasted, in a page that is %s',
      async (kind) => {
        const requests: string[] = [];
        const said: string[] = [];
        const tab = await browser.newPage();
        tab.setDefaultTimeout(0);
        tab.on('request', (request) => requests.push(request.url()));
        tab.on('console', (message) => said.push(message.text()));
        tab.on('pageerror', (error) => said.push(error.message));
        await tab.goto(served[kind]);
        await tab.waitForSelector('button:enabled');
        expect(await tab.textContent('output')).toMatch(
          /^The model takes, of each sample:\ntext \[12, 24\]: raw features, /,
        );
        const lines = await predicted(tab, samples.map((sample) => JSON.stringify(sample)).join('\n'));
        expectAlike(
          lines.split('\n').map((line) => JSON.parse(line) as Prediction),
          'regression',
        );
        expect(said).toEqual([]);
        expect(requests.filter((url) => !url.startsWith(served[kind]) && !url.startsWith('data:'))).toEqual([]);
        expect(requests.filter((url) => url.endsWith('.wasm'))).toEqual([
          expect.stringMatching(/\/ort-wasm-simd-threaded-[\w-]+\.wasm$/),
        ]);
        await tab.close();
      },
    );

    test('says what is wrong with what is pasted, and predicts what is right after that', async () => {
      await inPage(browser, served.plain, async (tab) => {
        await tab.waitForSelector('button:enabled');
        expect(await predicted(tab, '{"id": "a", "text": [[1, 2]]}')).toBe(
          'text, line 1 ("a"): "text" must have 1 to 12 steps of 24 numbers, and [0] has 2',
        );
        await tab.fill('textarea', JSON.stringify(samples[0]));
        await tab.click('button');
        await tab.waitForFunction("document.querySelector('output').textContent.startsWith('{')");
      });
    });

    test('says so where the model is damaged', async () => {
      const onnx = readFileSync(at('site/regression/model.onnx'));
      onnx[onnx.length >> 1]! ^= 1;
      await inPage(browser, served.plain, async (tab) => {
        await tab.route('**/model.onnx', (route) => route.fulfill({ body: onnx }));
        await tab.reload();
        await tab.waitForFunction("document.querySelector('output').textContent.startsWith('http')");
        expect(await tab.textContent('output')).toMatch(
          /model\/model\.onnx: is damaged, or not the file that model\.json was written for/,
        );
        expect(await tab.isDisabled('button')).toBe(true);
      });
    });

    test.each([1200, 400])('can be used by everyone, at a width of %d', async (width) => {
      await inPage(browser, served.plain, async (tab) => {
        await tab.setViewportSize({ width, height: 800 });
        await tab.waitForSelector('button:enabled');
        await predicted(tab, samples.map((sample) => JSON.stringify(sample)).join('\n'));
        expect(await tab.evaluate('document.documentElement.scrollWidth')).toBe(width);
        await tab.evaluate(axe.source);
        const { violations } = await tab.evaluate<{ violations: readonly { id: string }[] }>('axe.run()');
        expect(violations).toEqual([]);
      });
    });
  });
});
