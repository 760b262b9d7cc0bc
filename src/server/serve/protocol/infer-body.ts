/**
 * The body of a request to infer: JSON, or by the extension `binary_tensor_data` JSON with the bytes of tensors behind it.
 */
import { isObject } from '../../../deploy/checks.ts';
import { withTexts } from '../../../formats/delimited/json-line.ts';
import { Refusal } from '../refusal.ts';

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
const jsonObject = (bytes: Uint8Array): JsonObject => objectOf(bytes, JSON.parse);

/** The same, with long numbers as texts of their digits, as ids may be, and NaN as null: lines that are trained on are read so. */
export const objectOfSamples = (bytes: Uint8Array): JsonObject =>
  objectOf(bytes, (text) => JSON.parse(isOfPython.test(text) ? withTexts(text) : text));

/** A field of 16 digits or more, or what Python writes for numbers that JSON does not have. */
const isOfPython = /:\s*-?\d{16}|NaN|Infinity/;

function objectOf(bytes: Uint8Array, parse: (text: string) => unknown): JsonObject {
  const value = parsed(bytes, parse);
  if (!isObject(value)) throw new Refusal(400, 'The body must be a JSON object.');
  return value;
}

function parsed(bytes: Uint8Array, parse: (text: string) => unknown): unknown {
  try {
    return parse(decoder.decode(bytes));
  } catch (error) {
    throw new Refusal(400, `The body is no JSON: ${error instanceof SyntaxError ? error.message : 'it is not UTF-8'}.`);
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true });
