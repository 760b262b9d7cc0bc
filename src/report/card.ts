/** The model card: a README in the form that Hugging Face reads, with the results as metadata (`model-index`). */
import { stringify } from 'yaml';
import { labelOf } from '../metrics/headings.ts';
import { metricsOf } from '../metrics/metric.ts';
import type { Contents, ReportedRun } from './contents.ts';
import { numberText } from './parts.ts';
import { behindText } from './ridge.ts';

export interface Card {
  readonly title: string;
  readonly parts: readonly { readonly contents: Contents }[];
  readonly commands: readonly string[];
  /** The names of the files beside it. */
  readonly report: string;
  readonly csv: string;
  readonly version: string;
}

/** What nobody should take the figures of a model for, whatever it is trained on. */
export const limits: readonly string[] = [
  'Figures hold for data such as was tested on, with features made in the same way.',
  'Nothing here says how the model does on other people, languages or recordings.',
];

/** The first line of the text after the metadata, by which a card is known as one that may be replaced. */
export const cardMark = '<!-- Made by decalign report. -->';

/** The card of the runs of a report: metadata in YAML, then what was trained, how well it does and how to use it. */
export function cardOf({ title, parts, commands, report, csv, version }: Card): string {
  const runs = parts.flatMap(({ contents }) => contents.runs);
  const trained = runs.filter(({ results }) => results.length > 0);
  const warnings = [
    ...parts.flatMap(({ contents }) => behindText(contents.runs) ?? []),
    ...parts.flatMap(({ contents }) => contents.warnings.map(({ message }) => message)),
  ];
  return [
    '---',
    stringify(metadata(trained), { lineWidth: 0 }).trimEnd(),
    '---',
    cardMark,
    '',
    `# ${plain(title)}`,
    '',
    `Trained by [decalign](https://www.npmjs.com/package/decalign) ${version}. ${linked('The whole report', report)}; ${linked('all metrics', csv)}.`,
    ...['', '## Model', ''],
    ...trained.map(modelLine),
    ...['', '## Results', ''],
    ...resultTables(runs),
    ...['## Limits', ''],
    limits.join(' '),
    ...(warnings.length > 0 ? ['', ...warnings.map((warning) => `- ${plain(warning)}`)] : []),
    ...['', '## Use', ''],
    'The model is `best.safetensors` of its run. `decalign predict RUN FILE` predicts samples of a file, `decalign export RUN` makes one ONNX file of it.',
    ...['', '## To make it again', '', '```sh', ...commands, '```', ''],
  ].join('\n');
}

/** Metadata by Hugging Face's specification of model cards. */
function metadata(trained: readonly ReportedRun[]): unknown {
  const modalities = [...new Set(trained.flatMap((run) => run.modalities?.map(({ name }) => name) ?? []))];
  return {
    library_name: 'decalign',
    tags: ['multimodal', 'decalign', ...modalities],
    metrics: [...new Set(trained.flatMap(({ metrics }) => metricsOf(metrics)))],
    'model-index': trained.flatMap((run) => {
      const split = run.test ? 'test' : 'valid';
      const summary = run[split];
      if (!summary) return [];
      const names = metricsOf(run.metrics).filter((name) => Number.isFinite(summary.mean[name]));
      const over = run.seeds > 1 ? `, mean of ${run.seeds} seeds` : '';
      return [
        {
          name: run.name,
          results: [
            {
              task: { type: taskOf(run), name: 'Multimodal learning from features' },
              dataset: { type: run.data.name, name: run.data.name, split: split === 'test' ? 'test' : 'validation' },
              metrics: names.map((name) => ({
                type: name,
                name: `${labelOf(run.metrics, name)}${over}`,
                value: Number(summary.mean[name]!.toFixed(6)),
              })),
            },
          ],
        },
      ];
    }),
  };
}

const taskOf = ({ metrics }: ReportedRun): string =>
  metrics === 'classification' || metrics === 'multilabel' || metrics === 'mosei-emotions'
    ? 'multimodal-classification'
    : 'multimodal-regression';

function modelLine({ name, title, data, modalities = [], parameters, results }: ReportedRun): string {
  const inputs = modalities.map((each) => `${each.name} (${each.width} features, ${each.time} steps)`).join(', ');
  const seeds = [...new Set(results.map(({ seed }) => seed))];
  return [
    `- **${plain(name)}**: ${plain(title)} on ${plain(data.name)}`,
    ...(inputs === '' ? [] : [`of ${plain(inputs)}`]),
    ...(parameters === undefined ? [] : [`${parameters.toLocaleString('en')} parameters`]),
    `${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')}`,
  ].join('; ');
}

function resultTables(runs: readonly ReportedRun[]): string[] {
  const kinds = [...new Set(runs.map(({ metrics }) => metrics))];
  return kinds.flatMap((kind) => {
    const rows = runs.filter(({ metrics }) => metrics === kind);
    const names = metricsOf(kind);
    const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
    return [
      line(['', 'split', ...names.map((name) => labelOf(kind, name))]),
      line(['---', '---', ...names.map(() => '--:')]),
      ...rows.flatMap((run) => {
        const summary = run.test ?? run.valid;
        if (!summary) return [];
        const cells = names.map((name) => {
          const mean = numberText(summary.mean[name]);
          return run.seeds > 1 && summary.std[name] !== undefined ? `${mean} ± ${numberText(summary.std[name])}` : mean;
        });
        return [line([plain(run.name), run.test ? 'test' : 'validation', ...cells])];
      }),
      '',
    ];
  });
}

const linked = (text: string, file: string): string => `[${text}](${encodeURI(file)})`;

/** A text that is no mark-up in Markdown, whatever letters it has, on one line. */
const plain = (text: string): string =>
  text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_{}[\]<>()#|~&!]/g, String.raw`\$&`);
