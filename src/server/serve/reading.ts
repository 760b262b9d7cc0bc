/** What is asked by a body: tensors for a model, with what its answer needs; JSON is parsed, and everything is checked. */
import { isObject } from '../../deploy/checks.ts';
import type { ExportDescription } from '../../deploy/description.ts';
import { inputsOf, type SampleInputs } from '../../deploy/inputs.ts';
import { type Sample, SampleError } from '../../deploy/sample.ts';
import { inferBody, objectOfSamples } from './protocol/infer-body.ts';
import { checkAmount, checkNumbers, inferRequest, type InferRequest } from './protocol/infer-request.ts';
import { Refusal } from './refusal.ts';

export interface Asking {
  readonly description: ExportDescription;
  /** How many numbers the inputs may come to. */
  readonly most: number;
}

/** Reads a request of the protocol; `jsonLength` is what the header says. Throws a Refusal for one that the model does not take. */
export const inferIn = (
  body: Uint8Array,
  jsonLength: string | undefined,
  { description, most }: Asking,
): InferRequest => refusing(() => inferRequest(inferBody(body, jsonLength), description, { most }));

export interface GivenSamples {
  readonly samples: readonly Sample[];
  readonly long: 'cut' | 'refuse' | undefined;
}

/** The samples of a body, of which nothing is known yet but that the model takes so many. Throws a Refusal. */
export const samplesIn = (body: Uint8Array, { description, most }: Asking): GivenSamples =>
  refusing(() => {
    const { samples, long } = objectOfSamples(body);
    if (!Array.isArray(samples) || samples.length === 0 || !samples.every(isObject))
      throw new Refusal(400, '"samples" must be a list of one object or more.');
    if (long !== undefined && long !== 'cut' && long !== 'refuse')
      throw new Refusal(
        400,
        '"long" must be "cut" or "refuse": what becomes of sequences longer than the model takes.',
      );
    checkAmount(samples.length, description.inputs, most);
    return { samples, long };
  });

/** The tensors of samples. Throws a Refusal for samples that the model does not take. */
export const inputsIn = ({ samples, long }: GivenSamples, { description }: Pick<Asking, 'description'>): SampleInputs =>
  refusing(() => {
    const found = inputsOf(description, samples, { long });
    checkNumbers(found.inputs, description);
    return found;
  });

/** What `work` gives; what is wrong with samples is a Refusal (400). */
function refusing<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw refusalOf(error);
  }
}

/** The error as a refusal, where it is one of the request. */
export function refusalOf(error: unknown): unknown {
  if (error instanceof SampleError) return new Refusal(400, oneLine(error.message));
  // Lists within lists without end: whatever looks into them runs out of stack.
  if (error instanceof RangeError && error.message.includes('call stack'))
    return new Refusal(400, 'The body has lists or objects within one another without end.');
  return error;
}

const oneLine = (message: string): string =>
  `${message[0]!.toUpperCase()}${message.slice(1)}`.replace(/([^.])$/, '$1.');
