/** The same training step by WebGPU in a page: results as on the CPU, and what a page without an adapter is told. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WebDevice } from '../../src/web.ts';
import { relativeDifference } from '../relative.ts';
import { bundlePage, chromiumPath, inPage, launchChromium, servePage, softwareGpu, type Site } from './browser.ts';
import type { Page } from './page.ts';
import type { FirstStep } from './steps.ts';

declare const page: Page;
declare const navigator: { readonly gpu?: { requestAdapter(): Promise<object | null> } };

// In CI Chromium has to be there: launchChromium() says what to do.
const without = chromiumPath === undefined && !process.env['CI'];
const title = without ? 'in Chromium: install it, or name it by the environment variable CHROMIUM' : 'in Chromium';

describe.skipIf(without)(title, () => {
  let site: Site;
  beforeAll(async () => {
    site = await servePage((await bundlePage('test/browser/page.ts')).script);
  });
  afterAll(() => site.close());

  const step = (browser: Browser, device: WebDevice): Promise<FirstStep> =>
    inPage(browser, site.isolated, (tab) =>
      tab.evaluate((named) => page.firstStep({ files: 'onnxruntime/', threads: 1, device: named }, 'paper'), device),
    );

  describe('with an adapter in software', () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await launchChromium(softwareGpu);
    });
    afterAll(() => browser.close());

    test('losses, gradient and prediction of a step are those of the CPU to 1e-5', async ({ skip }) => {
      const adapter = await inPage(browser, site.isolated, (tab) =>
        tab.evaluate(async () => Boolean(await navigator.gpu?.requestAdapter())),
      );
      if (!adapter) skip('this Chromium has no adapter for WebGPU, as it comes without SwiftShader');
      const [cpu, webgpu] = [await step(browser, 'cpu'), await step(browser, 'webgpu')];
      for (const [name, loss] of Object.entries(cpu.losses))
        expect(relativeDifference([webgpu.losses[name]!], [loss]), name).toBeLessThan(1e-5);
      expect(relativeDifference(webgpu.gradient, cpu.gradient)).toBeLessThan(1e-5);
      expect(relativeDifference(webgpu.prediction, cpu.prediction)).toBeLessThan(1e-5);
      // Sums are added up in another order: the same bits would be those of the CPU.
      expect(webgpu.gradient).not.toEqual(cpu.gradient);
    });
  });

  describe('without one', () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await launchChromium(['--disable-gpu']);
    });
    afterAll(() => browser.close());

    test('a page is told so in one line', async () => {
      await expect(step(browser, 'webgpu')).rejects.toThrow(
        /Error: Device "webgpu" (finds no adapter|needs a browser with WebGPU)[^\n]*; openRuntime\(\) without a device runs on the CPU\.\n/,
      );
    });
    test('an unknown device is refused', async () => {
      const url = site.plain;
      await expect(
        inPage(browser, url, (tab) =>
          tab.evaluate(() => page.threads({ files: 'onnxruntime/', device: 'abacus' as 'cpu' })),
        ),
      ).rejects.toThrow('Unknown device "abacus": in a browser there are cpu and webgpu.');
    });
  });
});
