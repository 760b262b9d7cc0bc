/** The answers of the endpoints that run a model: a body is read, checked and queued, and what comes back is written down. */
import type { Context } from 'hono';
import { inputsOf, type Tensors } from '../../deploy/inputs.ts';
import { predictionsOf } from '../../deploy/predictions.ts';
import { SampleError } from '../../deploy/sample.ts';
import { isObject } from '../../deploy/checks.ts';
import { bodyOf } from './body.ts';
import { inferBody, jsonLengthHeader, objectOfSamples } from './infer-body.ts';
import { checkAmount, checkNumbers, inferRequest } from './infer-request.ts';
import { inferResponse } from './infer-response.ts';
import type { ServedModel } from './model.ts';
import { patienceOf } from './patience.ts';
import { Refusal } from './refusal.ts';
import type { Note } from './request-log.ts';
import type { Room } from './room.ts';
import { rowsOf } from './rows.ts';

export interface AnswerOptions {
  readonly room: Room;
  /** Bytes of a body. */
  readonly maxBody: number;
  /** Seconds from the arrival of a request to its answer. */
  readonly timeout: number;
  /** Told of the milliseconds that a request waited for a model. */
  readonly onWait: (model: string, ms: number) => void;
}

/** A request that was understood: the inputs, and what is answered once there are outputs. */
interface Understood {
  readonly inputs: Tensors;
  readonly respond: (outputs: Tensors) => Response;
}

type Understand = (body: Uint8Array, signal: AbortSignal) => Understood | Promise<Understood>;

export const infer = (context: Context, note: Note, model: ServedModel, options: AnswerOptions): Promise<Response> =>
  run(context, { note, model, options }, (body) => {
    const length = context.req.header(jsonLengthHeader);
    const { inputs, ...asked } = inferRequest(inferBody(body, length), model.description, mostOf(options));
    return {
      inputs,
      respond(outputs) {
        const { body: answer, headers } = inferResponse(asked, outputs, model);
        return context.body(answer, 200, headers);
      },
    };
  });

export const predict = (context: Context, note: Note, model: ServedModel, options: AnswerOptions): Promise<Response> =>
  run(context, { note, model, options }, async (body, signal) => {
    const { samples, long } = objectOfSamples(body);
    if (!Array.isArray(samples) || samples.length === 0 || !samples.every(isObject))
      throw new Refusal(400, '"samples" must be a list of one object or more.');
    if (long !== undefined && long !== 'cut' && long !== 'refuse')
      throw new Refusal(
        400,
        '"long" must be "cut" or "refuse": what becomes of sequences longer than the model takes.',
      );
    checkAmount(samples.length, model.description.inputs, mostOf(options).most);
    const read = model.readTexts ? await model.readTexts(samples, signal) : samples;
    const { inputs, ids, warnings } = inputsOf(model.description, read, { long });
    checkNumbers(inputs, model.description);
    return {
      inputs,
      respond: (outputs) =>
        context.json({
          predictions: predictionsOf(model.description, outputs, ids),
          ...(warnings.length > 0 && { warnings }),
        }),
    };
  });

/** A request may come to as many numbers, of 4 bytes each, as its body may have bytes: JSON has two bytes or more for each. */
const mostOf = ({ maxBody }: AnswerOptions): { readonly most: number } => ({ most: maxBody });

interface About {
  readonly note: Note;
  readonly model: ServedModel;
  readonly options: AnswerOptions;
}

async function run(context: Context, { note, model, options }: About, understand: Understand): Promise<Response> {
  const { room, maxBody, timeout, onWait } = options;
  const { raw } = context.req;
  note.model = model.name;
  const hold = room.enter();
  const patience = patienceOf(raw.signal, timeout);
  const { signal } = patience;
  try {
    const body = await bodyOf(raw, { most: maxBody, hold, signal });
    note.received = body.length;
    const asked = await understood(() => understand(body, signal));
    const { inputs } = asked;
    note.samples = rowsOf(inputs);
    hold.resize(Object.values(inputs).reduce((sum, { data }) => sum + data.byteLength, 0));
    const { outputs, waited, batch } = await model.queue.run(inputs, signal);
    note.batch = batch;
    note.waited = waited;
    onWait(model.name, waited);
    return asked.respond(outputs);
  } finally {
    patience.end();
    hold.leave();
  }
}

async function understood(understand: () => Understood | Promise<Understood>): Promise<Understood> {
  try {
    return await understand();
  } catch (error) {
    if (error instanceof SampleError) throw new Refusal(400, oneLine(error.message));
    // Lists within lists without end: whatever looks into them runs out of stack.
    if (error instanceof RangeError && error.message.includes('call stack'))
      throw new Refusal(400, 'The body has lists or objects within one another without end.');
    throw error;
  }
}

const oneLine = (message: string): string =>
  `${message[0]!.toUpperCase()}${message.slice(1)}`.replace(/([^.])$/, '$1.');
