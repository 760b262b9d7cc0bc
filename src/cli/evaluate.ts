import { InvalidArgumentError } from 'commander';
import { robustness, usualRates, type Curve, type Imperfection } from '../experiments/robustness.ts';
import { hasSeveral, scoredNames } from '../data/task.ts';
import { leftOutOfMeans } from '../metrics/left-out.ts';
import type { MetricKind } from '../metrics/metric.ts';
import { score } from '../runs/open-model.ts';
import { command } from './command.ts';
import { openingArguments, openingOptions, openModelAndData } from './options/model-and-data.ts';
import { splitNamed } from './options/parse.ts';
import { shared } from './options/shared.ts';
import { confusionTable, metricsTable, scoresByNameTable, type MetricsRow } from './printing/metrics-table.ts';

/** Parses an imperfection of that kind: `audio`, `audio=0.5`, or `text+audio=0.1,0.5` for two modalities at once. */
const imperfection =
  (kind: Imperfection['kind']) =>
  (text: string): Imperfection => {
    const [names = '', given] = text.split('=');
    const modalities = names.split('+').map((name) => name.trim());
    const rates = given === undefined ? usualRates : given.split(',').map(Number);
    const most = kind === 'drop' ? 1 : Infinity;
    if (modalities.some((name) => name === '') || rates.some((rate) => !(rate >= 0 && rate <= most)) || given === '')
      throw new InvalidArgumentError(
        `It must be a modality, or one with ${kind === 'drop' ? 'shares from 0 to 1' : 'deviations'}, as in audio=0.1,0.5.`,
      );
    return { kind, modalities, rates };
  };

export const evaluateCommand = command('evaluate', {
  summary: 'metrics and confusion matrix of a trained model on a file',
  example: 'decalign evaluate runs/mosi mosi.pkl --split valid',
  description:
    'RUN is a run directory, a .safetensors file of one, a .pth of the authors with its --config, or one of MMSA with --model.',
  arguments: openingArguments,
  options: [
    { flag: '--split <name>', help: 'train, valid or test', parse: splitNamed, default: 'test' },
    ...openingOptions,
    {
      flag: '--drop <modality>',
      help: 'take it from a growing share of the samples; audio=0.5 or audio=0.1,0.5 at these',
      parse: imperfection('drop'),
      repeated: true,
    },
    {
      flag: '--noise <modality>',
      help: 'add noise of growing deviation to it; likewise; text+audio: to both at once',
      parse: imperfection('noise'),
      repeated: true,
    },
    shared.json,
  ],
  action: async (run, source, { drop = [], noise = [], json, ...opening }) => {
    const { model, dataset } = await openModelAndData(run, source, { ...opening, requireLabels: true });
    const { split, threads } = opening;
    const use = { split, ...(threads !== undefined && { threads }) };
    const { samples, metrics, confusion } = await score(model, dataset, use);
    const { metrics: kind, task } = model.data;
    for (const line of leftOutOfMeans(kind, dataset.splits[split]?.labels ?? [], scoredNames(task)))
      process.stderr.write(`${line}\n`);
    const imperfections = [...drop, ...noise];
    const curves = imperfections.length > 0 ? await robustness(model, dataset, imperfections, use) : [];
    if (json) {
      const measured = curves.length > 0 ? { robustness: curves } : {};
      process.stdout.write(
        `${JSON.stringify({ run, data: source, split, samples, metrics, confusion, ...measured })}\n`,
      );
      return;
    }
    const rows = [{ name: model.network.name, metrics }];
    const lines = [`${source}, ${split} split (${samples} samples)`, '', metricsTable(model.data.metrics, rows)];
    if (hasSeveral(task)) lines.push('', scoresByNameTable(task.names, metrics));
    if (confusion) lines.push('', confusionTable(confusion));
    for (const curve of curves) lines.push('', curveTitle(curve), '', curveTable(model.data.metrics, curve));
    process.stdout.write(`${lines.join('\n')}\n`);
  },
});

function curveTitle({ kind, modalities }: Curve): string {
  const names = modalities.join(' and ');
  return kind === 'drop'
    ? `Without ${names}, by the share of samples that miss it`
    : `Noise on ${names}, by its deviation`;
}

function curveTable(kind: MetricKind, { points, mean }: Curve): string {
  const rows: MetricsRow[] = points.map(({ rate, metrics }) => ({ name: String(rate), metrics }));
  return metricsTable(kind, points.length > 1 ? [...rows, { name: 'mean', metrics: mean }] : rows);
}
