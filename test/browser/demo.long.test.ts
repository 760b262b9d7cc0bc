/** The page of `export --demo` in a real browser, from its file: what it predicts, what it asks for, and how it is used. */
import { createServer } from 'node:http';
import { readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExportedModel } from '../../src/deploy/exported-model.ts';
import { openExport } from '../../src/deploy/node.ts';
import type { Prediction } from '../../src/deploy/predictions.ts';
import { Preparing } from '../../src/deploy/preparing.ts';
import { samplesIn } from '../../src/deploy/samples.ts';
import type { PreparedSample } from '../../src/deploy/sample.ts';
import type { DemoContent } from '../../src/demo/content.ts';
import { changeText, outputsOf, valuesOf, valueText } from '../../src/pages/demo/outputs.ts';
import { weakened, type Strengths } from '../../src/pages/demo/weaken.ts';
import { decalign, decalignHere, temporaryFolder, tiny } from '../cli/decalign.ts';
import { contentOf } from '../demo.ts';
import { chromiumPath, launchChromium } from './browser.ts';

const tasks = ['regression', 'classification', 'multilabel', 'multitarget'] as const;
const folder = temporaryFolder();
const at = (...names: string[]): string => path.join(folder, ...names);

/** Trains a model and makes its page in a folder of that name. */
async function made(name: string, [data, ...settings]: readonly string[], options: readonly string[]): Promise<void> {
  const train = ['train', data!, ...settings, '--epochs', '1', '--quiet', '--no-references', '--out', `runs/${name}`];
  const trained = await decalignHere(train, { cwd: folder });
  expect(trained.code, trained.stderr).toBe(0);
  const exported = await decalign(['export', `runs/${name}`, '--demo', ...options, '--out', name], { cwd: folder });
  expect(exported.code, exported.stderr).toBe(0);
}

// In CI Chromium has to be there: launchChromium() says what to do.
const without = chromiumPath === undefined && !process.env['CI'];
const title = without ? 'in Chromium: install it, or name it by the environment variable CHROMIUM' : 'in Chromium';

describe.skipIf(without)(title, () => {
  let browser: Browser;
  beforeAll(async () => {
    for (const task of tasks) {
      const synthetic = ['synthetic', ...tiny, '--task', task, '--set', 'data.synthetic.samples=60'];
      await made(task, synthetic, ['--samples', '4']);
    }
    await made('columns', [path.resolve('examples/own-data'), ...tiny], []);
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser.close();
  });

  /** What a page asked for, and what it complained of. */
  interface Heard {
    readonly requests: string[];
    readonly complaints: string[];
  }

  const ready = '.prediction .value';
  const address = (name: string): string => pathToFileURL(at(name, 'demo.html')).href;

  /** Opens a page, works on it, and demands that it asked for nothing but itself and nothing was refused. */
  async function opened<T>(
    url: string,
    work: (tab: Page, heard: Heard) => Promise<T>,
    options: BrowserContextOptions = {},
  ): Promise<T> {
    const context = await browser.newContext(options);
    const tab = await context.newPage();
    // Of a test as a whole there is a limit already.
    tab.setDefaultTimeout(0);
    const heard: Heard = { requests: [], complaints: [] };
    tab.on('request', (request) => heard.requests.push(request.url()));
    tab.on('console', (message) => heard.complaints.push(`${message.type()}: ${message.text()}`));
    tab.on('pageerror', (error) => heard.complaints.push(error.message));
    await tab.addInitScript(
      "addEventListener('securitypolicyviolation', (event) => console.error(event.violatedDirective, event.blockedURI))",
    );
    try {
      await tab.goto(url);
      const result = await work(tab, heard);
      expect(heard.complaints).toEqual([]);
      if (url.startsWith('file:')) expect(heard.requests).toEqual([url]);
      return result;
    } finally {
      await context.close();
    }
  }

  /** The numbers that are shown of a sample, once it is that one which is shown. */
  async function shown(tab: Page, id: string): Promise<readonly number[]> {
    await tab.locator('#prediction', { hasText: new RegExp(`of ${id}$`) }).waitFor();
    await tab.locator(ready).first().waitFor();
    const found = await tab.locator('.prediction data').all();
    return Promise.all(found.map(async (each) => Number(await each.getAttribute('value'))));
  }

  const unfold = (tab: Page): Promise<void> =>
    tab.evaluate("for (const each of document.querySelectorAll('details')) each.open = true");

  interface Known {
    readonly content: DemoContent;
    readonly model: ExportedModel;
    readonly samples: readonly PreparedSample[];
    readonly numbersOf: (sample: PreparedSample) => Promise<readonly number[]>;
  }

  /** What Node says of the samples of a page. */
  async function known(name: string): Promise<Known> {
    const content = contentOf(readFileSync(at(name, 'demo.html'), 'utf8'));
    const model = await openExport(at(name));
    const { task, thresholds } = model.description;
    const outputs = outputsOf(task, thresholds);
    const preparing = new Preparing(model.description);
    return {
      ...{ content, model },
      samples: content.samples.map(({ row }, n) => preparing.prepared(row, n)),
      numbersOf: async (sample) => valuesOf(outputs, (await model.predict([sample]))[0] as Prediction),
    };
  }

  function expectClose(own: readonly number[], expected: readonly number[]): void {
    expect(own).toHaveLength(expected.length);
    for (const [n, x] of expected.entries()) expect(Math.abs(own[n]! - x)).toBeLessThan(1e-5);
  }

  test.each(tasks)('%s: by one request, the digits of Node for every sample', async (task) => {
    const { samples, numbersOf, model } = await known(task);
    expect(samples).toHaveLength(4);
    await opened(address(task), async (tab) => {
      for (const sample of samples) {
        await tab.getByRole('radio', { name: sample.id }).check();
        expectClose(await shown(tab, sample.id), await numbersOf(sample));
      }
    });
    await model.close();
  });

  test('what each modality adds, and what is left of the prediction where some are weakened or left out', async () => {
    const { content, samples, numbersOf, model } = await known('regression');
    const [sample] = samples;
    const of = async (strengths: Strengths): Promise<number> => {
      const { modalities } = content.card;
      return (await numbersOf(weakened(sample!, strengths, { modalities, statistics: content.statistics })))[0]!;
    };
    await opened(address('regression'), async (tab) => {
      const [given] = await shown(tab, sample!.id);
      const told = await tab.locator('.added .text').allTextContents();
      for (const [m, { name }] of content.card.modalities.entries()) {
        const rest = await of({ [name]: 'left out' });
        const [output] = outputsOf(content.card.task);
        const text = changeText(content.card.task, output!, given! - rest);
        expect(told[m]).toBe(`adds ${text} (without it ${valueText(content.card.task, output!, rest)})`);
      }
      const now = tab.locator('.prediction data');
      const moved = async (work: () => Promise<void>): Promise<number> => {
        const before = await now.getAttribute('value');
        await work();
        await tab.locator(`.prediction data:not([value="${before!}"])`).waitFor();
        return Number(await now.getAttribute('value'));
      };
      const slider = tab.getByRole('slider', { name: 'Strength of audio' });
      const weak = await moved(() => slider.fill('40'));
      expectClose([weak], [await of({ audio: 0.4 })]);
      expect(await slider.getAttribute('aria-valuetext')).toBe('40 percent');
      const both = await moved(() => tab.getByRole('checkbox', { name: 'use text' }).uncheck());
      expectClose([both], [await of({ audio: 0.4, text: 'left out' })]);
      expectClose([await moved(() => tab.getByRole('button', { name: 'All as given' }).click())], [given!]);
      // What is left of a sample without any modality is nothing.
      for (const name of ['text', 'audio', 'vision'])
        await tab.getByRole('checkbox', { name: `use ${name}` }).uncheck();
      await tab.getByText('Nothing is left of the sample').waitFor();
    });
    await model.close();
  });

  test('by the keyboard alone: another sample, a modality weakened and left out, rows pasted', async () => {
    await opened(address('regression'), async (tab) => {
      await tab.locator(ready).waitFor();
      const { samples } = contentOf(readFileSync(at('regression/demo.html'), 'utf8'));
      const focused = (): Promise<string> =>
        tab.evaluate(`(({ tagName, type, labels, textContent }) =>
          tagName === 'INPUT' ? \`\${type} \${labels[0].textContent}\` : \`\${tagName.toLowerCase()} \${textContent}\`
        )(document.activeElement)`);
      const tabTo = async (wanted: RegExp): Promise<void> => {
        for (let n = 0; n < 40; n++) {
          await tab.keyboard.press('Tab');
          if (wanted.test(await focused())) return;
        }
        throw new Error(`Tab does not come to ${String(wanted)}.`);
      };
      await tabTo(/^radio /);
      await tab.keyboard.press('ArrowDown');
      const [before] = await shown(tab, String(samples[1]!.row['id']));
      await tabTo(/^summary Your own sample/);
      await tab.keyboard.press('Enter');
      await tabTo(/^textarea /);
      await tab.keyboard.insertText(JSON.stringify({ ...samples[2]!.row, id: 'mine' }));
      await tab.keyboard.press('Tab');
      await tab.keyboard.press('Enter');
      const [mine] = await shown(tab, 'mine');
      expect(mine).not.toBe(before);
      await tabTo(/^checkbox use text/);
      await tab.keyboard.press('Space');
      await tab.locator(`.prediction data:not([value="${mine!}"])`).waitFor();
      await tabTo(/^range Strength of audio/);
      await tab.keyboard.press('Home');
      expect(await tab.getByRole('slider', { name: 'Strength of audio' }).inputValue()).toBe('0');
      await tabTo(/^button All as given/);
      await tab.keyboard.press('Enter');
      await tab.locator(`.prediction data[value="${mine!}"]`).waitFor();
    });
  });

  describe('a visitor’s own rows', () => {
    /** Reached only where something hangs. */
    const patient = { timeout: 300_000 };
    const paste = async (tab: Page, text: string): Promise<void> => {
      await unfold(tab);
      await tab.getByLabel('Paste rows').fill(text);
      await tab.getByRole('button', { name: 'Predict' }).click();
    };

    test('of a file with columns are predicted as in Node, and nothing is sent', async () => {
      const text = readFileSync('examples/own-data/people.csv', 'utf8').split('\n').slice(0, 6).join('\n');
      const { model, numbersOf } = await known('columns');
      const rows = await samplesIn(text, model.description, { name: 'people.csv' });
      expect(rows).toHaveLength(5);
      await opened(address('columns'), async (tab) => {
        // There is something to see without any sample of the data.
        expect(await shown(tab, 'made up 1')).toHaveLength(2);
        const file = { name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(text) };
        await tab.locator('input[type=file]').setInputFiles(file);
        for (const row of rows) {
          await tab.getByRole('radio', { name: row.id, exact: false }).first().check();
          expectClose(await shown(tab, row.id), await numbersOf(row));
        }
        expect(await tab.locator('details.own').textContent()).toContain('5 samples read; the first is shown.');
      });
      await model.close();
    });

    test('that are wrong are told in words, and what was shown stays', async () => {
      await opened(address('regression'), async (tab) => {
        await tab.locator(ready).waitFor();
        const before = await tab.locator(ready).textContent();
        const alert = tab.locator('details.own [role=alert]');
        const sequence = 'must have 1 to 12 steps of 24 numbers';
        for (const [text, message] of [
          ['{"id": "a", "text": [[1, 2]]}', `The text, line 1 ("a"): "text" ${sequence}, and [0] has 2.`],
          ['{"id": "a", "text": "hello"}', `The text, line 1 ("a"): "text" ${sequence}, and is "hello".`],
          ['{"id": "a"', 'The text, line 1: is no JSON object.'],
          ['hello', 'The text: holds no samples.'],
          ['id,words\na,hello', 'The text: no sample has any of "text", "audio", "vision".'],
          ['id,text\na', 'The text, line 2: has 1 cells, and the first line 2.'],
          ['', 'The text: holds no samples.'],
        ] as const) {
          await paste(tab, text);
          await expect.poll(() => alert.textContent(), patient).toBe(message);
        }
        const large = { name: 'large.jsonl', mimeType: 'text/plain', buffer: Buffer.alloc(5 * 2 ** 20 + 1, 32) };
        await tab.locator('input[type=file]').setInputFiles(large);
        await expect
          .poll(() => alert.textContent(), patient)
          .toBe('That is more than 5 MB: give fewer samples at a time.');
        expect(await tab.locator(ready).textContent()).toBe(before);
        // The sample that is shown shows how a row is written.
        await tab.getByRole('button', { name: 'Fill in the sample that is shown' }).click();
        await tab.getByRole('button', { name: 'Predict' }).click();
        await tab.getByRole('group', { name: 'Yours' }).waitFor();
        expect(await alert.textContent()).toBe('');
        expect(await tab.locator(ready).textContent()).toBe(before);
      });
    });
  });

  describe.each([
    ['wide and light', { viewport: { width: 1280, height: 900 }, colorScheme: 'light' }],
    ['narrow and dark', { viewport: { width: 400, height: 800 }, colorScheme: 'dark' }],
  ] as const)('%s', (_, options) => {
    test.each(tasks)('%s: axe finds nothing, and nothing is wider than the page', async (task) => {
      await opened(
        address(task),
        async (tab) => {
          await tab.locator(ready).first().waitFor();
          await tab.getByRole('checkbox', { name: 'use vision' }).uncheck();
          await unfold(tab);
          await tab.getByRole('button', { name: 'Predict' }).click();
          await tab.locator('[role=alert]:not(:empty)').waitFor();
          await tab.evaluate(axe.source);
          const { violations } = await tab.evaluate<{
            readonly violations: readonly { readonly id: string; readonly nodes: readonly { html: string }[] }[];
          }>('axe.run()');
          expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
          expect(await tab.evaluate<number>('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(
            0,
          );
        },
        options,
      );
    });
  });

  test('what moves stands still for who asks for that', async () => {
    const durations = (reducedMotion: 'reduce' | 'no-preference'): Promise<string> =>
      opened(
        address('regression'),
        async (tab) => {
          await tab.locator(ready).waitFor();
          return tab.evaluate<string>("getComputedStyle(document.querySelector('.scale .needle')).transitionDuration");
        },
        { reducedMotion },
      );
    expect(await durations('reduce')).toBe('0s');
    expect(await durations('no-preference')).not.toBe('0s');
  });

  test('a page that was damaged says so', async () => {
    const page = readFileSync(at('regression/demo.html'), 'utf8');
    const start = page.indexOf('id="model">') + 'id="model">'.length;
    writeFileSync(at('cut.html'), `${page.slice(0, start)}${page.slice(start + 4000)}`);
    await opened(pathToFileURL(at('cut.html')).href, async (tab) => {
      const alert = tab.getByRole('alert');
      await alert.waitFor();
      expect(await alert.textContent()).toBe(
        'This page is not whole: it was changed or cut on its way. Copy it again.',
      );
    });
  });

  test('as a folder it is served, with the same digits, and says so where it is not', async () => {
    const call = ['export', 'runs/regression', '--demo', '--folder', '--samples', '1', '--out', 'served'];
    const { code, stderr } = await decalign(call, { cwd: folder });
    expect(code, stderr).toBe(0);
    await opened(pathToFileURL(at('served/demo/index.html')).href, async (tab) => {
      await tab.getByRole('alert').waitFor();
      expect(await tab.getByRole('alert').textContent()).toMatch(
        /^A browser gives this page the files beside it .* only where it is served: /,
      );
    });
    const server = createServer((request, response) => {
      const name = request.url === '/' ? 'index.html' : path.basename(request.url!);
      response.setHeader('Content-Type', name.endsWith('.html') ? 'text/html' : 'application/octet-stream');
      response.end(readFileSync(at('served/demo', name)));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const page = contentOf(readFileSync(at('served/demo/index.html'), 'utf8'));
    const model = await openExport(at('served'));
    try {
      await opened(url, async (tab, { requests }) => {
        const [prediction] = await model.predict([page.samples[0]!.row]);
        expectClose(await shown(tab, prediction!.id), [Number(prediction!.prediction)]);
        expect(requests).toEqual([url, `${url}ort-wasm-simd-threaded.wasm`, `${url}model.onnx`]);
      });
    } finally {
      await model.close();
      server.closeAllConnections();
      server.close();
    }
  });
});
