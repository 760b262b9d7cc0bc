/** The answers of the endpoints that run a model: a body is read, checked and queued, and what comes back is written down. */
import type { Context } from 'hono';
import type { SampleInputs, Tensors } from '../../deploy/inputs.ts';
import { predictionsOf } from '../../deploy/predictions.ts';
import { bodyOf } from './body.ts';
import { jsonLengthHeader } from './protocol/infer-body.ts';
import { inferResponse } from './protocol/infer-response.ts';
import type { ServedModel } from './model.ts';
import { patienceOf } from './patience.ts';
import { type Asking, inputsIn, refusalOf, samplesIn } from './reading.ts';
import type { Reader } from './threads/reading-thread.ts';
import type { Note } from './request-log.ts';
import type { Room } from './room.ts';
import { rowsOf } from './rows.ts';

export interface AnswerOptions {
  readonly room: Room;
  readonly reader: Reader;
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

type Understand = (body: Uint8Array, signal: AbortSignal) => Promise<Understood>;

export const infer = (context: Context, note: Note, model: ServedModel, options: AnswerOptions): Promise<Response> =>
  run(context, { note, model, options }, async (body, signal) => {
    const asking = { ...askingOf(model, options), jsonLength: context.req.header(jsonLengthHeader) };
    const { inputs, ...asked } = await options.reader.infer(body, asking, signal);
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
    const { inputs, ids, warnings } = await read(body, { model, options, signal });
    return {
      inputs,
      respond: (outputs) =>
        context.json({
          predictions: predictionsOf(model.description, outputs, ids),
          ...(warnings.length > 0 && { warnings }),
        }),
    };
  });

interface ReadOptions {
  readonly model: ServedModel;
  readonly options: AnswerOptions;
  readonly signal: AbortSignal;
}

/** The tensors of the samples in a body. Texts go by the tokeniser and the encoder, which are here. */
async function read(body: Uint8Array, { model, options, signal }: ReadOptions): Promise<SampleInputs> {
  const asking = askingOf(model, options);
  if (!model.readTexts) return options.reader.predict(body, asking, signal);
  const { samples, long } = samplesIn(body, asking);
  try {
    return inputsIn({ samples: await model.readTexts(samples, signal), long }, asking);
  } catch (error) {
    throw refusalOf(error);
  }
}

/** A request may come to as many numbers, of 4 bytes each, as its body may have bytes: JSON has two bytes or more for each. */
const askingOf = ({ description }: ServedModel, { maxBody }: AnswerOptions): Asking => ({ description, most: maxBody });

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
    const asked = await understand(body, signal);
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
