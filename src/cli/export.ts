import path from 'node:path';
import { columnOf } from '../data/columns/numbers.ts';
import { listed } from '../data/columns/names.ts';
import { makeDemo, usualMostInPage, type MadeDemo } from '../demo/make.ts';
import type { ExportDescription } from '../deploy/description.ts';
import { exportOnnx } from '../runs/export/export-onnx.ts';
import { openModel } from '../runs/open-model.ts';
import { shellWord } from '../text/shell-word.ts';
import { command } from './command.ts';
import { ownModelOf, ownModelOptions } from './options/own-model.ts';
import { positive } from './options/parse.ts';
import { refuseBoth, shared } from './options/shared.ts';
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
    {
      flag: '--demo',
      help: 'also a page that predicts in a browser, without a server: demo.html, or of a large model the folder demo/',
    },
    {
      flag: '--samples <n>',
      help: 'with --demo: put so many samples of the test split into the page; default: none',
      parse: positive,
    },
    { flag: '--texts', help: 'with --samples: also their sentences' },
    { flag: '--data <file>', help: 'with --samples: what they are taken from; default: the data of the run' },
    { flag: '--folder', help: `with --demo: a folder that is served, as of models over ${usualMostInPage / 1e6} MB` },
    { flag: '--batch <n>', help: 'fix the number of samples: with 1, the file answers soonest', parse: positive },
    { ...shared.json, help: 'print the description as one JSON document' },
  ],
  action: async (run, { out, batch, json, demo, samples, texts, data, folder, ...named }) => {
    checkOptions({ demo, samples, texts, data, folder, batch });
    if (['.pth', '.pt'].includes(path.extname(run)))
      throw new UsageError(`${run} is a PyTorch checkpoint; evaluate and predict take it, export takes a run.`);
    const directory = out ?? path.join(path.extname(run) === '.safetensors' ? path.dirname(run) : run, 'export');
    const own = await ownModelOf(named);
    const model = openModel(run, own);
    const page = demo
      ? await makeDemo(model, directory, {
          ...{ run, own: own?.model, mostInPage: folder ? 0 : undefined },
          samples: samples === undefined ? undefined : { count: samples, data, texts },
        })
      : undefined;
    const description = page?.description ?? (await exportOnnx(model, directory, batch === undefined ? {} : { batch }));
    if (json) {
      const about = page && { page: page.page, bytes: page.bytes, samples: page.samples, served: page.isFolder };
      process.stdout.write(`${JSON.stringify({ directory, ...description, ...(about && { demo: about }) })}\n`);
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
        ...(page ? [pageText(page)] : []),
        '',
      ].join('\n'),
    );
  },
});

/** The page that was made, and how it is opened. */
function pageText({ page, isFolder, bytes, samples }: MadeDemo): string {
  const held = samples === 0 ? 'no sample of the data' : `${samples} of the data's samples`;
  const size = `${(bytes / 1e6).toFixed(1)} MB with runtime and model`;
  return isFolder
    ? `${page} (${size}, ${held}): serve its folder, as by npx http-server ${shellWord(path.dirname(page))}`
    : `${page} (${size}, ${held}): open it in a browser`;
}

/** What `checkOptions` looks at. */
interface Given {
  readonly demo: boolean | undefined;
  readonly samples: number | undefined;
  readonly texts: boolean | undefined;
  readonly data: string | undefined;
  readonly folder: boolean | undefined;
  readonly batch: number | undefined;
}

/** Refuses options that mean nothing without another. */
function checkOptions(given: Given): void {
  const needs = [
    ['samples', 'demo'],
    ['folder', 'demo'],
    ['texts', 'samples'],
    ['data', 'samples'],
  ] as const;
  for (const [option, other] of needs)
    if (given[option] !== undefined && given[other] === undefined)
      throw new UsageError(`--${option} goes with --${other}, which is missing.`);
  refuseBoth({ ...given }, 'demo', 'batch');
}
