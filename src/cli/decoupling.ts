import { measuredRun } from '../experiments/measured-run.ts';
import type { DecouplingReport } from '../runs/decoupling.ts';
import { command } from './command.ts';
import { dataHelp } from './options/data.ts';
import { splitNamed } from './options/parse.ts';
import { ownModelOf, ownModelOptions } from './options/own-model.ts';
import { shared } from './options/shared.ts';

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
    shared.json,
  ],
  action: async (run, data, { split, json, ...named }) => {
    const own = await ownModelOf(named);
    const { source, report } = await measuredRun(run, { source: data, split, own });
    process.stdout.write(json ? `${JSON.stringify({ run, data: source, ...report })}\n` : `${text(source, report)}\n`);
  },
});

type Figure = number | undefined;

const shown = (x: Figure): string => (x === undefined ? 'absent' : x.toFixed(3));

function text(
  source: string,
  { split, samples, decoupling, retrieval, factors, factorsByKernel, intervals }: DecouplingReport,
): string {
  const { score, agreement, leak, overlap, uniqueFromCommon, commonFromUnique } = decoupling;
  const of = intervals.groups === undefined ? 'samples' : `${intervals.groups} groups`;
  const between = (interval: { readonly low: number; readonly high: number } | undefined): string =>
    interval ? `, 95 % ${shown(interval.low)} to ${shown(interval.high)} over ${of}` : '';
  const table = (rows: readonly (readonly [string, Figure, string])[]): string => {
    const width = Math.max(...rows.map(([name]) => name.length));
    return rows.map(([name, value, says]) => `${name.padEnd(width)}  ${shown(value).padStart(6)}  ${says}`).join('\n');
  };
  const parts = [
    `${source}, ${split} split (${samples} samples)`,
    table([
      ['D', score, `A (1 - L)(1 - U)${between(intervals.score)}`],
      ['A', agreement, 'common features of a sample agree across modalities'],
      ['L', leak, 'leak: the larger of the two R2 of the parts below'],
      ['U', overlap, 'overlap: R2 of unique features from other unique ones'],
    ]),
    table([
      ['unique from common', uniqueFromCommon, 'mean R2, linear'],
      ['common from unique', commonFromUnique, 'mean R2, linear'],
      ['retrieval at 1', retrieval?.at1, `the same sample is nearest; chance ${shown(retrieval?.chanceAt1)}`],
      ['retrieval at 10', retrieval?.at10, `among the ten nearest; chance ${shown(retrieval?.chanceAt10)}`],
      ['less chance', retrieval && retrieval.at10 - retrieval.chanceAt10, between(intervals.retrieval).slice(2)],
    ]),
  ];
  if (factors) {
    const rows = [
      ['cS  shared ones from common features', 'commonShared'],
      ['cO  own ones from common features', 'commonOwn'],
      ['uS  shared ones from unique features', 'uniqueShared'],
      ['uO  own ones from unique features', 'uniqueOwn'],
    ] as const;
    const of = (name: string, ...columns: readonly string[]): string =>
      [name.padEnd(38), ...columns.map((column) => column.padStart(8))].join('');
    parts.push(
      [
        of('R2 of true factors', 'linear', 'kernel'),
        ...rows.map(([says, name]) => of(says, shown(factors[name]), shown(factorsByKernel?.[name]))),
      ].join('\n'),
    );
  }
  return parts.join('\n\n');
}
