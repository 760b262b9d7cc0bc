import { measuredRun } from '../experiments/measured-run.ts';
import { measureDecoupling } from '../runs/decoupling.ts';
import { command } from './command.ts';
import { dataHelp } from './options/data.ts';
import { splitNamed } from './options/parse.ts';
import { ownModelOf, ownModelOptions } from './options/own-model.ts';
import { shared } from './options/shared.ts';
import { decouplingText } from './printing/decoupling.ts';

export const decouplingCommand = command('decoupling', {
  summary: 'how far the unique and common parts of a trained model are apart, and whether common ones agree',
  example: 'decalign decoupling runs/synthetic',
  description:
    'RUN is a run directory of a model that keeps unique and common parts. Probes are fitted on the training split and scored on --split. docs/decoupling.md says how to read the figures.',
  arguments: [
    ['<run>', 'run directory'],
    ['[data]', `${dataHelp}; default: what the run was trained on`],
  ],
  options: [
    {
      flag: '--split <name>',
      help: 'the split that is scored: train, valid or test',
      parse: splitNamed,
      default: 'test',
    },
    ...ownModelOptions,
    shared.device,
    shared.json,
  ],
  action: async (run, data, { split, device, json, ...named }) => {
    const own = await ownModelOf(named);
    const { source, report } = await measuredRun(run, measureDecoupling, {
      source: data,
      split,
      own: { ...own, device },
    });
    process.stdout.write(
      json ? `${JSON.stringify({ run, data: source, ...report })}\n` : `${decouplingText(source, report)}\n`,
    );
  },
});
