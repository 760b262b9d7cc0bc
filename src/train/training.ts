import type { Stage } from '../models/index.ts';
import type { ParameterGroup } from '../nn/index.ts';
import { oneRank, type Ranks } from '../parallel/ranks.ts';
import { moveAverage } from './optimisation/average.ts';
import type { MicroBatch } from './programs/batch-feeds.ts';
import { chooseOnValidation } from './choose-on-validation.ts';
import { compilePrediction, type PredictionProgram } from './programs/compile-prediction.ts';
import type { ProgramOptions } from './programs/compile-training.ts';
import { diverged, notFinite, someOf } from './diverged/diverged.ts';
import { epochSteps, stepsPerEpoch } from './epoch-order.ts';
import { meansOf, noSums, plus } from './epoch-sums.ts';
import { initialize } from './initialize.ts';
import { parametersOf, type Network } from './network.ts';
import { Adam, clipFactor, globalNorm } from './optimisation/optimizer.ts';
import { predictShared } from './split/predict-shared.ts';
import { Steps, type StepResult } from './split/steps.ts';
import { afterEpoch, learningRate } from './optimisation/schedule.ts';
import { epochsOfStages, stagesIn } from './place-of-epoch.ts';
import { copyOf, type StateDict } from './state-dict.ts';
import type { TrainConfig } from './train-config.ts';
import type { EventOf } from './train-event.ts';
import type { TrainOptions } from './train-options.ts';
import { initialState, type TrainingState } from './training-state.ts';

/** So many steps left out one after another end training: numbers would not become finite again by themselves. */
const mostInARow = 10;

/** A training under way: its programs, its optimiser, and the state that each step and each validation moves on. */
export class Training {
  /** The state reached. Its arrays are changed in place; all else is replaced. */
  state: TrainingState;
  private readonly adam: Adam;
  private readonly steps: Steps;
  private readonly stepsPerEpoch: number;
  /** The number of epochs at most, with those of a model's stages. */
  private readonly epochs: number;
  /** Whether a rank has asked to stop, as all have learned of it with the last step. */
  private stopping = false;

  private constructor(
    private readonly options: TrainOptions,
    private readonly prediction: PredictionProgram,
    private readonly groups: Readonly<Record<string, ParameterGroup>>,
    start: TrainingState,
  ) {
    const { network, spec, train: samples, config } = options;
    const { weightDecay, decay, average, modalityDropout, parallel, parts } = config;
    this.stepsPerEpoch = stepsPerEpoch(samples.ids.length, config);
    this.epochs = config.epochs + epochsOfStages(network.stages ?? []);
    this.adam = new Adam({ weightDecay, decay }, start);
    const runtime = runtimeOf(options);
    const batches = { network, spec, samples, runtime, running: start.running, modalityDropout };
    this.steps = new Steps({ ...batches, parallel, parts, ranks: ranksOf(options) });
    this.state = {
      ...start,
      parameters: copyOf(start.parameters),
      mean: this.adam.mean,
      variance: this.adam.variance,
      running: this.steps.batches.running,
      average: average > 0 ? copyOf(start.step > 0 ? start.average : start.parameters) : {},
    };
  }

  /** Draws the parameters or takes those of `from`, and compiles the program for validation. */
  static async open(options: TrainOptions): Promise<Training> {
    const { network, spec, seed, initial, from } = options;
    const declared = parametersOf(network, spec);
    const groups = Object.fromEntries([...declared].map(([name, { group }]) => [name, group]));
    const start = from ?? initialState(initialize(declared, seed, initial));
    return new Training(options, await compilePrediction(network, spec, runtimeOf(options)), groups, start);
  }

  /** Compiles the program that the first step needs, and that of the usual epochs, whose nodes are told. */
  async start(): Promise<EventOf<'start'>> {
    const { train: samples, config, network } = this.options;
    const { epoch, step, parameters } = this.state;
    const size = Math.min(config.batchSize, samples.ids.length);
    const first = stageOf(network, epoch + 1)?.name;
    if (first !== undefined) await this.steps.prepare(size, first);
    const nodes = await this.steps.prepare(size, undefined);
    const count = Object.values(parameters).reduce((n, { length }) => n + length, 0);
    const { stepsPerEpoch, epochs } = this;
    const stages = stagesIn(network);
    return {
      ...{ type: 'start', parameters: count, nodes, stepsPerEpoch, epochs, epoch, step },
      ...(stages && { stages }),
    };
  }

  /** Whether training is to end before its next step: of several ranks, after the same one on each. */
  get aborted(): boolean {
    return ranksOf(this.options).size > 1 ? this.stopping : (this.options.signal?.aborted ?? false);
  }

  /** What there is to tell of how its batches are divided, once it has started; undefined where that is as asked. */
  get divided(): EventOf<'warning'> | undefined {
    if (!this.steps.isLocal) return undefined;
    const message =
      `${this.options.network.name} names no losses of the whole batch: each part of it has losses of its own samples, as by train.parallel=local ` +
      '(docs/ranks.md says for which models that is the same).';
    return { type: 'warning', about: 'parallel', message };
  }

  get finished(): boolean {
    return this.state.epoch >= this.epochs;
  }

  get stoppedEarly(): boolean {
    const { epoch, best } = this.state;
    const { config, patienceFrom = 0 } = this.options;
    const { patience } = config;
    return patience !== null && best !== null && epoch - Math.max(best.epoch, patienceFrom) >= patience;
  }

  /** The batches of each step that is left of the epoch: an epoch that was interrupted goes on where it stopped. */
  stepsLeftInEpoch(): (readonly Int32Array[])[] {
    const { train: samples, config, seed } = this.options;
    const { epoch, step } = this.state;
    const steps = [...epochSteps(samples.ids.length, { ...config, seed, epoch: epoch + 1 })];
    return steps.slice(step - epoch * this.stepsPerEpoch);
  }

  /**
   * Takes a step of the optimiser by the mean gradient of these batches, or leaves it out where numbers are not finite.
   */
  async takeStep(batches: readonly Int32Array[]): Promise<EventOf<'step'> | EventOf<'left out'>> {
    const { config, seed, network } = this.options;
    const { parameters, average, underway, leftOut } = this.state;
    const epoch = this.state.epoch + 1;
    const microBatches = batches.map((rows, i): MicroBatch => {
      const index = this.state.step * config.accumulate + i;
      return { rows, epoch, stage: stageOf(network, epoch)?.name, seed, index };
    });
    const result = await this.steps.run(parameters, microBatches, this.options.signal?.aborted ?? false);
    this.stopping = result.stops;
    const gradientNorm = globalNorm(result.gradients);
    const broken = notFinite(result, gradientNorm);
    if (broken !== undefined) return this.leaveOut(broken, microBatches, result);

    const rate = this.learningRateOf(this.state.step);
    const factor = clipFactor(gradientNorm, config.clip ?? undefined);
    this.adam.update(parameters, result.gradients, { learningRate: rate, factor, groups: this.groups });
    const { step } = this.adam;
    if (config.average > 0) moveAverage(average, parameters, config.average, step);
    this.state = {
      ...this.state,
      step,
      underway: plus(underway ?? noSums, result),
      leftOut: { ...leftOut, inARow: 0 },
    };
    const { losses, diagnostics } = result;
    return { type: 'step', epoch, step, losses, diagnostics, gradientNorm, learningRate: rate, state: this.state };
  }

  /** Counts a step that is not taken, or throws the error that ends training, as `train.onNonfinite` says. */
  private async leaveOut(
    broken: string,
    microBatches: readonly MicroBatch[],
    { each = [] }: StepResult,
  ): Promise<EventOf<'left out'>> {
    const { train: samples, config } = this.options;
    const { parameters, underway, leftOut } = this.state;
    const epoch = this.state.epoch + 1;
    // The mean of finite float32 numbers is finite, so that at least one of the batches is broken by itself.
    const microBatch =
      microBatches[
        Math.max(
          0,
          each.findIndex((one) => notFinite(one) !== undefined),
        )
      ]!;
    const where = await this.steps.batches.explain(parameters, microBatch).catch(() => undefined);
    const ids = Array.from(microBatch.rows, (row) => samples.ids[row]!);
    const reason = `${broken} is not finite${where === undefined ? '' : `: first ${where}`}`;
    const at = { epoch, step: this.state.step + 1, ids };
    const inARow = leftOut.inARow + 1;
    if (config.onNonfinite === 'stop') throw diverged(reason, at);
    if (inARow >= Math.min(mostInARow, this.stepsPerEpoch)) throw diverged(`${reason}; ${inARow} steps in a row`, at);
    this.adam.skip();
    const { step } = this.adam;
    this.state = {
      ...this.state,
      step,
      underway: underway ?? noSums,
      leftOut: {
        steps: leftOut.steps + 1,
        inARow,
        inEpoch: leftOut.inEpoch + 1,
        rate: leftOut.rate * (config.onNonfinite === 'lower-lr' ? 0.5 : 1),
      },
    };
    return { type: 'left out', epoch, step, reason: `${reason} (samples ${someOf(ids)})` };
  }

  /**
   * Ends an epoch: sets the parameters that are chosen on validation, evaluates, and keeps all if they are the best
   * yet.
   */
  async validate(): Promise<EventOf<'epoch'>> {
    const { config, network, selection, evaluate, valid } = this.options;
    const { step, schedule, underway, leftOut } = this.state;
    const epoch = this.state.epoch + 1;
    await this.chooseParameters();
    const prediction = await this.predict(this.evaluated);
    if (!prediction.every(Number.isFinite)) throw diverged('a prediction is not finite', { epoch, step });
    const metrics = evaluate(prediction, valid);
    const value = metrics[selection.metric]!;
    const stage = stageOf(network, epoch);
    const best = stage === undefined && this.isBest(value);
    const rate = this.learningRateOf(step - 1);
    const means = meansOf(underway ?? noSums, this.stepsPerEpoch - leftOut.inEpoch);
    this.state = {
      ...this.state,
      epoch,
      schedule:
        stage?.ownSchedule === true ? schedule : afterEpoch(config, schedule, { value, better: selection.better }),
      best: best ? { epoch, value, metrics, parameters: copyOf(this.evaluated) } : this.state.best,
      underway: null,
      leftOut: { ...leftOut, inEpoch: 0 },
    };
    return {
      ...{ type: 'epoch', epoch, ...means, valid: metrics, learningRate: rate },
      ...{ leftOut: leftOut.inEpoch, best, state: this.state },
      ...(stage && { stage: stage.name }),
    };
  }

  /** The parameters that are evaluated and kept: their moving average, where there is one. */
  private get evaluated(): StateDict {
    return this.options.config.average > 0 ? this.state.average : this.state.parameters;
  }

  /** Sets the parameters that no gradient reaches to the values that do best on validation. */
  private async chooseParameters(): Promise<void> {
    const { network, selection, evaluate, valid } = this.options;
    const chosen = await chooseOnValidation(this.evaluated, {
      grid: network.chosenOnValidation ?? {},
      predict: (parameters) => this.predict(parameters),
      cost(prediction) {
        const found = evaluate(prediction, valid)[selection.metric]!;
        return selection.better === 'lower' ? found : -found;
      },
    });
    for (const [name, value] of Object.entries(chosen))
      for (const all of [this.state.parameters, this.evaluated]) all[name]!.set(value);
  }

  /** Predicts the validation split. */
  private async predict(parameters: StateDict): Promise<Float32Array> {
    const { spec, valid } = this.options;
    return predictShared(this.prediction, parameters, { spec, samples: valid, ranks: ranksOf(this.options) });
  }

  private isBest(value: number): boolean {
    const { best } = this.state;
    return best === null || (this.options.selection.better === 'lower' ? value < best.value : value > best.value);
  }

  /** The learning rate of a step, counted from 0: that of the schedule, lowered for steps left out (`lower-lr`). */
  private learningRateOf(step: number): number {
    const { stepsPerEpoch } = this;
    const { network, config } = this.options;
    const { schedule, leftOut } = this.state;
    const { start, end } = scheduled(network, config, Math.floor(step / stepsPerEpoch) + 1);
    const since = { step: step - start * stepsPerEpoch, stepsPerEpoch };
    return leftOut.rate * learningRate({ ...config, epochs: end - start }, schedule, since);
  }

  async dispose(): Promise<void> {
    await Promise.all([this.steps.dispose(), this.prediction.dispose()]);
  }
}

const ranksOf = ({ ranks = oneRank }: TrainOptions): Ranks => ranks;

const runtimeOf = ({ compile, config: { device, threads } }: TrainOptions): ProgramOptions => ({
  ...{ compile, device },
  ...(threads !== undefined && { threads }),
});

/** The stage that an epoch, counted from 1, belongs to; undefined for the usual ones after them. */
function stageOf({ stages = [] }: Network, epoch: number): Stage | undefined {
  let before = 0;
  return stages.find(({ epochs }) => epoch <= (before += epochs));
}

/** The epochs of the schedule that an epoch, counted from 1, belongs to: after the epoch `start`, to the epoch `end`. */
function scheduled({ stages = [] }: Network, { epochs }: TrainConfig, epoch: number): { start: number; end: number } {
  let [start, end] = [0, 0];
  for (const stage of stages) {
    end += stage.epochs;
    if (stage.ownSchedule !== true) continue;
    if (epoch <= end) return { start, end };
    start = end;
  }
  return { start, end: end + epochs };
}
