import type { Split } from '../data/dataset.ts';
import { score } from '../runs/open-model.ts';
import { command } from './command.ts';
import { openModelAndData } from './model-and-data.ts';
import { positive, splitNamed } from './options.ts';
import { confusionTable, metricsTable } from './report.ts';

interface EvaluateOptions {
  readonly split: Split;
  readonly config?: string;
  readonly threads?: number;
  readonly json?: boolean;
}

export const evaluateCommand = command('evaluate', {
  summary: 'metrics and confusion matrix of a trained model on a file',
  example: 'decalign evaluate runs/mosi mosi.pkl --split valid',
  description: 'RUN is a run directory, a .safetensors file of one, or a .pth of the authors with its --config.',
})
  .argument('<run>', 'run directory, .safetensors, or .pth with --config')
  .argument('<data>', 'feature file, or "synthetic"')
  .option('--split <name>', 'train, valid or test', splitNamed, 'test')
  .option('--config <file>', "the authors' JSON configuration of a .pth")
  .option('--threads <n>', 'threads of the runtime', positive)
  .option('--json', 'print one JSON document')
  .action(async (run: string, source: string, { split, config, threads, json }: EvaluateOptions) => {
    const { model, dataset } = await openModelAndData(run, source, {
      split,
      requireLabels: true,
      ...(config !== undefined && { config }),
    });
    const scores = await score(model, dataset, { split, ...(threads !== undefined && { threads }) });
    if (json) {
      process.stdout.write(
        `${JSON.stringify({ run, data: source, split, samples: scores.samples, metrics: scores.metrics, confusion: scores.confusion })}\n`,
      );
      return;
    }
    const rows = [{ name: model.network.name, metrics: scores.metrics }];
    const lines = [`${source}, ${split} split (${scores.samples} samples)`, '', metricsTable(model.data.metrics, rows)];
    if (scores.confusion) lines.push('', confusionTable(scores.confusion));
    process.stdout.write(`${lines.join('\n')}\n`);
  });
