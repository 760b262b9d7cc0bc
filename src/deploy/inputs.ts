/** Samples become the inputs of a model. */
import { quoted } from '../files/error.ts';
import { listed } from './checks.ts';
import { sequenceOf, type ExportDescription, type ValueDescription } from './description.ts';
import { Preparing, type SampleOptions } from './preparing.ts';
import { SampleError, type PreparedSample, type Sample, type Step } from './sample.ts';

/** The values of an input or output, in row-major order. */
export interface TensorValues {
  readonly shape: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

/** By the name of the input or output. */
export type Tensors = Readonly<Record<string, TensorValues>>;

export interface SampleInputs {
  /** `[batch, T, D]`, `[batch, T]` or `[batch]`, as many as there are samples. */
  readonly inputs: Tensors;
  /** Of each sample, `row-0`, `row-1`, … where it has none. */
  readonly ids: readonly string[];
  /** What a person should know of them, a line each: samples that were cut, modalities that none of them has. */
  readonly warnings: readonly string[];
}

/**
 * The inputs of these samples, at least one. Throws a SampleError for a sample whose steps or columns are not those of the
 * model, and where none has any modality: the model would predict without anything to go by.
 */
export function inputsOf(
  description: ExportDescription,
  samples: readonly (Sample | PreparedSample)[],
  options: SampleOptions = {},
): SampleInputs {
  const preparing = new Preparing(description, options);
  const prepared = samples.map((sample, n) => preparing.prepared(sample, n));
  if (!prepared.some(holdsAny)) throw noneOf(preparing.names);
  return {
    inputs: tensorsOf(description, prepared),
    ids: prepared.map(({ id }) => id),
    warnings: preparing.warnings(),
  };
}

/** Whether a sample has any modality. */
export const holdsAny = ({ steps }: PreparedSample): boolean => Object.values(steps).some((each) => each.length > 0);

export const noneOf = (names: readonly string[], where = 'samples'): SampleError =>
  new SampleError(where, `no sample has any of ${listed(names)}`);

/**
 * The inputs of samples, at least one: features padded with zeros, tokens likewise, and the true lengths of each sequence.
 * Missing numbers are NaN, and so are all features of a sample that lacks the modality.
 */
export function tensorsOf({ inputs }: Pick<ExportDescription, 'inputs'>, samples: readonly PreparedSample[]): Tensors {
  const count = samples.length;
  const stepsOf = ({ steps }: PreparedSample, name: string): readonly Step[] =>
    (Object.hasOwn(steps, name) && steps[name]) || [];
  const of = (input: ValueDescription): TensorValues => {
    const { name, dtype } = input;
    const [, time = 1, width = 1] = input.shape;
    if (input.shape.length === 1) {
      const sequence = sequenceOf(input, inputs)!.name;
      const lengths = samples.map((sample) => BigInt(stepsOf(sample, sequence).length));
      return { shape: [count], data: BigInt64Array.from(lengths) };
    }
    const shape = [count, ...input.shape.slice(1).map(Number)];
    const data = dtype === 'int64' ? new BigInt64Array(count * time) : new Float32Array(count * time * width);
    for (const [n, sample] of samples.entries()) {
      const steps = stepsOf(sample, name);
      if (steps.length > time) throw unfit(sample, name, `${steps.length} steps, more than ${time}`);
      const start = n * time * width;
      if (data instanceof BigInt64Array) steps.forEach((step, t) => (data[start + t] = BigInt(Number(step))));
      else if (steps.length === 0) data.fill(NaN, start, start + time * width);
      else
        for (const [t, step] of steps.entries()) {
          if (typeof step === 'number' || step.length !== width)
            throw unfit(sample, name, `no ${width} numbers a step`);
          for (let d = 0; d < width; d++) data[start + t * width + d] = step[d] ?? NaN;
        }
    }
    return { shape, data };
  };
  return Object.fromEntries(inputs.map((input) => [input.name, of(input)]));
}

/** A sample that was prepared for another model, or by hand. */
const unfit = ({ id }: PreparedSample, name: string, why: string): SampleError =>
  new SampleError(`sample ${quoted(id)}`, `${quoted(name)} has ${why}`, name);
