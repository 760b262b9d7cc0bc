/** Makes the pictures of docs/ui.md anew: `npm run pictures`, some minutes. Of real runs, whose times differ each time. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { decalign } from '../process.ts';
import { launchChromium } from './browser.ts';
import { openTab, startUi } from './ui.ts';

const pictures = path.resolve(import.meta.dirname, '../../docs/pictures');
const folder = mkdtempSync(path.join(tmpdir(), 'decalign-pictures-'));
const seeds = ['--seeds', '1,2', '--set', 'data.synthetic.samples=1000', '--epochs', '20'];
const trainings: Readonly<Record<string, readonly string[]>> = {
  decoupled: ['synthetic', ...seeds],
  paper: ['synthetic', '--recipe', 'paper', ...seeds],
  fdmer: ['synthetic', '--model', 'fdmer', ...seeds],
  digits: ['digits', '--epochs', '5'],
};
const shots = [
  {
    name: 'ui-runs',
    address: '?select=paper/seed-1&select=paper/seed-2&select=fdmer/seed-1&select=fdmer/seed-2',
    ready: ['table.runs .spark path'],
    height: 556,
  },
  {
    name: 'ui-compare',
    address: 'compare?ids=decoupled/seed-1&ids=decoupled/seed-2&ids=paper/seed-1&ids=paper/seed-2',
    ready: ['.compared .difference', '.curves canvas'],
    height: 760,
  },
];

try {
  for (const [name, args] of Object.entries(trainings)) {
    const { code, stderr } = await decalign(['train', ...args, '--quiet', '--out', `runs/${name}`], { cwd: folder });
    if (code !== 0) throw new Error(`${name} could not be trained: ${stderr}`);
  }
  const browser = await launchChromium();
  const ui = await startUi(path.join(folder, 'runs'));
  for (const { name, address, ready, height } of shots) {
    const tab = await openTab(browser, new URL(address, ui.url).href, { width: 1200, height });
    for (const each of ready) await tab.page.locator(each).first().waitFor();
    await tab.page.screenshot({ path: path.join(pictures, `${name}.png`) });
    await tab.close();
  }
  await ui.close();
  await browser.close();
} finally {
  rmSync(folder, { recursive: true });
}
