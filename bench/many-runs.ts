/** Folders of many runs, as if they had been trained: copies of one that a release wrote, each with a seed and curves of its own. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { random } from '../src/data/random.ts';
import { isTree, type Tree } from '../src/json/tree.ts';

const fixture = fileURLToPath(new URL('../test/fixtures/runs/run-3/', import.meta.url));

/** Makes runs in a folder, seeds of settings that differ in their width, of so many epochs each; returns their ids. */
export function makeRuns(
  folder: string,
  { count, epochs }: { readonly count: number; readonly epochs: number },
): string[] {
  const [record, result] = ['config.json', 'result.json'].map((name) => treeIn(name)) as [Tree, Tree];
  return Array.from({ length: count }, (_, n) => {
    const [setting, seed] = [Math.floor(n / seeds), (n % seeds) + 1];
    const id = `width-${setting + 1}/seed-${seed}`;
    const directory = path.join(folder, id);
    mkdirSync(directory, { recursive: true });
    const write = (name: string, text: string): void => writeFileSync(path.join(directory, name), text);
    const config = record['config'] as Tree;
    const model = { ...(config['model'] as Tree), width: setting + 1 };
    write('config.json', JSON.stringify({ ...record, seed, config: { ...config, model } }));
    const lines = curves(epochs, n);
    write('metrics.jsonl', lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    write('result.json', JSON.stringify({ ...result, seed, best_epoch: epochs, epochs, valid: lines.at(-1)!.valid }));
    const started = new Date(Date.UTC(2026, 0, 1) + n * 60_000).toISOString();
    write('environment.json', JSON.stringify([{ started, command: 'decalign train mosi.pkl', decalign: '0.1.0' }]));
    for (const name of ['predictions.jsonl', 'progress.json'])
      cpSync(path.join(fixture, name), path.join(directory, name));
    return id;
  });
}

const seeds = 5;

function treeIn(name: string): Tree {
  const value: unknown = JSON.parse(readFileSync(path.join(fixture, name), 'utf8'));
  if (!isTree(value)) throw new TypeError(`${name} of the fixture is no object.`);
  return value;
}

interface Line extends Tree {
  readonly valid: Readonly<Record<string, number>>;
}

const losses = [
  'task',
  'decoupling',
  'heterogeneity',
  'homogeneity',
  'contrastive',
  'independence',
  'pairing',
  'total',
];
const metrics = ['mae', 'corr', 'acc2', 'f1', 'acc2_nonneg', 'f1_nonneg', 'acc3', 'acc5', 'acc7'];

/** Lines as long as those of DecAlign on MOSI, some 700 characters. */
function curves(epochs: number, run: number): Line[] {
  const noise = random(run, 'curves');
  const value = (epoch: number): number => 0.7 + Math.exp(-epoch / (epochs / 5)) + 0.02 * noise.normal();
  const named = (names: readonly string[], epoch: number): Record<string, number> =>
    Object.fromEntries(names.map((name) => [name, value(epoch)]));
  return Array.from({ length: epochs }, (_, n) => ({
    ...{ epoch: n + 1, step: 38 * (n + 1), losses: named(losses, n), diagnostics: {} },
    ...{ valid: named(metrics, n), learning_rate: 0.002, best: true },
  }));
}
