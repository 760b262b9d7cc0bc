/** A trained model as one ONNX file that takes raw features: cleaning, standardisation and masks are inside. */
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { random } from '../data/random.ts';
import { Scope } from '../nn/index.ts';
import { opset, toOnnx } from '../onnx/serialize.ts';
import { compile, openSession, type Values } from '../runtime/node.ts';
import type { Tensor } from '../tensor/index.ts';
import { compilePrediction, openBatch, predictionOf, withOpenBatch } from '../train/index.ts';
import { exportEntries, type ValueDescription } from './export-inputs.ts';
import { inputSpec } from './network.ts';
import { softmax, type OpenModel } from './open-model.ts';
import { version } from './version.ts';
import { writeFileAtomic } from '../files/atomic.ts';

export interface ExportDescription {
  /** Format 1 did not say who wrote it, nor anything by which to tell its `model.onnx` from another. */
  readonly format: 'decalign export 2';
  /** The version that wrote it. */
  readonly decalign: string;
  /** Length and SHA-256 of `model.onnx`. */
  readonly bytes: number;
  readonly sha256: string;
  readonly model: string;
  readonly dataset: string;
  readonly task: OpenModel['data']['task'];
  readonly inputs: readonly ValueDescription[];
  readonly outputs: readonly ValueDescription[];
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
  const graph =
    batch === undefined
      ? withOpenBatch(predictionOf(model.network), (open) => exportGraph(model, open))
      : exportGraph(model, batch);
  const { bytes } = toOnnx(graph, {
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
  const description = describe(model, batch ?? openBatch.name, { bytes, difference });
  mkdirSync(directory, { recursive: true });
  writeFileAtomic(path.join(directory, 'model.onnx'), bytes);
  writeFileAtomic(path.join(directory, 'model.json'), `${JSON.stringify(description, null, 2)}\n`);
  return description;
}

/** From what the file is given (`export-inputs`) to the prediction. */
function exportGraph(model: OpenModel, batch: number): Record<string, Tensor> {
  const { task } = inputSpec(model.data);
  const features = Object.entries(exportEntries(model)).map(([name, entry]) => [name, entry.sequence(batch)] as const);
  const { prediction } = model.network.build(new Scope(), { features: Object.fromEntries(features), task });
  return task.kind === 'regression' ? { prediction } : { logits: prediction, probabilities: prediction.softmax() };
}

function describe(
  model: OpenModel,
  batch: number | string,
  { bytes, difference }: { readonly bytes: Uint8Array; readonly difference: number },
): ExportDescription {
  const { network, data, trained } = model;
  const classes = data.task.kind === 'classification' ? data.task.classes.length : 0;
  return {
    format: 'decalign export 2',
    decalign: version,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    model: network.name,
    dataset: data.name,
    task: data.task,
    inputs: Object.values(exportEntries(model)).flatMap((entry) => entry.describe(batch)),
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
  const shapes: Record<string, readonly number[]> = {};
  const own: Record<string, Float32Array> = {};
  for (const entry of Object.values(exportEntries(model))) {
    const samples = entry.sample(count, source);
    Object.assign(own, samples.own);
    for (const [name, { values, shape }] of Object.entries(samples.exported)) {
      exported[name] = values;
      shapes[name] = shape;
    }
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
