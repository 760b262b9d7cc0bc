import { createBatch, fillBatch, type Batch } from '../data/batch.ts';
import type { Samples } from '../data/dataset.ts';
import { dropoutMasks, fillDropoutMask } from '../data/random.ts';
import type { Compile } from '../runtime/program.ts';
import { moveAverage } from './average.ts';
import { epochBatches, stepsPerEpoch } from './epoch-order.ts';
import { feedsOf } from './feeds.ts';
import { Adam, clipFactor, globalNorm, type State } from './optimizer.ts';
import { predictAll } from './predict.ts';
import {
  compilePrediction,
  compileTraining,
  initialize,
  parametersOf,
  type InputSpec,
  type Network,
  type ProgramOptions,
  type StepResult,
  type TrainingProgram,
} from './program.ts';
import { afterEpoch, learningRate } from './schedule.ts';
import type { TrainConfig } from './train-config.ts';
import { copyState, initialState, type EpochSums, type TrainingState } from './training-state.ts';

export type Metrics = Readonly<Record<string, number>>;

export type TrainEvent =
  | {
      readonly type: 'start';
      readonly parameters: number;
      readonly nodes: number;
      readonly stepsPerEpoch: number;
      /** Epochs and steps already done, when training goes on from a checkpoint. */
      readonly epoch: number;
      readonly step: number;
    }
  | {
      readonly type: 'step';
      readonly epoch: number;
      readonly step: number;
      readonly losses: Readonly<Record<string, number>>;
      readonly diagnostics: Readonly<Record<string, number>>;
      readonly gradientNorm: number;
      readonly learningRate: number;
    }
  | {
      readonly type: 'epoch';
      readonly epoch: number;
      /** Means over the epoch's steps. */
      readonly losses: Readonly<Record<string, number>>;
      readonly diagnostics: Readonly<Record<string, number>>;
      readonly valid: Metrics;
      readonly learningRate: number;
      /** Whether this epoch is the best so far. */
      readonly best: boolean;
      /** To go on from here; copies are the receiver's business. */
      readonly state: TrainingState;
    }
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'end'; readonly reason: 'finished' | 'stopped early' | 'aborted'; readonly state: TrainingState };

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
  /** A state that an earlier run reached. */
  readonly from?: TrainingState;
  readonly signal?: AbortSignal;
}

/** A marginal further off than this is worth a warning. */
const transportWarning = 1e-3;

/** Trains and reports. Whoever iterates decides what to do with the events, and may stop at any time. */
export async function* train(options: TrainOptions): AsyncGenerator<TrainEvent> {
  const { network, spec, train: samples, valid, config, seed, selection, signal } = options;
  const runtime = {
    compile: options.compile,
    device: config.device,
    ...(config.threads !== undefined && { threads: config.threads }),
  };
  const count = samples.ids.length;
  const perEpoch = stepsPerEpoch(count, config);
  const start = options.from ?? initialState(initialize(parametersOf(network, spec), seed));
  const parameters = copyState(start.parameters);
  const adam = new Adam({ weightDecay: config.weightDecay, decay: config.decay }, start);
  const average = config.average > 0 ? copyState(start.step > 0 ? start.average : start.parameters) : {};
  const kept = config.average > 0 ? average : parameters;

  const programs = new Programs(network, spec, runtime);
  const prediction = await compilePrediction(network, spec, runtime);
  try {
    const { nodes } = await programs.of(Math.min(config.batchSize, count));
    const size = Object.values(parameters).reduce((n, { length }) => n + length, 0);
    yield { type: 'start', parameters: size, nodes, stepsPerEpoch: perEpoch, epoch: start.epoch, step: start.step };

    let state: TrainingState = { ...start, parameters, mean: adam.mean, variance: adam.variance, average };
    let warned = false;
    for (let epoch = start.epoch + 1; epoch <= config.epochs; epoch++) {
      if (stoppedEarly(state, config)) break;
      const sums = new Sums(state.underway);
      let rate = 0;
      const batches = [...epochBatches(count, { ...config, seed, epoch })];
      // An interrupted epoch goes on where it stopped.
      for (const rows of batches.slice(state.step - state.epoch * perEpoch)) {
        if (signal?.aborted) {
          const within = adam.step > state.epoch * perEpoch;
          yield {
            type: 'end',
            reason: 'aborted',
            state: { ...state, step: adam.step, underway: within ? sums.totals() : null },
          };
          return;
        }
        const program = await programs.of(rows.length);
        const result = await program.run(parameters, programs.feed(samples, rows, seed, adam.step));
        const gradientNorm = globalNorm(result.gradients);
        checkFinite(result, gradientNorm, epoch, adam.step + 1);
        rate = learningRate(config, state.schedule, { step: adam.step, stepsPerEpoch: perEpoch });
        adam.update(parameters, result.gradients, {
          learningRate: rate,
          factor: clipFactor(gradientNorm, config.clip ?? undefined),
        });
        if (config.average > 0) moveAverage(average, parameters, config.average, adam.step);
        sums.add(result);
        const { losses, diagnostics } = result;
        yield { type: 'step', epoch, step: adam.step, losses, diagnostics, gradientNorm, learningRate: rate };
        const error = diagnostics['transportError'] ?? 0;
        if (error > transportWarning && !warned) {
          warned = true;
          yield { type: 'warning', message: transportMessage(error, epoch) };
        }
      }
      const { prediction: values } = await predictAll(prediction, kept, spec.features, valid);
      if (!values.every(Number.isFinite)) throw diverged('a prediction', epoch, adam.step);
      const metrics = options.evaluate(values, valid);
      const value = metrics[selection.metric]!;
      const best =
        state.best === null || (selection.better === 'lower' ? value < state.best.value : value > state.best.value);
      state = {
        ...state,
        epoch,
        step: adam.step,
        schedule: afterEpoch(config, state.schedule, { value, better: selection.better }),
        best: best ? { epoch, value, metrics, parameters: copyState(kept) } : state.best,
        underway: null,
      };
      yield { type: 'epoch', epoch, ...sums.means(perEpoch), valid: metrics, learningRate: rate, best, state };
    }
    yield { type: 'end', reason: stoppedEarly(state, config) ? 'stopped early' : 'finished', state };
  } finally {
    await Promise.all([programs.dispose(), prediction.dispose()]);
  }
}

const stoppedEarly = ({ epoch, best }: TrainingState, { patience }: TrainConfig): boolean =>
  patience !== null && best !== null && epoch - best.epoch >= patience;

const transportMessage = (error: number, epoch: number): string =>
  `The transport plan of epoch ${epoch} misses a marginal by ${error.toPrecision(2)}: λ is small for these costs. ` +
  'Raise model.transport.lambda or model.transport.sweeps.';

/** A loss that is no number anymore: training on would only spread it. */
function checkFinite({ losses }: StepResult, gradientNorm: number, epoch: number, step: number): void {
  const broken = Object.entries(losses).find(([, value]) => !Number.isFinite(value))?.[0];
  if (broken !== undefined) throw diverged(`the ${broken} loss`, epoch, step);
  if (!Number.isFinite(gradientNorm)) throw diverged('the gradient', epoch, step);
}

const diverged = (what: string, epoch: number, step: number): Error =>
  new Error(
    `Training diverged at step ${step} (epoch ${epoch}): ${what} is not finite. Lower train.learningRate, or standardise the features.`,
  );

/** One compiled program and one reused batch per batch size. */
class Programs {
  private readonly bySize = new Map<
    number,
    { program: TrainingProgram; batch: Batch; feeds: Record<string, Float32Array> }
  >();

  constructor(
    private readonly network: Network,
    private readonly spec: InputSpec,
    private readonly runtime: ProgramOptions,
  ) {}

  async of(size: number): Promise<TrainingProgram> {
    const known = this.bySize.get(size);
    if (known) return known.program;
    const program = await compileTraining(this.network, this.spec, size, this.runtime);
    const batch = createBatch(this.spec.features, size);
    const masks = dropoutMasks(program.dropouts);
    this.bySize.set(size, { program, batch, feeds: { ...feedsOf(batch, this.spec.features), ...masks } });
    return program;
  }

  /** Fills the batch of that many rows, and its dropout masks, in place. */
  feed(samples: Samples, rows: Int32Array, seed: number, step: number): State {
    const { program, batch, feeds } = this.bySize.get(rows.length)!;
    fillBatch(batch, samples, rows);
    for (const { name, rate } of program.dropouts) fillDropoutMask(feeds[name]!, rate, seed, name, step);
    return feeds;
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.bySize.values()].map(({ program }) => program.dispose()));
  }
}

/** Running sums of an epoch's losses and diagnostics. */
class Sums {
  private readonly losses: Record<string, number>;
  private readonly diagnostics: Record<string, number>;

  constructor(from: EpochSums | null) {
    this.losses = { ...from?.losses };
    this.diagnostics = { ...from?.diagnostics };
  }

  add({ losses, diagnostics }: StepResult): void {
    for (const [name, value] of Object.entries(losses)) this.losses[name] = (this.losses[name] ?? 0) + value;
    for (const [name, value] of Object.entries(diagnostics))
      this.diagnostics[name] = (this.diagnostics[name] ?? 0) + value;
  }

  totals(): EpochSums {
    return { losses: { ...this.losses }, diagnostics: { ...this.diagnostics } };
  }

  means(steps: number): EpochSums {
    const mean = (sums: Readonly<Record<string, number>>): Record<string, number> =>
      Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / steps]));
    return { losses: mean(this.losses), diagnostics: mean(this.diagnostics) };
  }
}
