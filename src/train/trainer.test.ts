import { beforeAll, describe, expect, test } from 'vitest';
import type { Samples } from '../data/dataset.ts';
import { inMemory } from '../data/features.ts';
import { random } from '../data/random.ts';
import { linear, pool } from '../nn/index.ts';
import { compile } from '../runtime/node.ts';
import type { InputSpec, Network } from './network.ts';
import { trainConfig } from './train-config.ts';
import type { TrainEvent } from './train-event.ts';
import type { TrainOptions } from './train-options.ts';
import { train } from './trainer.ts';

/** Linear regression on one modality: quick to start, and solved by a few steps. */
const network: Network = {
  name: 'linear',
  build(scope, { features, labels }) {
    const pooled = pool(features['x']!);
    const prediction = linear(scope.at('head'), pooled, 1).reshape([pooled.shape[0]!]);
    const losses = labels ? { task: prediction.sub(labels).square().mean() } : {};
    return { prediction, losses, diagnostics: {}, representations: {} };
  },
};
const spec: InputSpec = { task: { kind: 'regression' }, features: [{ name: 'x', time: 1, width: 3, masked: false }] };

function samplesOf(count: number, split: string): Samples {
  const source = random(5, split);
  const data = Float32Array.from({ length: count * 3 }, () => source.normal());
  const labels = Float32Array.from({ length: count }, (_, n) => data[3 * n]! - 2 * data[3 * n + 1]! + 0.5);
  return {
    ids: Array.from(labels, (_, n) => String(n)),
    features: { x: { shape: [count, 1, 3], data } },
    lengths: { x: new Int32Array(count).fill(1) },
    labels,
  };
}

const mae = (prediction: Float32Array, { labels }: Samples): Record<string, number> => ({
  mae: prediction.reduce((sum, p, n) => sum + Math.abs(p - labels![n]!), 0) / prediction.length,
});

const optionsOf = (config: object, more: Partial<TrainOptions> = {}): TrainOptions => ({
  compile,
  network,
  spec,
  train: samplesOf(20, 'train'),
  valid: samplesOf(8, 'valid'),
  config: trainConfig.parse({
    ...{ epochs: 6, batchSize: 8, learningRate: 0.05, weightDecay: 0, average: 0, patience: null, threads: 1 },
    schedule: { kind: 'constant', warmup: 0 },
    ...config,
  }),
  seed: 1,
  selection: { metric: 'mae', better: 'lower' },
  evaluate: mae,
  ...more,
});

async function events(options: TrainOptions): Promise<TrainEvent[]> {
  const all: TrainEvent[] = [];
  for await (const event of train(options)) all.push(event);
  return all;
}
const of = <T extends TrainEvent['type']>(all: readonly TrainEvent[], type: T): Extract<TrainEvent, { type: T }>[] =>
  all.filter((event): event is Extract<TrainEvent, { type: T }> => event.type === type);

describe('events', () => {
  let all: TrainEvent[] = [];
  beforeAll(async () => {
    all = await events(optionsOf({}));
  });

  test('a start, the steps of each epoch and the epoch, an end', () => {
    const epoch = ['step', 'step', 'step', 'epoch'];
    expect(all.map(({ type }) => type)).toEqual(['start', ...Array.from({ length: 6 }, () => epoch).flat(), 'end']);
    expect(all[0]).toMatchObject({ parameters: 4, stepsPerEpoch: 3, epoch: 0, step: 0 });
    expect(of(all, 'step').map(({ step }) => step)).toEqual(Array.from({ length: 18 }, (_, n) => n + 1));
    expect(all.at(-1)).toMatchObject({ type: 'end', reason: 'finished' });
  });

  test('an epoch tells the mean losses of its steps, and learns', () => {
    const epochs = of(all, 'epoch');
    const first = of(all, 'step').slice(0, 3);
    expect(epochs[0]!.losses['task']).toBeCloseTo(first.reduce((sum, { losses }) => sum + losses['task']!, 0) / 3, 12);
    expect(epochs[0]!.losses['total']).toBe(epochs[0]!.losses['task']);
    expect(epochs.at(-1)!.valid['mae']).toBeLessThan(epochs[0]!.valid['mae']!);
  });
});

test('an epoch tells the learning rate of its last step', async () => {
  const all = await events(optionsOf({ schedule: { kind: 'cosine', warmup: 1 } }));
  const rates = of(all, 'step').map(({ learningRate }) => learningRate);
  expect(of(all, 'epoch').map(({ learningRate }) => learningRate)).toEqual(rates.filter((_, i) => i % 3 === 2));
  expect(new Set(rates.slice(3)).size).toBe(15);
});

test('the best epoch is kept as it was, the first of equals', async () => {
  const values = [3, 1, 2, 1, 5, 4];
  let epoch = 0;
  const seen: Float32Array[] = [];
  const evaluate: TrainOptions['evaluate'] = (prediction) => (seen.push(prediction.slice()), { mae: values[epoch++]! });
  const all = await events(optionsOf({}, { evaluate }));
  expect(of(all, 'epoch').map(({ best }) => best)).toEqual([true, true, false, false, false, false]);
  const { state } = of(all, 'end')[0]!;
  expect(state.best).toMatchObject({ epoch: 2, value: 1, metrics: { mae: 1 } });
  const [w, b] = [state.best!.parameters['head.weight']!, state.best!.parameters['head.bias']!];
  const { data } = inMemory(samplesOf(8, 'valid').features['x']!);
  const first = w[0]! * data[0]! + w[1]! * data[1]! + w[2]! * data[2]! + b[0]!;
  expect(seen[1]![0]).toBeCloseTo(first, 5);
  expect(state.parameters['head.weight']).not.toEqual(w);
});

test('stops early after so many epochs that were not better', async () => {
  const values = [3, 2, 2.5, 2.5, 1, 1];
  let epoch = 0;
  const all = await events(optionsOf({ patience: 2 }, { evaluate: () => ({ mae: values[epoch++]! }) }));
  expect(of(all, 'epoch')).toHaveLength(4);
  expect(all.at(-1)).toMatchObject({ reason: 'stopped early', state: { epoch: 4, best: { epoch: 2 } } });
  // Resumed where it had stopped, there is nothing left to do.
  const { state } = of(all, 'end')[0]!;
  const again = await events(optionsOf({ patience: 2 }, { from: state }));
  expect(again.map(({ type }) => type)).toEqual(['start', 'end']);
});

test('aborted within an epoch, it goes on at the very step, to the same bits', async () => {
  const config = { average: 0.5, schedule: { kind: 'plateau', patience: 0, factor: 0.5, warmup: 1 } };
  const whole = await events(optionsOf(config));
  const abort = new AbortController();
  const part: TrainEvent[] = [];
  for await (const event of train(optionsOf(config, { signal: abort.signal }))) {
    part.push(event);
    if (event.type === 'step' && event.step === 5) abort.abort();
  }
  const { state, reason } = of(part, 'end')[0]!;
  expect(reason).toBe('aborted');
  expect(state).toMatchObject({ epoch: 1, step: 5 });
  const rest = await events(optionsOf(config, { from: structuredClone(state) }));
  expect(rest[0]).toMatchObject({ epoch: 1, step: 5 });
  expect(of(rest, 'step')).toEqual(of(whole, 'step').slice(5));
  expect(of(rest, 'end')).toEqual(of(whole, 'end'));
  expect(of(rest, 'epoch').map(({ losses }) => losses)).toEqual(
    of(whole, 'epoch')
      .slice(1)
      .map(({ losses }) => losses),
  );
});

test('from the state of any step it goes on to the same bits, also from the last of an epoch', async () => {
  const config = { epochs: 3, average: 0.5, schedule: { kind: 'plateau', patience: 0, factor: 0.5, warmup: 1 } };
  const whole: TrainEvent[] = [];
  // Later steps change the arrays.
  for await (const event of train(optionsOf(config))) whole.push(structuredClone(event));
  for (const { step, state } of of(whole, 'step')) {
    const rest: TrainEvent[] = [];
    for await (const event of train(optionsOf(config, { from: structuredClone(state) })))
      rest.push(structuredClone(event));
    expect(rest.slice(1)).toEqual(
      whole.slice(whole.findIndex((event) => event.type === 'step' && event.step === step) + 1),
    );
  }
});

describe('sessions', () => {
  /** Counts those that are open. */
  class Sessions {
    open = 0;
    most = 0;
    readonly compile: TrainOptions['compile'] = async (outputs, options) => {
      const program = await compile(outputs, options);
      this.most = Math.max(this.most, ++this.open);
      return { ...program, dispose: () => (this.open--, program.dispose()) };
    };
  }

  test.each(['start', 'step', 'epoch'] as const)('are released when iteration stops at the first %s', async (type) => {
    const sessions = new Sessions();
    for await (const event of train(optionsOf({}, { compile: sessions.compile }))) if (event.type === type) break;
    expect(sessions).toMatchObject({ open: 0, most: 2 });
  });

  test('are released at the end, when a step fails, and when a session cannot start', async () => {
    const sessions = new Sessions();
    await events(optionsOf({}, { compile: sessions.compile }));
    const evaluate = (): never => {
      throw new Error('no metric');
    };
    await expect(events(optionsOf({}, { compile: sessions.compile, evaluate }))).rejects.toThrow('no metric');
    expect(sessions).toMatchObject({ open: 0, most: 2 });
    const second: TrainOptions['compile'] = (outputs, options) =>
      sessions.open === 1 ? Promise.reject(new Error('no room')) : sessions.compile(outputs, options);
    await expect(events(optionsOf({}, { compile: second }))).rejects.toThrow('no room');
    expect(sessions.open).toBe(0);
  });
});

test('the last batch may be short, and a training split smaller than a batch', async () => {
  const short = of(await events(optionsOf({ epochs: 1, lastBatch: 'short' })), 'end')[0]!;
  expect(short.state.step).toBe(3);
  const small = await events(optionsOf({ epochs: 1 }, { train: samplesOf(5, 'few') }));
  expect(of(small, 'start')[0]).toMatchObject({ stepsPerEpoch: 1 });
});

test('the moving average is what is evaluated and kept', async () => {
  const { state } = of(await events(optionsOf({ average: 0.9, epochs: 2 })), 'end')[0]!;
  expect(state.best!.parameters).toEqual(state.average);
  expect(state.average).not.toEqual(state.parameters);
});

describe('numbers that are not finite', () => {
  /** One of the samples, whose square is too large for a float32. */
  const huge = samplesOf(20, 'train');
  inMemory(huge.features['x']!).data[3 * 7] = 1e30;
  const missing = samplesOf(20, 'train');
  inMemory(missing.features['x']!).data[3 * 7] = Number.NaN;

  test('end the training, with the step, the loss, the op that made the first of them, and the samples', async () => {
    await expect(events(optionsOf({}, { train: huge }))).rejects.toThrow(
      /^Training diverged at step \d \(epoch 1\): the task loss is not finite: first \w+ \[8\], which makes Infinity in the forward pass near the input "labels"\. The samples of the batch: (\d+, ){7}\d+\. Lower/,
    );
    await expect(events(optionsOf({}, { train: missing }))).rejects.toThrow(
      /the task loss is not finite: first the input "features\.x", which holds NaN\./,
    );
    await expect(events(optionsOf({ learningRate: 1e30, clip: null }))).rejects.toThrow(
      /^Training diverged at step \d+ \(epoch 1\): .* is not finite.*\. Lower train\.learningRate/,
    );
  });

  test('name the batch that they arose in, of several to a step', async () => {
    const failure = await events(optionsOf({ batchSize: 2, accumulate: 4 }, { train: missing })).catch(String);
    const [, ids] = /batch: (.*?)\. Lower/.exec(failure as string)!;
    expect(ids!.split(', ')).toHaveLength(2);
    expect(ids!.split(', ')).toContain('7');
  });

  test('are left out and counted, and the rest is learnt', async () => {
    const all = await events(optionsOf({ onNonfinite: 'skip' }, { train: huge }));
    const left = of(all, 'left out');
    // The sample is in one batch of each epoch, or in two where it also fills the last one up.
    expect(left.length).toBeGreaterThanOrEqual(6);
    expect(of(all, 'step').length + left.length).toBe(18);
    expect(of(all, 'epoch').reduce((sum, { leftOut }) => sum + leftOut, 0)).toBe(left.length);
    const { state, reason } = of(all, 'end')[0]!;
    expect([reason, state.step, state.leftOut]).toEqual([
      'finished',
      18,
      { steps: left.length, inARow: expect.any(Number) as number, inEpoch: 0, rate: 1 },
    ]);
    const [first, last] = [of(all, 'epoch')[0]!, of(all, 'epoch').at(-1)!];
    const taken = of(all, 'step').filter(({ epoch }) => epoch === 1);
    expect(taken.length).toBeLessThan(3);
    expect(first.losses['task']).toBeCloseTo(
      taken.reduce((sum, { losses }) => sum + losses['task']!, 0) / taken.length,
      12,
    );
    expect(last.losses['task']).toBeLessThan(first.losses['task']!);
    expect(Object.values(state.parameters).every((data) => data.every(Number.isFinite))).toBe(true);
  });

  test('halve the learning rate where that is asked for, also after an interruption', async () => {
    const options = optionsOf({ onNonfinite: 'lower-lr', epochs: 2 }, { train: huge });
    const all = await events(options);
    const count = of(all, 'left out').length;
    expect(of(all, 'end')[0]!.state.leftOut.rate).toBe(0.5 ** count);
    expect(of(all, 'step').at(-1)!.learningRate).toBeCloseTo(
      0.05 *
        0.5 **
          of(
            all.slice(
              0,
              all.findLastIndex(({ type }) => type === 'step'),
            ),
            'left out',
          ).length,
      12,
    );
    const middle = structuredClone(of(all, 'epoch')[0]!.state);
    const whole = of(await events(options), 'end')[0]!.state;
    const abort = new AbortController();
    let reached = middle;
    for await (const event of train({ ...options, signal: abort.signal })) {
      if (event.type === 'step' || event.type === 'left out') abort.abort();
      if (event.type === 'end') reached = structuredClone(event.state);
    }
    expect(of(await events({ ...options, from: reached }), 'end')[0]!.state).toEqual(whole);
  });

  test('end the training where there is nothing else', async () => {
    const nothing = samplesOf(20, 'train');
    inMemory(nothing.features['x']!).data.fill(1e30);
    await expect(events(optionsOf({ onNonfinite: 'skip' }, { train: nothing }))).rejects.toThrow('; 3 steps in a row');
  });
});

test('whoever stops listening stops the training', async () => {
  for await (const event of train(optionsOf({ epochs: 1_000_000 }))) if (event.type === 'step') break;
});
