import type { Samples } from '../data/dataset.ts';
import type { Tuning } from '../nn/index.ts';
import type { Compile } from '../runtime/program.ts';
import { moveAverage } from './average.ts';
import { calibrate } from './calibrate.ts';
import { epochSteps, stepsPerEpoch } from './epoch-order.ts';
import { Sums } from './epoch-sums.ts';
import { Adam, clipFactor, globalNorm, type State } from './optimizer.ts';
import { predictAll } from './predict.ts';
import {
  compilePrediction,
  initialize,
  parametersOf,
  type InputSpec,
  type Network,
  type ParameterSpec,
  type StepResult,
} from './program.ts';
import { Programs } from './programs.ts';
import { afterEpoch, learningRate } from './schedule.ts';
import type { TrainConfig } from './train-config.ts';
import type { Metrics, TrainEvent } from './train-event.ts';
import { copyState, initialState, type TrainingState } from './training-state.ts';
import { Warnings } from './warnings.ts';

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
  /** Values that some parameters start from: those of a pretrained part. */
  readonly initial?: State;
  /** A state that an earlier run reached. */
  readonly from?: TrainingState;
  readonly signal?: AbortSignal;
}

/** Steps left out one after another before training ends: numbers will not be finite again by themselves. */
const mostInARow = 10;

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
  const declared = parametersOf(network, spec);
  const tuning = tuningOf(declared);
  const start = options.from ?? initialState(initialize(declared, seed, options.initial));
  const parameters = copyState(start.parameters);
  const adam = new Adam({ weightDecay: config.weightDecay, decay: config.decay }, start);
  const average = config.average > 0 ? copyState(start.step > 0 ? start.average : start.parameters) : {};
  const kept = config.average > 0 ? average : parameters;

  const programs = new Programs(network, spec, samples, runtime, start.running, config.modalityDropout);
  const prediction = await compilePrediction(network, spec, runtime);
  const total = { ...config, epochs: stagesBefore(network) + config.epochs };
  try {
    const first = stageOf(network, start.epoch + 1);
    const { nodes } = (await programs.of(Math.min(config.batchSize, count), first)).program;
    const size = Object.values(parameters).reduce((n, { length }) => n + length, 0);
    const { epochs } = total;
    const { epoch: done, step } = start;
    yield { type: 'start', parameters: size, nodes, stepsPerEpoch: perEpoch, epochs, epoch: done, step };

    const { running } = programs;
    let state: TrainingState = { ...start, parameters, mean: adam.mean, variance: adam.variance, running, average };
    const warnings = new Warnings(network.warnings);
    for (let epoch = start.epoch + 1; epoch <= total.epochs; epoch++) {
      if (stoppedEarly(state, config)) break;
      const stage = stageOf(network, epoch);
      const sums = new Sums(state.underway);
      const rateOf = (step: number): number =>
        state.leftOut.rate * learningRate(total, state.schedule, { step, stepsPerEpoch: perEpoch });
      const steps = [...epochSteps(count, { ...config, seed, epoch })];
      // An interrupted epoch goes on where it stopped.
      for (const batches of steps.slice(state.step - state.epoch * perEpoch)) {
        if (signal?.aborted) {
          const within = adam.step > state.epoch * perEpoch;
          const reached = { ...state, step: adam.step, underway: within ? sums.totals() : null };
          yield { type: 'end', reason: 'aborted', state: reached };
          return;
        }
        const turns = batches.map((rows, i) => ({ rows, epoch, stage, seed, turn: adam.step * config.accumulate + i }));
        const results: StepResult[] = [];
        for (const turn of turns) results.push(await programs.run(parameters, turn));
        const result = meanOf(results);
        const gradientNorm = globalNorm(result.gradients);
        const broken = notFinite(result, gradientNorm);
        if (broken !== undefined) {
          const bad = Math.max(
            0,
            results.findIndex((each) => notFinite(each, globalNorm(each.gradients)) !== undefined),
          );
          const where = await programs.explain(parameters, turns[bad]!).catch(() => undefined);
          const ids = Array.from(turns[bad]!.rows, (row) => samples.ids[row]!);
          const reason = `${broken} is not finite${where === undefined ? '' : `: first ${where}`}`;
          const { leftOut } = state;
          if (config.onNonfinite === 'stop') throw diverged(reason, { epoch, step: adam.step + 1, ids });
          if (leftOut.inARow + 1 >= Math.min(mostInARow, perEpoch))
            throw diverged(`${reason}; ${leftOut.inARow + 1} steps in a row`, { epoch, step: adam.step + 1, ids });
          adam.skip();
          state = {
            ...state,
            leftOut: {
              ...{ steps: leftOut.steps + 1, inARow: leftOut.inARow + 1, inEpoch: leftOut.inEpoch + 1 },
              rate: leftOut.rate * (config.onNonfinite === 'lower-lr' ? 0.5 : 1),
            },
          };
          yield { type: 'left out', epoch, step: adam.step, reason: `${reason} (samples ${named(ids)})` };
          continue;
        }
        if (state.leftOut.inARow > 0) state = { ...state, leftOut: { ...state.leftOut, inARow: 0 } };
        const rate = rateOf(adam.step);
        adam.update(parameters, result.gradients, {
          learningRate: rate,
          factor: clipFactor(gradientNorm, config.clip ?? undefined),
          tuning,
        });
        if (config.average > 0) moveAverage(average, parameters, config.average, adam.step);
        sums.add(result);
        const { losses, diagnostics } = result;
        const { step } = adam;
        const reached = { ...state, step, underway: sums.totals() };
        // A warning comes before what makes the checkpoint: no kill between the two loses it.
        yield* warnings.ofStep(diagnostics, epoch);
        yield { type: 'step', epoch, step, losses, diagnostics, gradientNorm, learningRate: rate, state: reached };
      }
      const lastRate = rateOf(adam.step - 1);
      const leftOut = state.leftOut.inEpoch;
      const predict = async (given: State): Promise<Float32Array> =>
        (await predictAll(prediction, given, spec.features, valid)).prediction;
      const cost = (values: Float32Array): number => {
        const found = options.evaluate(values, valid)[selection.metric]!;
        return selection.better === 'lower' ? found : -found;
      };
      const chosen = await calibrate(kept, { grid: network.calibrated ?? {}, predict, cost });
      for (const [name, value] of Object.entries(chosen)) for (const all of [parameters, kept]) all[name]!.set(value);
      const values = await predict(kept);
      if (!values.every(Number.isFinite))
        throw diverged('a prediction is not finite', { epoch, step: adam.step, ids: [] });
      const metrics = options.evaluate(values, valid);
      const value = metrics[selection.metric]!;
      const best =
        stage === undefined &&
        (state.best === null || (selection.better === 'lower' ? value < state.best.value : value > state.best.value));
      state = {
        ...state,
        epoch,
        step: adam.step,
        schedule: afterEpoch(config, state.schedule, { value, better: selection.better }),
        best: best ? { epoch, value, metrics, parameters: copyState(kept) } : state.best,
        underway: null,
        leftOut: { ...state.leftOut, inEpoch: 0 },
      };
      const means = sums.means(perEpoch - leftOut);
      yield* warnings.ofEpoch(means.diagnostics, epoch);
      yield { type: 'epoch', epoch, ...means, valid: metrics, learningRate: lastRate, leftOut, best, state };
    }
    yield { type: 'end', reason: stoppedEarly(state, config) ? 'stopped early' : 'finished', state };
  } finally {
    await Promise.all([programs.dispose(), prediction.dispose()]);
  }
}

const stoppedEarly = ({ epoch, best }: TrainingState, { patience }: TrainConfig): boolean =>
  patience !== null && best !== null && epoch - best.epoch >= patience;

const stagesBefore = ({ stages = [] }: Network): number => stages.reduce((sum, { epochs }) => sum + epochs, 0);

/** The stage that an epoch, counted from 1, belongs to; undefined for the usual ones after them. */
function stageOf({ stages = [] }: Network, epoch: number): string | undefined {
  let before = 0;
  return stages.find(({ epochs }) => epoch <= (before += epochs))?.name;
}

const tuningOf = (parameters: ReadonlyMap<string, ParameterSpec>): Readonly<Record<string, Tuning>> =>
  Object.fromEntries([...parameters].map(([name, { tuning }]) => [name, tuning]));

/** Means over the batches of a step. */
function meanOf(results: readonly StepResult[]): StepResult {
  const [first] = results;
  if (results.length === 1) return first!;
  const share = 1 / results.length;
  const mean = (of: (result: StepResult) => Readonly<Record<string, number>>): Record<string, number> =>
    Object.fromEntries(
      Object.keys(of(first!)).map((name) => [name, results.reduce((sum, r) => sum + of(r)[name]! * share, 0)]),
    );
  const gradients = Object.fromEntries(
    Object.entries(first!.gradients).map(([name, { length }]) => [
      name,
      Float32Array.from({ length }, (_, i) => results.reduce((sum, r) => sum + r.gradients[name]![i]! * share, 0)),
    ]),
  );
  const [losses, diagnostics] = [mean((r) => r.losses), mean((r) => r.diagnostics)];
  return { losses, diagnostics, gradients, states: results.at(-1)!.states };
}

/** Which number of a step is none anymore: to go on with it would only spread it. */
function notFinite({ losses }: StepResult, gradientNorm: number): string | undefined {
  const broken = Object.entries(losses).find(([, value]) => !Number.isFinite(value))?.[0];
  if (broken !== undefined) return `the ${broken} loss`;
  return Number.isFinite(gradientNorm) ? undefined : 'the gradient';
}

/** Some of the ids, in a line. */
const named = (ids: readonly string[]): string =>
  ids.length > 8 ? `${ids.slice(0, 8).join(', ')} and ${ids.length - 8} more` : ids.join(', ');

const diverged = (
  reason: string,
  { epoch, step, ids }: { readonly epoch: number; readonly step: number; readonly ids: readonly string[] },
): Error =>
  new Error(
    `Training diverged at step ${step} (epoch ${epoch}): ${reason}. ` +
      (ids.length > 0 ? `The samples of the batch: ${named(ids)}. ` : '') +
      'Lower train.learningRate, standardise the features, or set train.onNonfinite.',
  );
