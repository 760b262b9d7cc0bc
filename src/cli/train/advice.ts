/** The advice that follows a training whose model is no better than a linear one. */
import { isTree } from '../../json/tree.ts';
import { behindRidge } from '../../experiments/behind-ridge.ts';
import type { ReferenceFigures } from '../../experiments/references-data.ts';
import { labelOf } from '../../metrics/headings.ts';
import { type MetricName } from '../../metrics/metric.ts';
import type { Prepared } from '../../runs/prepare.ts';
import type { RunResult } from '../../runs/training-run.ts';
import { epochsOfStages } from '../../train/index.ts';
import { numberText } from '../printing/columns.ts';
import { wrapped } from '../printing/wrapped.ts';

type Trained = Pick<Prepared, 'config' | 'selection'> & {
  readonly data: Pick<Prepared['data'], 'metrics'>;
  readonly network: Pick<Prepared['network'], 'name' | 'stages'>;
  readonly splits: { readonly train: { readonly ids: readonly string[] } };
};

/**
 * That the runs do not beat ridge regression on validation, on average, by the metric that picks their epochs, and what to
 * try; empty where they do, or where there is no ridge regression to compare with.
 */
export function adviceText(
  trained: Trained,
  runs: readonly Pick<RunResult, 'best_epoch' | 'epochs' | 'valid'>[],
  references: readonly ReferenceFigures[],
): string {
  const behind = behindRidge(trained.selection, runs, references.find(({ name }) => name === 'ridge')?.valid);
  if (!behind) return '';
  const label = labelOf(trained.data.metrics, trained.selection.metric as MetricName);
  const figures = `${label} ${numberText(behind.own)}, ridge ${numberText(behind.ridge)}`;
  const name = trained.network.name;
  return [
    wrapped(`${name} does not beat ridge on validation (${figures}): so far a linear model is as good or better.`),
    'To try, one at a time, judged on validation and not on test:',
    ...tries(trained, runs).map((line) => wrapped(line, '  - ')),
    '',
  ].join('\n');
}

function tries(
  { config, network, splits }: Trained,
  runs: readonly Pick<RunResult, 'best_epoch' | 'epochs'>[],
): readonly string[] {
  const { epochs, learningRate } = config.train;
  const rate = (value: number): string => `--set train.learningRate=${Number(value.toPrecision(2))}`;
  // Epochs of a run are counted with those of stages before the usual ones, of which none is the best.
  const before = epochsOfStages(network.stages ?? []);
  const late = runs.some((run) => run.best_epoch - before > 0.9 * epochs);
  const early = !late && runs.every((run) => run.best_epoch - before <= (run.epochs - before) / 4);
  const width = smallerWidth(config.model);
  const dropout = moreDropout(config.model);
  return [
    ...(late
      ? [
          `more epochs, for the best was among the last: --resume --epochs ${2 * epochs}, after this same call with the --out of its run`,
        ]
      : []),
    ...(early
      ? [`smaller steps, for the best epoch came early: ${rate(learningRate / 4)}`]
      : [`another learning rate: ${rate(learningRate / 4)}, ${rate(learningRate * 2)}`]),
    ...(dropout === undefined ? [] : [`more dropout: --set ${dropout}`]),
    ...(width === undefined ? [] : [`a smaller model: --set model.width=${width}`]),
    `more data: there are ${splits.train.ids.length.toLocaleString('en')} samples to train on; or ridge itself, if none of this helps`,
  ];
}

/** Half the width, where the model has one and its heads divide that. */
function smallerWidth({ width, heads }: Readonly<Record<string, unknown>>): number | undefined {
  if (typeof width !== 'number') return undefined;
  const half = Math.floor(width / 2);
  return half >= 4 && half % (typeof heads === 'number' ? heads : 1) === 0 ? half : undefined;
}

/** A setting of more dropout, where the model has a key for it that is not high already. */
function moreDropout({ dropout }: Readonly<Record<string, unknown>>): string | undefined {
  const [key, value] = isTree(dropout) ? ['model.dropout.output', dropout['output']] : ['model.dropout', dropout];
  return typeof value === 'number' && value < 0.6 ? `${key}=${Number((value + 0.2).toFixed(2))}` : undefined;
}
