/** Exported models in Node, by `onnxruntime-node`, which needs nothing else of this package's dependencies. */
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { FormatError } from '../files/error.ts';
import { limits } from './checks.ts';
import { descriptionIn } from './description.ts';
import { openOn, type ExportedModel, type ExportFiles } from './exported-model.ts';
import { exportAt } from './fetched.ts';
import { sessionsOf } from './session.ts';

export interface OpenExportOptions {
  /** Threads within an operator. Default: as many as the machine has cores. */
  readonly threads?: number | undefined;
}

/**
 * Opens the folder that `decalign export` wrote, or the one at a URL.
 *
 * Throws a FormatError, before ONNX Runtime sees anything, for a `model.json` that is none, is of another format or says what no
 * export of ours does, and for a `model.onnx` that is not the file it describes.
 */
export async function openExport(folder: string | URL, { threads }: OpenExportOptions = {}): Promise<ExportedModel> {
  const start = sessionsOf({ InferenceSession, Tensor }, threads === undefined ? {} : { intraOpNumThreads: threads });
  const url = folder instanceof URL ? folder : /^(https?|file):/.test(folder) ? new URL(folder) : undefined;
  if (url !== undefined && url.protocol !== 'file:') return openOn(start, await exportAt(url));
  return openOn(start, exportIn(url ? fileURLToPath(url) : String(folder)));
}

/** The description and the file in a folder, to be opened by a session of another kind. Throws a FormatError as `openExport` does. */
export function exportIn(folder: string): ExportFiles {
  const [json, onnx] = [path.join(folder, 'model.json'), path.join(folder, 'model.onnx')];
  const description = descriptionIn(contentOf(json, { most: limits.description }).toString(), json);
  return { description, name: onnx, content: contentOf(onnx, { bytes: description.bytes }) };
}

/** A file's content, once its length is known to be right; `bytes` where it must have just so many. */
function contentOf(file: string, { bytes, most }: { readonly bytes?: number; readonly most?: number }): Buffer {
  try {
    const found = statSync(file);
    if (!found.isFile()) throw new FormatError(file, 'is no file');
    if (bytes !== undefined && found.size !== bytes)
      throw new FormatError(file, `has ${found.size} bytes, where model.json says ${bytes}; copy both again`);
    if (most !== undefined && found.size > most)
      throw new FormatError(file, `has ${found.size} bytes, more than such a file has`);
    return readFileSync(file);
  } catch (error) {
    if (error instanceof FormatError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new FormatError(file, `cannot be read (${code ?? String(error)})`, { cause: error });
  }
}
