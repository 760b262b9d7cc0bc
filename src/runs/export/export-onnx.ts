/** Exports a trained model as one ONNX file that takes raw features: it cleans, standardises and masks them itself. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { random } from '../../data/random.ts';
import { predictionWidth, type Task } from '../../data/task.ts';
import type { ExportDescription, RowDescription, ValueDescription } from '../../deploy/description.ts';
import { sigmoid, softmax } from '../../metrics/probabilities.ts';
import { mapTexts } from '../../json/tree.ts';
import { Scope } from '../../nn/index.ts';
import { opset, toOnnx } from '../../onnx/serialize.ts';
import { compile, openSession, type Values } from '../../runtime/node.ts';
import type { Tensor } from '../../tensor/index.ts';
import { compilePrediction, openBatch, predictionOf, withOpenBatch } from '../../train/index.ts';
import { exportEntries } from './export-inputs.ts';
import { copyTokenizer } from './tokenizer-files.ts';
import { inputSpec } from '../network.ts';
import type { OpenModel } from '../open-model.ts';
import type { TrainedOn } from '../trained-model.ts';
import { version } from '../version.ts';
import { makeFolder } from '../../files/append.ts';
import { writeFileAtomic } from '../../files/atomic.ts';

export interface ExportOptions {
  /**
   * The number of samples N of every call, at least 1. Default: the file takes any N. A file for N = 1 answers sooner
   * than one for any N, because all shapes are known and some transposes fall away.
   */
  readonly batch?: number;
}

/**
 * Writes `model.onnx` and `model.json` into `directory`, which is made if need be, and `tokenizer/` where the model was trained on
 * texts, and returns the content of `model.json`. The file is first run on random samples and compared with the model in memory.
 *
 * Throws a RangeError for a `batch` that is not a whole number of at least 1. Throws an Error, with nothing written, if
 * an output differs by 1e-3 times the largest output (or 1, of standardised labels their deviation, if that is more), or
 * if a prediction depends on the batch size.
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
        // A file that is passed on tells nobody where its weights lay.
        config: JSON.stringify(
          mapTexts(model.trained.config, (text) => (path.isAbsolute(text) ? path.basename(text) : text)),
        ),
        validation: JSON.stringify(model.trained.valid),
        seed: String(model.trained.seed),
        epoch: String(model.trained.epoch),
      }),
    },
  });
  const difference = await largestDifference(model, bytes, batch ?? 5);
  makeFolder(directory);
  const tokenizer = copyTokenizer(model, directory);
  const description = {
    ...describe(model, batch ?? openBatch.name, { bytes, difference }),
    ...(tokenizer && { tokenizer }),
  };
  writeFileAtomic(path.join(directory, 'model.onnx'), bytes);
  writeFileAtomic(path.join(directory, 'model.json'), `${JSON.stringify(description, null, 2)}\n`);
  return description;
}

/** The outputs of the exported file, computed from the inputs that `exportEntries` declares. */
function exportGraph(model: OpenModel, batch: number): Record<string, Tensor> {
  const { task } = inputSpec(model.data);
  const taken = Object.entries(exportEntries(model)).map(([name, entry]) => [name, entry.take(batch)] as const);
  const isOptional = new Set(model.data.features.flatMap(({ name, optional }) => (optional ? [name] : [])));
  const present = taken.flatMap(([name, each]) => (isOptional.has(name) ? [[name, each.present] as const] : []));
  const { prediction } = model.network.build(new Scope(), {
    features: Object.fromEntries(taken.map(([name, { sequence }]) => [name, sequence])),
    ...(present.length > 0 && { present: Object.fromEntries(present) }),
    task,
  });
  switch (task.kind) {
    case 'regression':
    case 'multitarget':
      return { prediction };
    case 'classification':
      return { logits: prediction, probabilities: prediction.softmax() };
    case 'multilabel':
      return { logits: prediction, probabilities: prediction.sigmoid() };
  }
}

function describe(
  model: OpenModel,
  batch: number | string,
  { bytes, difference }: { readonly bytes: Uint8Array; readonly difference: number },
): ExportDescription {
  const { network, data, trained } = model;
  return {
    format: 'decalign export 3',
    decalign: version,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    model: network.name,
    dataset: data.name,
    task: data.task,
    inputs: Object.values(exportEntries(model)).flatMap((entry) => entry.describe(batch)),
    outputs: outputsOf(data.task, batch),
    ...(model.thresholds && { thresholds: model.thresholds }),
    rows: rowsOf(model),
    opset,
    ...(trained && { validation: trained.valid }),
    largest_difference: difference,
  };
}

function outputsOf(task: Task, batch: number | string): readonly ValueDescription[] {
  const width = predictionWidth(task);
  const output = (
    name: string,
    meaning: string,
    shape: ValueDescription['shape'] = [batch, width],
  ): ValueDescription => ({ name, dtype: 'float32', shape, meaning });
  switch (task.kind) {
    case 'regression':
      return [output('prediction', `predicted value, labels lie within ${task.range.join('..')}`, [batch])];
    case 'classification':
      return [output('logits', 'one score per class'), output('probabilities', 'softmax of the logits')];
    case 'multilabel':
      return [
        output('logits', `one score per label: ${task.names.join(', ')}`),
        output(
          'probabilities',
          'sigmoid of the logits; a label is predicted where its probability is above its threshold',
        ),
      ];
    case 'multitarget':
      return [output('prediction', task.names.map((name, l) => `${name}, ${task.ranges[l]!.join('..')}`).join('; '))];
  }
}

function rowsOf({ data: { features, columns = {}, sources = {} }, trained }: OpenModel): ExportDescription['rows'] {
  const isEncoded = trained?.config.data.text === 'tokens';
  const rows = features.map(({ name, tokens, width }): [string, RowDescription] => [
    name,
    {
      ...sources[name],
      ...(columns[name] && { columns: columns[name] }),
      ...(isEncoded &&
        name === 'text' && {
          encoder: tokens
            ? "the token ids that its encoder's tokeniser makes of it (text_ids)"
            : `the last hidden states of its encoder, ${width} numbers a token`,
        }),
    },
  ]);
  return Object.fromEntries(rows);
}

/**
 * The largest difference between the outputs of the file and of the model in memory on the same `count` random samples.
 */
async function largestDifference(model: OpenModel, bytes: Uint8Array, count: number): Promise<number> {
  const source = random(0, 'export');
  const exported: Record<string, Values> = {};
  const shapes: Record<string, readonly number[]> = {};
  const feeds: Record<string, Float32Array> = {};
  for (const entry of Object.values(exportEntries(model))) {
    const samples = entry.sample(count, source);
    Object.assign(feeds, samples.inMemory);
    for (const [name, { values, shape }] of Object.entries(samples.exported)) {
      exported[name] = values;
      shapes[name] = shape;
    }
  }
  const session = await openSession(bytes);
  const results = await session.run(exported, shapes);
  await session.dispose();
  const program = await compilePrediction(model.network, inputSpec(model.data), { compile });
  const { prediction } = await program.run(model.parameters, feeds);
  await program.dispose();
  const { task } = model.data;
  const width = predictionWidth(task);
  const { expected, got } = isProbable(task)
    ? { expected: probabilities(prediction, task), got: results['probabilities']! }
    : { expected: prediction, got: results['prediction']! };
  const differences = Array.from(expected, (x, i) => Math.abs(x - Number(got[i])));
  // Each target has a unit of its own; probabilities and classes have one.
  const units = unitsOf(model.data);
  const isWithin = units.every((unit, l) => {
    const [own, values] = [differences, Array.from(expected, Math.abs)].map((all) =>
      units.length === 1 ? all : all.filter((_, i) => i % width === l),
    ) as [number[], number[]];
    return Math.max(...own) < 1e-3 * Math.max(unit, ...values);
  });
  const difference = Math.max(...differences);
  if (!isWithin)
    throw new Error(
      `The exported file differs from the model in memory by ${difference}; nothing was written. Please report this.`,
    );
  return difference;
}

type Probable = Extract<Task, { readonly kind: 'classification' | 'multilabel' }>;

const isProbable = (task: Task): task is Probable => task.kind === 'classification' || task.kind === 'multilabel';

const probabilities = (logits: Float32Array, task: Probable): ArrayLike<number> =>
  task.kind === 'classification' ? softmax(logits, task.classes.length) : sigmoid(logits);

/** The deviation by which labels are standardised, of several targets each; 1 where they are not. */
const unitsOf = ({ labels, targets }: TrainedOn): readonly number[] =>
  (targets ?? [labels]).map((scale) => scale?.standardised?.deviation ?? 1);
