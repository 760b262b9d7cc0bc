/** Whether two sessions on the same file come to the same figures: one device may compute what another does not. */
import { random } from '../data/random.ts';
import { sequenceOf, type ExportDescription, type ValueDescription } from './description.ts';
import type { ExportedModel } from './exported-model.ts';
import type { TensorValues, Tensors } from './inputs.ts';

/**
 * The largest difference between the outputs `[batch, ...]` of two models for the same random samples, over the larger of 1 and
 * the value; infinite where one of them gives no number and the other does.
 */
export async function differenceBetween(
  { description, run }: Pick<ExportedModel, 'description' | 'run'>,
  other: Pick<ExportedModel, 'run'>,
): Promise<number> {
  const inputs = randomInputs(description);
  const [own, others] = [await run(inputs), await other.run(inputs)];
  let largest = 0;
  for (const [name, { data }] of Object.entries(own))
    for (const [i, value] of data.entries())
      largest = Math.max(largest, differenceOf(Number(value), Number(others[name]?.data[i] ?? NaN)));
  return largest;
}

const differenceOf = (a: number, b: number): number =>
  Object.is(a, b) ? 0 : Number.isFinite(a - b) ? Math.abs(a - b) / Math.max(1, Math.abs(a)) : Infinity;

/** The deviation of features, by sample: raw features are of any unit, and a graph may cut off what is far from the usual. */
const deviations = [0.01, 0.1, 1, 10, 100] as const;
/** Of the numbers of a sample; they become the mean of the training. */
const missingShare = 0.3;

/** A sample for each deviation, of random lengths. Ids of tokens are 0 and 1, which any vocabulary has. */
function randomInputs({ inputs }: ExportDescription): Tensors {
  const source = random(0, 'agreement');
  const count = deviations.length;
  const valuesOf = (input: ValueDescription, size: number): TensorValues['data'] => {
    const length = count * size;
    if (input.dtype === 'float32')
      return Float32Array.from({ length }, (_, i) =>
        source.uniform() < missingShare ? NaN : deviations[Math.floor(i / size)]! * source.normal(),
      );
    const sequence = input.shape.length === 1 ? sequenceOf(input, inputs) : undefined;
    return BigInt64Array.from({ length }, () =>
      BigInt(sequence ? 1 + source.integer(sequence.shape[1]!) : source.integer(2)),
    );
  };
  return Object.fromEntries(
    inputs.map((input): [string, TensorValues] => {
      const [, ...rest] = input.shape;
      const size = rest.reduce((product, length) => product * length, 1);
      return [input.name, { shape: [count, ...rest], data: valuesOf(input, size) }];
    }),
  );
}
