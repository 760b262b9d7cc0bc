import path from 'node:path';
import { columnOf } from '../data/columns/numbers.ts';
import { listed } from '../data/columns/names.ts';
import type { ExportDescription } from '../deploy/description.ts';
import { exportOnnx } from '../runs/export/export-onnx.ts';
import { openModel } from '../runs/open-model.ts';
import { command } from './command.ts';
import { ownModelOf, ownModelOptions } from './options/own-model.ts';
import { positive } from './options/parse.ts';
import { shared } from './options/shared.ts';
import { UsageError } from './usage-error.ts';

/** Where rows of new data have the modalities that are not simply called so. */
function rowsText({ rows, tokenizer }: Pick<ExportDescription, 'rows' | 'tokenizer'>): string[] {
  const lines = Object.entries(rows).flatMap(([name, { columns, key = name, encoder, texts = ['raw_text'] }]) => {
    if (columns) return [`  ${name}  columns ${listed(columns.map(columnOf))}`];
    if (encoder !== undefined)
      return [
        `  ${name}  ${encoder}; not ${listed(texts)} itself, ${tokenizer ? 'which decalign serve takes, by tokenizer/' : 'as no tokeniser is exported'}`,
      ];
    return key === name ? [] : [`  ${name}  ${JSON.stringify(key)}`];
  });
  return lines.length > 0 ? ['rows', ...lines] : [];
}

export const exportCommand = command('export', {
  summary: 'the forward pass as ONNX, with its standardisation inside, and a JSON description',
  example: 'decalign export runs/mosi --out deploy',
  description:
    'Writes model.onnx and model.json into DIR. The file takes raw features, of any number of samples unless --batch fixes it, and is checked against the model in memory before it is written.',
  arguments: [['<run>', 'run directory, or .safetensors of one']],
  options: [
    ...ownModelOptions,
    { ...shared.out, help: 'default: export/ inside the run directory' },
    { flag: '--batch <n>', help: 'fix the number of samples: with 1, the file answers soonest', parse: positive },
    { ...shared.json, help: 'print the description as one JSON document' },
  ],
  action: async (run, { out, batch, json, ...named }) => {
    if (['.pth', '.pt'].includes(path.extname(run)))
      throw new UsageError(`${run} is a PyTorch checkpoint; evaluate and predict take it, export takes a run.`);
    const directory = out ?? path.join(path.extname(run) === '.safetensors' ? path.dirname(run) : run, 'export');
    const model = openModel(run, await ownModelOf(named));
    const description = await exportOnnx(model, directory, { ...(batch !== undefined && { batch }) });
    if (json) {
      process.stdout.write(`${JSON.stringify({ directory, ...description })}\n`);
      return;
    }
    const row = ({ name, dtype, shape }: (typeof description.inputs)[number]): string =>
      `  ${name}  ${dtype} [${shape.join(', ')}]`;
    process.stdout.write(
      [
        `${path.join(directory, 'model.onnx')} (opset ${description.opset}, standard operators only)`,
        'inputs',
        ...description.inputs.map(row),
        ...rowsText(description),
        'outputs',
        ...description.outputs.map(row),
        `largest difference from the model in memory: ${description.largest_difference.toExponential(1)}`,
        '',
      ].join('\n'),
    );
  },
});
