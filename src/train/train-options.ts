import type { Samples } from '../data/dataset.ts';
import type { Ranks } from '../parallel/ranks.ts';
import type { Compile } from '../runtime/compile.ts';
import type { InputSpec, Network } from './network.ts';
import type { StateDict } from './state-dict.ts';
import type { TrainConfig } from './train-config.ts';
import type { Metrics } from './train-event.ts';
import type { TrainingState } from './training-state.ts';

export interface Selection {
  readonly metric: string;
  readonly better: 'lower' | 'higher';
}

export interface TrainOptions {
  /** What runs the graphs: `compile` of Node, or that of a browser's runtime (`openRuntime`). */
  readonly compile: Compile;
  readonly network: Network;
  readonly spec: InputSpec;
  readonly train: Samples;
  readonly valid: Samples;
  readonly config: TrainConfig;
  readonly seed: number;
  /** Which validation metric picks the best epoch. */
  readonly selection: Selection;
  /** Metrics of predictions (`[N]` or logits `[N, classes]`) on the validation split. */
  readonly evaluate: (prediction: Float32Array, samples: Samples) => Metrics;
  /** Values that some of the parameters start from, such as those of a pretrained encoder. */
  readonly initial?: StateDict;
  /** The state of an earlier training to go on from. */
  readonly from?: TrainingState;
  /** The epoch from which on patience counts at the earliest: that at which a training was given more epochs. Default: 0. */
  readonly patienceFrom?: number;
  readonly signal?: AbortSignal;
  /** The processes that train together, each with the same options. Default: this one by itself. */
  readonly ranks?: Ranks;
}
