/**
 * The body of a request to infer: JSON, or by the extension `binary_tensor_data` JSON with the bytes of tensors behind it.
 */
import { isObject } from '../../deploy/checks.ts';
import { Refusal } from './refusal.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** The header that says how many bytes of a body are JSON. */
export const jsonLengthHeader = 'Inference-Header-Content-Length';

export interface InferBody {
  readonly json: JsonObject;
  /** What follows the JSON. */
  readonly binary: Uint8Array;
}

/** `jsonLength` is what the header says. Throws a Refusal for a body that is none. */
export function inferBody(body: Uint8Array, jsonLength: string | undefined): InferBody {
  if (jsonLength === undefined) return { json: jsonObject(body), binary: body.subarray(body.length) };
  const length = /^\d{1,15}$/.test(jsonLength) ? Number(jsonLength) : NaN;
  if (!(length <= body.length))
    throw new Refusal(
      400,
      `${jsonLengthHeader} must be a number of bytes up to the ${body.length} of the body, got ${JSON.stringify(jsonLength.slice(0, 40))}.`,
    );
  return { json: jsonObject(body.subarray(0, length)), binary: body.subarray(length) };
}

/** The object that bytes are, as JSON in UTF-8. Throws a Refusal where they are none. */
export function jsonObject(bytes: Uint8Array): JsonObject {
  const value = parsed(bytes);
  if (!isObject(value)) throw new Refusal(400, 'The body must be a JSON object.');
  return value;
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch (error) {
    throw new Refusal(400, `The body is no JSON: ${error instanceof SyntaxError ? error.message : 'it is not UTF-8'}.`);
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true });
