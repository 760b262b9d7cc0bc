import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { stringify } from 'yaml';
import { loadDataset } from '../data/datasets/load.ts';
import { describeDataset } from '../data/describe.ts';
import { readNpz } from '../data/formats/npz.ts';
import { readSafetensors } from '../data/formats/safetensors.ts';
import { readTorch } from '../data/formats/torch.ts';
import { UsageError } from './usage-error.ts';

export const inspectCommand = new Command('inspect')
  .summary('what a data file, checkpoint or run holds, and whether it is sound')
  .description(
    'Example: decalign inspect mosi.pkl\n\nFILE is a feature file, a run directory, or a .safetensors, .pth or .npz file.',
  )
  .argument('<file>', 'feature file, run directory, .safetensors, .pth or .npz')
  .option('--json', 'print one JSON document', false)
  .action(async (file: string, { json }: { readonly json: boolean }) => {
    const description = await describe(file);
    process.stdout.write(
      json
        ? `${JSON.stringify(description)}\n`
        : stringify(description, { flowCollectionPadding: false, collectionStyle: 'any' }),
    );
  });

async function describe(file: string): Promise<unknown> {
  if (existsSync(file) && statSync(file).isDirectory()) return describeRun(file);
  const readers: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
    '.safetensors': (bytes) => {
      const { tensors, metadata } = readSafetensors(bytes, { file });
      const described = Object.fromEntries(Object.entries(metadata).map(([key, text]) => [key, parsed(text)]));
      return { format: 'safetensors', tensors: shapes(tensors), metadata: described };
    },
    '.pth': (bytes) => ({ format: 'PyTorch', tensors: shapes(readTorch(bytes, { file })) }),
    '.pt': (bytes) => ({ format: 'PyTorch', tensors: shapes(readTorch(bytes, { file })) }),
    '.npz': (bytes) => ({ format: 'NumPy', tensors: shapes(readNpz(bytes, { file })) }),
  };
  const reader = readers[path.extname(file).toLowerCase()];
  if (!reader) return describeDataset(await loadDataset(file, { splits: 'present', requireLabels: false }));
  if (!existsSync(file)) throw new Error(`${file} does not exist.`);
  return reader(readFileSync(file));
}

/** A run: what it was asked, how far it got, what came out. */
function describeRun(directory: string): unknown {
  const read = (name: string): unknown => {
    const file = path.join(directory, name);
    return existsSync(file) ? parsed(readFileSync(file, 'utf8')) : undefined;
  };
  const config = read('config.json');
  const result = read('result.json');
  if (config === undefined && result === undefined)
    throw new UsageError(
      `${directory} is a folder but no run (there is no config.json in it); name a file, or a run directory.`,
    );
  const metrics = path.join(directory, 'metrics.jsonl');
  const epochs = existsSync(metrics) ? readFileSync(metrics, 'utf8').trim().split('\n').filter(Boolean) : [];
  return {
    format: 'run',
    status: result === undefined ? 'not finished' : 'finished',
    epochs_done: epochs.length,
    last_epoch: epochs.length > 0 ? parsed(epochs.at(-1)!) : undefined,
    result,
    ...(typeof config === 'object' ? config : {}),
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
