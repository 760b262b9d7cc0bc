import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { loadDataset } from '../data/datasets/load.ts';
import { describeDataset } from '../data/describe.ts';
import { readNpz } from '../data/formats/npz.ts';
import { readSafetensors } from '../data/formats/safetensors.ts';
import { readTorch } from '../data/formats/torch.ts';
import { command } from './command.ts';
import { outline } from './outline.ts';

export const inspectCommand = command('inspect', {
  summary: 'what a data file, checkpoint or run holds, and whether it is sound',
  example: 'decalign inspect mosi.pkl',
  description: 'FILE is a feature file, a run directory, or a .safetensors, .pth or .npz file.',
})
  .argument('<file>', 'feature file, run directory, .safetensors, .pth or .npz')
  .option('--json', 'print one JSON document, nothing left out')
  .action(async (file: string, { json }: { readonly json?: boolean }) => {
    const description = await describe(file);
    process.stdout.write(json ? `${JSON.stringify(description)}\n` : outline(description));
  });

const readers: Readonly<Record<string, (bytes: Uint8Array, options: { readonly file: string }) => unknown>> = {
  '.safetensors': (bytes, options) => {
    const { tensors, metadata } = readSafetensors(bytes, options);
    const described = Object.fromEntries(Object.entries(metadata).map(([key, text]) => [key, parsed(text)]));
    return { format: 'safetensors', tensors: shapes(tensors), metadata: described };
  },
  '.pth': (bytes, options) => ({ format: 'PyTorch', tensors: shapes(readTorch(bytes, options)) }),
  '.pt': (bytes, options) => ({ format: 'PyTorch', tensors: shapes(readTorch(bytes, options)) }),
  '.npz': (bytes, options) => ({ format: 'NumPy', tensors: shapes(readNpz(bytes, options)) }),
};

async function describe(file: string): Promise<unknown> {
  if (existsSync(file) && statSync(file).isDirectory()) return describeFolder(file);
  const reader = readers[path.extname(file).toLowerCase()];
  if (!reader) return describeDataset(await loadDataset(file, { splits: 'present', requireLabels: false }));
  if (!existsSync(file)) throw new Error(`${file} does not exist; give a data file, a checkpoint or a run directory.`);
  return reader(readFileSync(file), { file });
}

/** A run, or the runs of several seeds. */
function describeFolder(directory: string): unknown {
  const run = describeRun(directory);
  if (run) return run;
  const seeds = readdirSync(directory)
    .filter((name) => name.startsWith('seed-'))
    .sort((a, b) => Number(a.slice(5)) - Number(b.slice(5)))
    .flatMap((name) => {
      const one = describeRun(path.join(directory, name));
      return one ? [[name, { status: one.status, epochs_done: one.epochs_done, result: one.result }] as const] : [];
    });
  if (seeds.length > 0) return { format: 'runs of several seeds', runs: Object.fromEntries(seeds) };
  throw new Error(
    `${directory} is a folder but no run (there is no config.json in it); name a file, or a run directory.`,
  );
}

interface RunDescription {
  readonly format: 'run';
  readonly status: 'finished' | 'not finished';
  readonly epochs_done: number;
  readonly last_epoch: unknown;
  readonly result: unknown;
  readonly environment: unknown;
}

/** A run: what it was asked, how far it got, what came out. */
function describeRun(directory: string): RunDescription | undefined {
  const read = (name: string): unknown => {
    const file = path.join(directory, name);
    return existsSync(file) ? parsed(readFileSync(file, 'utf8')) : undefined;
  };
  const config = read('config.json');
  if (typeof config !== 'object') return undefined;
  const result = read('result.json');
  const metrics = path.join(directory, 'metrics.jsonl');
  const epochs = existsSync(metrics) ? readFileSync(metrics, 'utf8').trim().split('\n').filter(Boolean) : [];
  return {
    format: 'run',
    status: result === undefined ? 'not finished' : 'finished',
    epochs_done: epochs.length,
    last_epoch: epochs.length > 0 ? parsed(epochs.at(-1)!) : undefined,
    result,
    ...config,
    environment: read('environment.json'),
  };
}

const shapes = (
  tensors: Readonly<Record<string, { readonly dtype: string; readonly shape: readonly number[] }>>,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { dtype, shape }]) => [name, `${dtype} [${shape.join(', ')}]`]),
  );

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
