/** Every setting of a training acts as it says: each is held to the same training done by hand, a number at a time. */
import { expect, test } from 'vitest';
import type { Samples } from '../data/dataset.ts';
import { random } from '../data/random.ts';
import { linear } from '../nn/index.ts';
import { compile } from '../runtime/node.ts';
import { epochSteps, stepsPerEpoch } from './epoch-order.ts';
import { initialize } from './initialize.ts';
import { parametersOf, type InputSpec, type Network } from './network.ts';
import { Adam, clipFactor, globalNorm } from './optimisation/optimizer.ts';
import { afterEpoch, initialSchedule, learningRate } from './optimisation/schedule.ts';
import { trainConfig, type TrainConfig } from './train-config.ts';
import type { EventOf, TrainEvent } from './train-event.ts';
import type { TrainOptions } from './train-options.ts';
import { train } from './trainer.ts';

const width = 3;
const spec: InputSpec = { task: { kind: 'regression' }, features: [{ name: 'x', time: 1, width, masked: false }] };

/** ŷ = w x + b with the mean squared error; the bias learns at twice the rate and does not decay. */
const network: Network = {
  name: 'line',
  build(scope, { features, labels }) {
    const { value } = features['x']!;
    const [batch] = value.shape as [number];
    const flat = value.reshape([batch, width]);
    const slope = linear(scope.at('slope'), flat, 1, { bias: false });
    const ones = flat.slice(1, 0, 1).mul(0).add(1);
    const bias = linear(scope.grouped({ learningRate: 2, weightDecay: 0 }).at('bias'), ones, 1, { bias: false });
    const prediction = slope.add(bias).reshape([batch]);
    if (!labels) return { prediction, losses: {}, diagnostics: {}, representations: {} };
    const losses = { task: prediction.sub(labels).square().mean() };
    return { prediction, losses, diagnostics: { mean: prediction.mean() }, representations: {} };
  },
};

function samplesOf(count: number, name: string): Samples {
  const source = random(11, name);
  const data = Float32Array.from({ length: count * width }, () => source.normal());
  return {
    ids: Array.from({ length: count }, (_, n) => `${name} ${n}`),
    features: { x: { shape: [count, 1, width], data } },
    lengths: { x: new Int32Array(count).fill(1) },
    labels: Float32Array.from({ length: count }, (_, n) => data[n * width]! - 2 * data[n * width + 1]! + 3),
  };
}
const [samples, valid] = [samplesOf(22, 'train'), samplesOf(7, 'valid')];
const at = ({ features }: Samples, n: number): number[] => {
  const array = features['x']!;
  if (!('data' in array)) throw new TypeError('These samples are in memory.');
  return [...array.data.subarray(n * width, n * width + width)];
};

type Parameters = Record<'slope.weight' | 'bias.weight', Float32Array>;
const predicted = (parameters: Parameters, x: readonly number[]): number =>
  x.reduce((sum, v, i) => sum + v * parameters['slope.weight'][i]!, parameters['bias.weight'][0]!);
const mae = (prediction: ArrayLike<number>, { labels }: Samples): number =>
  Array.from(prediction).reduce((sum, y, n) => sum + Math.abs(y - labels![n]!), 0) / labels!.length;

interface Selection {
  readonly metric: string;
  readonly better: 'lower' | 'higher';
}

/** What the events of a training tell, but for the state. */
type Told = Omit<EventOf<'step'>, 'state'> | Omit<EventOf<'epoch'>, 'state'>;

/** The whole training by hand: gradients of a line, Adam, and the settings in the order in which they act. */
function byHand(config: TrainConfig, seed: number, { metric, better }: Selection): { told: Told[]; best: Parameters } {
  const count = samples.ids.length;
  const parameters = initialize(parametersOf(network, spec), seed) as Parameters;
  const copy = (given: Parameters): Parameters => ({
    'slope.weight': given['slope.weight'].slice(),
    'bias.weight': given['bias.weight'].slice(),
  });
  const average = copy(parameters);
  const adam = new Adam({ weightDecay: config.weightDecay, decay: config.decay });
  const perEpoch = stepsPerEpoch(count, config);
  const told: Told[] = [];
  let schedule = initialSchedule;
  let best = { epoch: 0, value: NaN, parameters: copy(parameters) };
  for (let epoch = 1; epoch <= config.epochs; epoch++) {
    if (config.patience !== null && epoch > 1 && epoch - 1 - best.epoch >= config.patience) break;
    const losses: number[] = [];
    const means: number[] = [];
    let rate = 0;
    for (const batches of epochSteps(count, { ...config, seed, epoch })) {
      const gradients = { 'slope.weight': new Float64Array(width), 'bias.weight': new Float64Array(1) };
      let [loss, mean] = [0, 0];
      for (const rows of batches)
        for (const row of rows) {
          const x = at(samples, row);
          const y = predicted(parameters, x);
          const share = 1 / rows.length / batches.length;
          const error = y - samples.labels![row]!;
          loss += error ** 2 * share;
          mean += y * share;
          x.forEach((v, i) => (gradients['slope.weight'][i]! += 2 * error * v * share));
          gradients['bias.weight'][0]! += 2 * error * share;
        }
      const given = Object.fromEntries(Object.entries(gradients).map(([name, g]) => [name, Float32Array.from(g)]));
      const gradientNorm = globalNorm(given);
      rate = learningRate(config, schedule, { step: adam.step, stepsPerEpoch: perEpoch });
      adam.update(parameters, given, {
        learningRate: rate,
        factor: clipFactor(gradientNorm, config.clip ?? undefined),
        groups: { 'bias.weight': { learningRate: 2, weightDecay: 0 } },
      });
      const { step } = adam;
      const kept = Math.min(config.average, step / (step + 9));
      for (const name of ['slope.weight', 'bias.weight'] as const)
        parameters[name].forEach((v, i) => (average[name][i] = kept * average[name][i]! + (1 - kept) * v));
      losses.push(loss);
      means.push(mean);
      const diagnostics = { mean };
      told.push({
        type: 'step',
        epoch,
        step,
        losses: { task: loss, total: loss },
        diagnostics,
        gradientNorm,
        learningRate: rate,
      });
    }
    const evaluated = config.average > 0 ? average : parameters;
    const prediction = valid.ids.map((_, n) => predicted(evaluated, at(valid, n)));
    const metrics = { mae: mae(prediction, valid), negative: -mae(prediction, valid) };
    const value = metrics[metric as keyof typeof metrics];
    const isBest = epoch === 1 || (better === 'lower' ? value < best.value : value > best.value);
    if (isBest) best = { epoch, value, parameters: copy(evaluated) };
    const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
    told.push({
      ...{ type: 'epoch', epoch, valid: metrics, learningRate: rate, leftOut: 0, best: isBest },
      ...{ losses: { task: mean(losses), total: mean(losses) }, diagnostics: { mean: mean(means) } },
    });
    schedule = afterEpoch(config, schedule, { value, better });
  }
  return { told, best: best.parameters };
}

const selections = {
  lower: { metric: 'mae', better: 'lower' },
  higher: { metric: 'negative', better: 'higher' },
} as const;

test.each<[string, object, (keyof typeof selections)?]>([
  ['nothing but its steps', {}],
  ['decoupled decay', { weightDecay: 0.5 }],
  ['decay inside the gradient', { weightDecay: 0.5, decay: 'l2' }],
  ['clipping', { clip: 0.5 }],
  ['a moving average', { average: 0.8 }],
  ['a warm-up, then a cosine', { schedule: { kind: 'cosine', warmup: 1.5, minimum: 0.01 } }],
  ['a plateau', { epochs: 8, schedule: { kind: 'plateau', warmup: 0, patience: 0, factor: 0.5, minimum: 0.02 } }],
  ['short batches', { lastBatch: 'short' }],
  ['no last batch', { lastBatch: 'drop' }],
  ['several batches to a step', { batchSize: 3, accumulate: 3, lastBatch: 'short' }],
  ['patience', { epochs: 12, learningRate: 0.5, patience: 2 }],
  ['patience, where higher is better', { epochs: 12, learningRate: 0.5, patience: 2 }, 'higher'],
  ['all of them', { epochs: 9, weightDecay: 0.2, clip: 2, average: 0.6, patience: 3, batchSize: 6, accumulate: 2 }],
])('with %s', async (_, own, better = 'lower') => {
  const selection = selections[better];
  const still = { weightDecay: 0, average: 0, patience: null, clip: null, threads: 1, learningRate: 0.1 };
  const config = trainConfig.parse({
    ...{ epochs: 4, batchSize: 5, ...still },
    schedule: { kind: 'constant', warmup: 0 },
    ...own,
  });
  const options: TrainOptions = {
    ...{ compile, network, spec, train: samples, valid, config, seed: 4, selection },
    evaluate: (prediction, split) => ({ mae: mae(prediction, split), negative: -mae(prediction, split) }),
  };
  const events: TrainEvent[] = [];
  for await (const event of train(options)) events.push(event);
  const found = events.filter((event) => event.type === 'step' || event.type === 'epoch');
  const { told, best } = byHand(config, 4, selection);
  const close = (value: unknown): unknown => {
    if (typeof value === 'number' && !Number.isInteger(value)) return expect.closeTo(value, 4) as unknown;
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, close(inner)]));
  };
  const shown = found.map((event) => Object.entries(event).filter(([key]) => key !== 'state'));
  expect(shown.map(Object.fromEntries)).toEqual(told.map(close));
  const last = events.at(-1) as EventOf<'end'>;
  for (const [name, values] of Object.entries(best))
    values.forEach((v, i) => expect(last.state.best!.parameters[name]![i]).toBeCloseTo(v, 4));
});
