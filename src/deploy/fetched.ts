/** An exported folder that is fetched, in Node and in browsers. */
import { FormatError } from '../files/error.ts';
import { limits } from './checks.ts';
import { descriptionIn } from './description.ts';
import type { ExportFiles } from './exported-model.ts';

/** The two files of the exported folder at a URL. Throws a FormatError for those that cannot be fetched, or are too long. */
export async function exportAt(folder: URL): Promise<ExportFiles> {
  const base = folder.href.replace(/\/?$/, '/');
  const [json, onnx] = [`${base}model.json`, `${base}model.onnx`];
  const text = new TextDecoder().decode(await bytesAt(json, limits.description));
  const description = descriptionIn(text, json);
  return { description, name: onnx, content: await bytesAt(onnx, description.bytes) };
}

/** The bytes at a URL. Throws a FormatError where they cannot be fetched, or as soon as there are more than `most`. */
async function bytesAt(url: string, most: number): Promise<Uint8Array> {
  const failed = (problem: string, cause?: unknown): FormatError => new FormatError(url, problem, { cause });
  let response: Response;
  try {
    response = await fetch(url);
  } catch (error) {
    throw failed(`could not be fetched (${error instanceof Error ? error.message : String(error)})`, error);
  }
  if (!response.ok || response.body === null) throw failed(`could not be fetched: status ${response.status}`);
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of piecesOf(response.body)) {
    length += part.length;
    if (length > most) throw failed(`has more than ${most} bytes; copy model.json and model.onnx again`);
    parts.push(part);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

// Safari's streams are no async iterables.
async function* piecesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel();
  }
}
