/**
 * The model that `decalign export` wrote. ONNX Runtime is given `model.onnx` only if it is, to the last bit, the file that
 * `model.json` describes, and takes and gives what that says.
 */
import { FormatError, quoted } from '../files/error.ts';
import { descriptionOf, numbersIn, type ExportDescription } from './description.ts';
import { inBatches } from './batches.ts';
import { holdsAny, noneOf, tensorsOf, type Tensors } from './inputs.ts';
import { Preparing, type SampleOptions } from './preparing.ts';
import { outputOf, predictionsOf, type Prediction } from './predictions.ts';
import type { PreparedSample, Sample } from './sample.ts';
import { RuntimeError, type Session, type StartSession, type ValueSignature } from './session.ts';

export interface PredictOptions extends SampleOptions {
  /** Is told what a person should know of the samples, a line each, when all are predicted. Default: `console.warn`. */
  readonly warn?: ((line: string) => void) | undefined;
}

/** An exported model, ready to predict. */
export interface ExportedModel {
  /** What `model.json` says. */
  readonly description: ExportDescription;
  /**
   * The outputs for inputs of at least one sample, by their names: `[batch, ...]` as the description has them, of any number of
   * samples also where the file takes just so many at once. Throws a RangeError for inputs of other names, types or shapes.
   */
  run(inputs: Tensors): Promise<Tensors>;
  /**
   * The predictions for samples, in their order, as `decalign predict` gives them. Throws a SampleError for a sample that is
   * not what the model takes, and where none has any modality.
   */
  predict(samples: Iterable<Sample | PreparedSample>, options?: PredictOptions): Promise<readonly Prediction[]>;
  /** The same one after another, for more samples than memory holds. */
  predictEach(
    samples: Iterable<Sample | PreparedSample> | AsyncIterable<Sample | PreparedSample>,
    options?: PredictOptions,
  ): AsyncGenerator<Prediction>;
  /** Gives the memory of the session back. */
  close(): Promise<void>;
}

/** What `decalign export` wrote, in memory. */
export interface ExportContent {
  /** The content of `model.json`, parsed. */
  readonly description: unknown;
  /** The content of `model.onnx`. */
  readonly model: Uint8Array;
}

/** The files in memory, for `openOn`. Throws a FormatError for a description that is none. */
export const filesIn = ({ description, model }: ExportContent): ExportFiles => ({
  description: descriptionOf(description, 'model.json'),
  ...{ name: 'model.onnx', content: model },
});

/** What `decalign export` wrote, read. */
export interface ExportFiles {
  readonly description: ExportDescription;
  /** The content of `model.onnx`, and what errors call it. */
  readonly content: Uint8Array;
  readonly name: string;
}

/**
 * Checks the content of `model.onnx` against its description, and starts a session on it. Throws a FormatError for one that is
 * damaged, is not the file that was described, is not read by the runtime, or takes or gives anything else, and a RuntimeError
 * where the runtime does not start.
 */
export async function openOn(start: StartSession, files: ExportFiles): Promise<ExportedModel> {
  const { description, name, content } = files;
  await checkContent(files);
  let session: Session;
  try {
    session = await start(content);
  } catch (error) {
    if (error instanceof RuntimeError) throw error;
    throw new FormatError(name, `is not read by ONNX Runtime: ${messageOf(error)}`, { cause: error });
  }
  checkSignature(description, session, name);
  const run = inBatches(description, session);
  const predictEach: ExportedModel['predictEach'] = (samples, options) =>
    predictions({ description, run }, samples, options);
  return {
    description,
    run,
    predictEach,
    async predict(samples, options) {
      const found: Prediction[] = [];
      for await (const prediction of predictEach(samples, options)) found.push(prediction);
      return found;
    },
    close: () => session.close(),
  };
}

/** Samples that are run at once, and what their numbers come to at most. */
const together = { samples: 64, numbers: 2 ** 22 } as const;

async function* predictions(
  { description, run }: Pick<ExportedModel, 'description' | 'run'>,
  samples: Iterable<Sample | PreparedSample> | AsyncIterable<Sample | PreparedSample>,
  { warn = console.warn, ...options }: PredictOptions = {},
): AsyncGenerator<Prediction> {
  const preparing = new Preparing(description, options);
  const [fixed] = description.inputs[0]!.shape;
  const fitting = Math.min(together.samples, Math.floor(together.numbers / numbersIn(description.inputs)));
  const size = typeof fixed === 'number' ? fixed : Math.max(1, fitting);
  let group: PreparedSample[] = [];
  const waiting: Prediction[] = [];
  let haveAny = false;
  let count = 0;
  const flush = async (): Promise<readonly Prediction[]> => {
    const outputs = await run(tensorsOf(description, group));
    const ids = group.map(({ id }) => id);
    waiting.push(...predictionsOf(description, outputs, ids));
    group = [];
    // Rows without anything may be those of another model: some sample must have something before one is given.
    return haveAny ? waiting.splice(0) : [];
  };
  for await (const sample of samples) {
    const prepared = preparing.prepared(sample, count++);
    haveAny ||= holdsAny(prepared);
    if (group.push(prepared) === size) yield* await flush();
  }
  if (count > 0 && !haveAny) throw noneOf(preparing.names);
  if (group.length > 0) yield* await flush();
  for (const line of preparing.warnings()) warn(line);
}

async function checkContent({ description, name, content }: ExportFiles): Promise<void> {
  const { bytes, sha256 } = description;
  if (content.length !== bytes)
    throw new FormatError(name, `has ${content.length} bytes, where model.json says ${bytes}; copy both again`);
  const hash = await sha256Of(content);
  if (hash !== sha256)
    throw new FormatError(
      name,
      'is damaged, or not the file that model.json was written for: its SHA-256 is another; copy both again',
    );
}

async function sha256Of(content: Uint8Array): Promise<string> {
  const { subtle } = global.crypto;
  // Browsers give it to pages alone that nobody can have changed on their way.
  if (!subtle)
    throw new Error('The SHA-256 of a model cannot be checked in this page: serve it by https, or from localhost.');
  const digest = new Uint8Array(await subtle.digest('SHA-256', content));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const global: {
  readonly crypto: {
    readonly subtle?: { readonly digest: (algorithm: 'SHA-256', content: Uint8Array) => Promise<ArrayBuffer> };
  };
} = globalThis;

function checkSignature({ inputs, task }: ExportDescription, session: Session, name: string): void {
  const isSame = (own: ValueSignature, input: ValueSignature): boolean =>
    own.name === input.name &&
    own.dtype === input.dtype &&
    own.shape.length === input.shape.length &&
    own.shape.every(
      (size, axis) =>
        size === input.shape[axis] || (axis === 0 && [size, input.shape[0]].every((n) => typeof n === 'string')),
    );
  const { inputs: taken, outputs: given } = session;
  if (taken.length !== inputs.length || !inputs.every((input) => taken.some((own) => isSame(own, input))))
    throw new FormatError(name, `takes ${signaturesText(taken)}, but model.json says ${signaturesText(inputs)}`);
  const output = outputOf(task);
  if (!given.some((own) => own.name === output && own.dtype === 'float32'))
    throw new FormatError(name, `does not give "${output}", which a ${task.kind} is to give`);
}

const signaturesText = (values: readonly ValueSignature[]): string =>
  values.map(({ name, dtype, shape }) => `${quoted(name)} ${dtype} [${shape.join(', ')}]`).join(', ');

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
