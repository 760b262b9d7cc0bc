/** Exported models in a browser, by `onnxruntime-web`: as WebAssembly on the CPU. */
import type * as Ort from 'onnxruntime-web';
import { filesIn, openOn, type ExportContent, type ExportedModel, type ExportFiles } from './exported-model.ts';
import { exportAt } from './fetched.ts';
import { sessionsOf } from './session.ts';

export interface OpenOptions {
  /**
   * URL of the folder that serves the runtime's `.wasm` file. Default: the bundler finds it, as Vite and webpack do.
   */
  readonly files?: string | URL | undefined;
  /** Threads within an operator. Default: 1; more need a page that is `crossOriginIsolated`. */
  readonly threads?: number | undefined;
}

/**
 * Opens what `decalign export` wrote: the URL of the folder, relative to the page, or its two files in memory.
 *
 * Throws a FormatError, before ONNX Runtime sees anything, for a description that is none, is of another format or says what
 * no export of ours does, and for a model that is not the file it describes.
 */
export async function openExport(
  source: string | URL | ExportContent,
  { files, threads = 1 }: OpenOptions = {},
): Promise<ExportedModel> {
  const { env, InferenceSession, Tensor }: typeof Ort = await import('onnxruntime-web/wasm');
  if (files !== undefined) env.wasm.wasmPaths = new URL(files, page.location?.href).href.replace(/\/?$/, '/');
  env.wasm.numThreads = page.crossOriginIsolated ? threads : 1;
  return openOn(sessionsOf({ InferenceSession, Tensor }), await filesOf(source));
}

/** The files at a URL that may be relative to the page, or in memory. Throws a FormatError for those that are none of ours. */
const filesOf = async (source: string | URL | ExportContent): Promise<ExportFiles> =>
  typeof source === 'object' && 'model' in source ? filesIn(source) : exportAt(new URL(source, page.location?.href));

/** The globals of a browser that are used here; Node has only `fetch` of them. */
interface Page {
  readonly crossOriginIsolated?: boolean;
  readonly location?: { readonly href: string };
  readonly fetch: unknown;
}
const page: Page = globalThis;
