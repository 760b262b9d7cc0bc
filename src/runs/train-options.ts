import { availableParallelism, cpus } from 'node:os';
import type { Ranks } from '../parallel/ranks.ts';
import { compile } from '../runtime/node.ts';
import type { TrainingState, TrainOptions } from '../train/index.ts';
import type { Prepared } from './prepare.ts';
import { encoderParameters } from './text/text-encoder.ts';
import { validationMetrics } from './thresholds.ts';

interface Asked {
  readonly seed: number;
  /** The state to go on from. */
  readonly state: TrainingState | undefined;
  readonly patienceFrom?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly ranks: Ranks;
}

/** What `train` needs to train a run. */
export function trainOptions(
  { config, data, network, spec, splits, selection }: Prepared,
  { seed, state, patienceFrom, signal, ranks }: Asked,
): TrainOptions {
  return {
    ...{ compile, network, spec, train: splits.train, valid: splits.valid, seed, selection, ranks },
    config: ranks.size === 1 ? config.train : { ...config.train, threads: config.train.threads ?? threadsOf(ranks) },
    ...(!state && data.encoder && { initial: encoderParameters(config) }),
    evaluate: (prediction, samples) => validationMetrics(data, prediction, samples.labels!),
    ...(state && { from: state }),
    ...(patienceFrom !== undefined && { patienceFrom }),
    ...(signal && { signal }),
  };
}

/** The cores that a rank was bound to, or its share of the machine's: on too many threads ranks would wait for each other. */
function threadsOf({ beside }: Ranks): number {
  const cores = availableParallelism();
  return cores < cpus().length ? cores : Math.max(1, Math.floor(cores / beside));
}
