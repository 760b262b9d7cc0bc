/** A trained model as one ONNX file that takes raw features: cleaning, standardisation and masks are inside. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { ModalityStatistics } from '../data/standardise.ts';
import { random } from '../data/random.ts';
import { Scope, type Sequence } from '../nn/index.ts';
import { opset, toOnnx } from '../onnx/serialize.ts';
import { compile, openSession, type Values } from '../runtime/node.ts';
import { constant, input, where, type Tensor } from '../tensor/index.ts';
import { compilePrediction, openBatch, type FeatureSpec } from '../train/index.ts';
import { inputSpec } from './network.ts';
import { softmax, type OpenModel } from './open-model.ts';
import { writeFileAtomic } from './write.ts';

export interface ExportDescription {
  readonly format: 'decalign export 1';
  readonly model: string;
  readonly dataset: string;
  readonly task: OpenModel['data']['task'];
  readonly inputs: readonly {
    readonly name: string;
    readonly dtype: string;
    readonly shape: readonly (string | number)[];
    readonly meaning: string;
  }[];
  readonly outputs: readonly {
    readonly name: string;
    readonly dtype: string;
    readonly shape: readonly (string | number)[];
    readonly meaning: string;
  }[];
  readonly opset: number;
  readonly validation?: Readonly<Record<string, number>>;
  /** Largest difference from the model in memory, over random inputs. */
  readonly largest_difference: number;
}

export interface ExportOptions {
  /**
   * The one number of samples that the file takes, at least 1. A file for one sample at a time answers sooner than one
   * that takes any number of them, the default: shapes are known and need no transposing.
   */
  readonly batch?: number;
}

/**
 * Writes `model.onnx` and `model.json` into `directory`, after checking that the file computes what the model does.
 * Throws a `RangeError` for a batch that is no whole number above 0.
 */
export async function exportOnnx(
  model: OpenModel,
  directory: string,
  { batch }: ExportOptions = {},
): Promise<ExportDescription> {
  if (batch !== undefined && (!Number.isSafeInteger(batch) || batch < 1 || batch >= openBatch.size))
    throw new RangeError(`batch must be a whole number from 1 to ${openBatch.size - 1}, got ${batch}.`);
  if (model.data.encoder)
    throw new Error('A model with an encoder of text is not exported yet: its input would be token ids.');
  const { bytes } = toOnnx(exportGraph(model, batch ?? openBatch.size), {
    portable: true,
    ...(batch === undefined && { batch: openBatch }),
    weights: new Map(Object.entries(model.parameters)),
    metadata: {
      producer: 'decalign',
      model: model.network.name,
      dataset: model.data.name,
      ...(model.trained && {
        config: JSON.stringify(model.trained.config),
        validation: JSON.stringify(model.trained.valid),
      }),
    },
  });
  const difference = await largestDifference(model, bytes, batch ?? 5);
  const description = describe(model, batch ?? openBatch.name, difference);
  mkdirSync(directory, { recursive: true });
  writeFileAtomic(path.join(directory, 'model.onnx'), bytes);
  writeFileAtomic(path.join(directory, 'model.json'), `${JSON.stringify(description, null, 2)}\n`);
  return description;
}

/** From raw features `[batch, T, D]` and lengths `[batch]` to the prediction. */
function exportGraph({ network, data, standardisation }: OpenModel, batch: number): Record<string, Tensor> {
  const { task } = inputSpec(data);
  const features = data.features.map((feature): readonly [string, Sequence] => [
    feature.name,
    entry(feature, standardisation[feature.name], batch),
  ]);
  const { prediction } = network.build(new Scope(), { features: Object.fromEntries(features), task });
  return task.kind === 'regression' ? { prediction } : { logits: prediction, probabilities: prediction.softmax() };
}

function entry(
  { name, time, width, masked }: FeatureSpec,
  statistics: ModalityStatistics | undefined,
  batch: number,
): Sequence {
  const raw = input(name, [batch, time, width]);
  // x − x is 0 for every number, and NaN for NaN and infinities, which count as 0.
  const clean = where(raw.sub(raw).equal(0), raw, 0);
  const row = (data: Float32Array): Tensor => constant(data, [1, 1, width]);
  let value = clean;
  if (statistics) {
    const { mean, scale, low, high } = statistics;
    if (low) value = value.max(row(low));
    if (high) value = value.min(row(high));
    value = value.sub(row(mean)).mul(row(scale));
  }
  if (!masked) return { value };
  const lengths = input(lengthsName(name), [batch], 'int64');
  const steps = constant(
    Array.from({ length: time }, (_, t) => t),
    [1, time],
    'int64',
  );
  const mask = lengths.reshape([batch, 1]).greater(steps).cast('float32');
  return { value: value.mul(mask.reshape([batch, time, 1])), mask };
}

const lengthsName = (modality: string): string => `${modality}_lengths`;

function describe(
  { network, data, trained }: OpenModel,
  batch: number | string,
  difference: number,
): ExportDescription {
  const classes = data.task.kind === 'classification' ? data.task.classes.length : 0;
  return {
    format: 'decalign export 1',
    model: network.name,
    dataset: data.name,
    task: data.task,
    inputs: data.features.flatMap(({ name, time, width, masked }) => [
      {
        name,
        dtype: 'float32',
        shape: [batch, time, width],
        meaning: 'raw features, as in the training file; steps beyond the length are ignored',
      },
      ...(masked
        ? [
            {
              name: lengthsName(name),
              dtype: 'int64',
              shape: [batch],
              meaning: `true time steps of ${name}, 1..${time}`,
            },
          ]
        : []),
    ]),
    outputs:
      data.task.kind === 'regression'
        ? [
            {
              name: 'prediction',
              dtype: 'float32',
              shape: [batch],
              meaning: `predicted value, labels lie within ${data.task.range.join('..')}`,
            },
          ]
        : [
            { name: 'logits', dtype: 'float32', shape: [batch, classes], meaning: 'one score per class' },
            { name: 'probabilities', dtype: 'float32', shape: [batch, classes], meaning: 'softmax of the logits' },
          ],
    opset,
    ...(trained && { validation: trained.valid }),
    largest_difference: difference,
  };
}

/** Runs the file and the model in memory on the same `count` random samples. */
async function largestDifference(model: OpenModel, bytes: Uint8Array, count: number): Promise<number> {
  const source = random(0, 'export');
  const exported: Record<string, Values> = {};
  const own: Record<string, Float32Array> = {};
  const shapes: Record<string, readonly number[]> = {};
  for (const { name, time, width, masked } of model.data.features) {
    const { mean, scale, low, high } = model.standardisation[name] ?? {};
    const raw = new Float32Array(count * time * width);
    const ready = new Float32Array(raw.length);
    const lengths = Array.from({ length: count }, () => (masked ? 1 + source.integer(time) : time));
    for (let i = 0; i < raw.length; i++) {
      const d = i % width;
      const spread = scale?.[d] ? 1 / scale[d] : 1;
      raw[i] = (mean?.[d] ?? 0) + source.normal() * spread;
      const kept = Math.min(Math.max(raw[i]!, low?.[d] ?? -Infinity), high?.[d] ?? Infinity);
      const inside = Math.floor(i / width) % time < lengths[Math.floor(i / (width * time))]!;
      ready[i] = inside ? (kept - (mean?.[d] ?? 0)) * (scale?.[d] ?? 1) : 0;
    }
    exported[name] = raw;
    shapes[name] = [count, time, width];
    own[`features.${name}`] = ready;
    if (!masked) continue;
    exported[lengthsName(name)] = BigInt64Array.from(lengths, BigInt);
    shapes[lengthsName(name)] = [count];
    own[`mask.${name}`] = Float32Array.from({ length: count * time }, (_, i) =>
      Number(i % time < lengths[Math.floor(i / time)]!),
    );
  }
  const session = await openSession(bytes);
  const results = await session.run(exported, shapes);
  await session.dispose();
  const program = await compilePrediction(model.network, inputSpec(model.data), { compile });
  const { prediction } = await program.run(model.parameters, own);
  await program.dispose();
  const { task } = model.data;
  const expected = task.kind === 'classification' ? softmax(prediction, task.classes.length) : prediction;
  const got = results[task.kind === 'classification' ? 'probabilities' : 'prediction']!;
  const difference = Math.max(...Array.from(expected, (x, i) => Math.abs(x - Number(got[i]))));
  if (!(difference < 1e-3 * Math.max(1, ...Array.from(expected, Math.abs))))
    throw new Error(
      `The exported file differs from the model in memory by ${difference}; nothing was written. Please report this.`,
    );
  return difference;
}
