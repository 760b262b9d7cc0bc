/** The same training step in a browser: results as in Node, with and without threads, and what a page is told. */
import { readFileSync } from 'node:fs';
import type { Browser, Page as Tab } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compile } from '../../src/runtime/node.ts';
import { bundlePage, chromiumPath, inPage, launchChromium, servePage, type Bundle, type Site } from './browser.ts';
import type { Page } from './page.ts';
import { takeSteps, type Recipe, type Steps } from './steps.ts';

declare const page: Page;
declare const crossOriginIsolated: boolean;

let bundle: Bundle;
beforeAll(async () => {
  bundle = await bundlePage('test/browser/page.ts');
});

test('the script of a page holds nothing of Node', () => {
  expect(bundle.imports).toEqual([]);
  expect(bundle.files).toContain('src/runtime/web.ts');
  expect(bundle.files.filter((file) => /runtime\/node\.ts|onnxruntime-node|^node:/.test(file))).toEqual([]);
});

// In CI Chromium has to be there: launchChromium() says what to do.
const without = chromiumPath === undefined && !process.env['CI'];
const title = without ? 'in Chromium: install it, or name it by the environment variable CHROMIUM' : 'in Chromium';

describe.skipIf(without)(title, () => {
  let browser: Browser;
  let site: Site;
  beforeAll(async () => {
    browser = await launchChromium();
    site = await servePage(bundle.script);
  });
  afterAll(async () => {
    await browser.close();
    site.close();
  });

  const opened = <T>(url: string, work: (tab: Tab) => Promise<T>): Promise<T> => inPage(browser, url, work);
  const files = 'onnxruntime/';
  const steps = (url: string, recipe: Recipe): Promise<Steps> =>
    opened(url, (tab) =>
      tab.evaluate(([folder, named]) => page.steps({ files: folder, threads: 2 }, named), [files, recipe] as const),
    );

  const taken = new Map<Recipe, Promise<Steps>>();
  /** Of the first page that takes them. */
  const first = (recipe: Recipe): Promise<Steps> => {
    const known = taken.get(recipe) ?? steps(site.isolated, recipe);
    taken.set(recipe, known);
    return known;
  };

  /** The largest difference between values of the same name, over the larger of 1 and the value. */
  const difference = (a: Steps['parameters'], b: Steps['parameters']): number => {
    expect(Object.keys(a)).toEqual(Object.keys(b));
    return Math.max(
      ...Object.entries(a).flatMap(([name, values]) =>
        values.map((x, i) => Math.abs(x - b[name]![i]!) / Math.max(1, Math.abs(x))),
      ),
    );
  };
  // Float32 keeps 7 digits. WebAssembly adds up in another order than native code, and the Newton steps and sweeps of
  // the alignment carry that on: losses may differ in the fifth digit. Parameters moved by 1e-3 three times.
  const tolerance = { loss: 1e-4, parameter: 1e-5 };
  const losses = ({ losses: all }: Steps): Steps['parameters'] =>
    Object.fromEntries(Object.keys(all[0]!).map((name) => [name, all.map((step) => step[name]!)]));

  test.each(['paper', 'authors'] as const)('three steps under "%s" as in Node', async (recipe) => {
    const inBrowser = await first(recipe);
    const inNode = await takeSteps(compile, recipe);
    expect(difference(losses(inNode), losses(inBrowser))).toBeLessThan(tolerance.loss);
    expect(difference(inNode.parameters, inBrowser.parameters)).toBeLessThan(tolerance.parameter);
    expect(difference({ y: inNode.prediction }, { y: inBrowser.prediction })).toBeLessThan(tolerance.loss);
    // The steps were steps.
    expect(inBrowser.losses[2]!['total']).not.toBe(inBrowser.losses[0]!['total']);
  });

  test('a second page comes to the same bits', async () => {
    expect(await steps(site.isolated, 'paper')).toEqual(await first('paper'));
  });

  test('a worker does too, and leaves its page free', async () => {
    await opened(site.isolated, async (tab) => {
      const [worker] = await Promise.all([
        tab.waitForEvent('worker'),
        tab.evaluate("void new Worker('page.js', { type: 'module' })"),
      ]);
      await expect.poll(() => worker.evaluate(() => 'page' in globalThis), { timeout: 300_000 }).toBe(true);
      const training = worker.evaluate((folder) => page.steps({ files: folder, threads: 2 }, 'paper'), files);
      const answer = tab.evaluate(() => 'free');
      expect(await Promise.race([answer, training])).toBe('free');
      expect(await training).toEqual(await first('paper'));
    });
  });

  test('the page that docs/browser.md shows trains, with one thread too', async () => {
    const [, text] = /```ts\n([^]*?)```/.exec(readFileSync('docs/browser.md', 'utf8'))!;
    const { script } = await bundlePage({ text: text!.replace('/onnxruntime/', files) });
    const own = await servePage(script);
    try {
      await opened('about:blank', async (tab) => {
        const lines: string[] = [];
        const done = new Promise<void>((resolve) => {
          tab.on('pageerror', ({ message }) => {
            lines.push(message);
            resolve();
          });
          tab.on('console', (message) => lines.push(message.text()) === 2 && resolve());
        });
        await tab.goto(own.plain);
        await done;
        // Threads, epoch and error.
        expect(lines).toEqual([expect.stringMatching(/^1 1 \d\.\d+$/), expect.stringMatching(/^1 2 \d\.\d+$/)]);
      });
    } finally {
      own.close();
    }
  });

  test('an isolated page has the threads it asks for', async () => {
    await opened(site.isolated, async (tab) => {
      expect(await tab.evaluate(() => crossOriginIsolated)).toBe(true);
      expect(await tab.evaluate((folder) => page.threads({ files: folder, threads: 3 }), files)).toBe(3);
      // The page itself is the third.
      expect(tab.workers()).toHaveLength(2);
    });
  });

  test('any other page has one', async () => {
    await opened(site.plain, async (tab) => {
      expect(await tab.evaluate(() => crossOriginIsolated)).toBe(false);
      expect(await tab.evaluate((folder) => page.threads({ files: folder, threads: 3 }), files)).toBe(1);
      expect(tab.workers()).toHaveLength(0);
    });
  });

  describe('says what is wrong', () => {
    const error = (url: string, folder: string): Promise<string> =>
      opened(url, (tab) =>
        tab.evaluate(
          (given) =>
            page.threads({ files: given, threads: 2 }).then(
              () => 'no error',
              (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)),
            ),
          folder,
        ),
      );

    test('a file that is not there', async () => {
      expect(await error(site.plain, 'elsewhere')).toBe(
        `${site.plain}elsewhere/ort-wasm-simd-threaded.mjs could not be fetched: status 404. ` +
          `${site.plain}elsewhere/ort-wasm-simd-threaded.wasm could not be fetched: status 404. ` +
          'Serve ort-wasm-simd-threaded.mjs and ort-wasm-simd-threaded.wasm of onnxruntime-web/dist/ in the folder that ' +
          'openRuntime({ files }) names, and reload the page.',
      );
    });
    test('a server that answers with its start page', async () => {
      expect(await error(site.plain, 'start-page')).toContain(
        'ort-wasm-simd-threaded.mjs is not the file, but a page (content type text/html).',
      );
    });
    test('threads whose script lacks the header', async () => {
      expect(await error(site.isolated, 'no-header')).toBe(
        `${site.isolated}no-header/ort-wasm-simd-threaded.mjs came without the header "Cross-Origin-Embedder-Policy", ` +
          'and threads of an isolated page cannot load it so. Send the header with every script, and reload the page.',
      );
    });
    test('a second runtime, and what a program cannot have', async () => {
      await opened(site.plain, async (tab) => {
        await tab.evaluate((folder) => page.threads({ files: folder }), files);
        await expect(tab.evaluate((folder) => page.threads({ files: folder, threads: 2 }), files)).rejects.toThrow(
          'ONNX Runtime starts once in a page: it has files "onnxruntime/", threads undefined and device "cpu",',
        );
        const ask = (wanted: object): Promise<void> =>
          tab.evaluate(([folder, options]) => page.ask({ files: folder }, options), [files, wanted] as const);
        await expect(ask({ threads: 2 })).rejects.toThrow(
          'In a browser the threads are those of openRuntime(), here 1,',
        );
        await expect(ask({ device: 'cuda' })).rejects.toThrow(
          'In a browser the device is that of openRuntime(), here "cpu", and a program cannot have "cuda".',
        );
        await expect(ask({ profile: 'x' })).rejects.toThrow('In a browser no profile can be written to "x".');
      });
    });
  });
});
