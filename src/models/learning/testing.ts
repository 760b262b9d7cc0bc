/** Whether a model learns: a short training on samples that can be learned. */
import type { Samples } from '../../data/dataset.ts';
import { compile } from '../../runtime/node.ts';
import { trainConfig } from '../../train/train-config.ts';
import { train } from '../../train/trainer.ts';
import { specOf, type Build } from '../one-batch/testing.ts';
import { valuesFor, type Modality } from '../testing.ts';

export interface Learned {
  /** Of the validation split: the best epoch, and what predicting the training mean gives. */
  readonly mae: number;
  readonly meanMae: number;
}

const learned: readonly Modality[] = [
  { name: 'text', time: 4, width: 3 },
  { name: 'audio', time: 3, width: 2 },
  { name: 'vision', time: 1, width: 4 },
];

/** Short sequences of some length each, whose steps say much the same; the label is a sum over two modalities. */
function learnable(split: string, count: number): Samples {
  const said = Object.fromEntries(learned.map((m) => [m.name, valuesFor(`${split} said ${m.name}`, count * m.width)]));
  const column = <T>(of: (m: Modality) => T): Record<string, T> =>
    Object.fromEntries(learned.map((m) => [m.name, of(m)]));
  const lengths = column(({ name, time }) =>
    Int32Array.from(valuesFor(`${split} lengths ${name}`, count, 1, time + 1), Math.floor),
  );
  const features = column(({ name, time, width }) => {
    const noise = valuesFor(`${split} ${name}`, count * time * width, -0.1, 0.1);
    const data = Float32Array.from(noise, (value, i) => {
      const [n, t, d] = [Math.floor(i / time / width), Math.floor(i / width) % time, i % width];
      return t < lengths[name]![n]! ? said[name]![n * width + d]! + value : 0;
    });
    return { shape: [count, time, width], data };
  });
  const labels = Float32Array.from({ length: count }, (_, n) => 2 * (said['text']![3 * n]! + said['vision']![4 * n]!));
  return { ids: Array.from(labels, (_, n) => `${split} ${n}`), features, lengths, labels };
}

/** A short training on sequences of few steps. */
export async function learn(build: Build, config: Readonly<Record<string, unknown>> = {}): Promise<Learned> {
  const [training, held] = [learnable('train', 128), learnable('valid', 64)];
  const labels = held.labels!;
  const maeOf = (prediction: (n: number) => number): number =>
    labels.reduce((sum, label, n) => sum + Math.abs(prediction(n) - label), 0) / labels.length;
  const mean = training.labels!.reduce((a, b) => a + b) / training.labels!.length;
  let mae = Infinity;
  const events = train({
    compile,
    network: { name: 'one', build },
    spec: specOf(learned.map((m) => ({ ...m, ...(m.time > 1 && { lengths: [] }) }))),
    train: training,
    valid: held,
    seed: 1,
    config: trainConfig.parse({
      ...{ epochs: 10, batchSize: 16, learningRate: 1e-2, average: 0, threads: 1 },
      schedule: { kind: 'constant', warmup: 0 },
      ...config,
    }),
    selection: { metric: 'mae', better: 'lower' },
    evaluate: (prediction) => ({ mae: maeOf((n) => prediction[n]!) }),
  });
  for await (const event of events) if (event.type === 'epoch') mae = Math.min(mae, event.valid['mae']!);
  return { mae, meanMae: maeOf(() => mean) };
}
