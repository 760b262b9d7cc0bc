/** Exported models in a browser, by `onnxruntime-web`: WebAssembly on the CPU, or WebGPU where that agrees with it. */
import type * as Ort from 'onnxruntime-web';
import { differenceBetween } from './agreement.ts';
import { filesIn, openOn, type ExportContent, type ExportedModel, type ExportFiles } from './exported-model.ts';
import { exportAt } from './fetched.ts';
import { RuntimeError, sessionsOf, type StartSession } from './session.ts';

export interface OpenExportOptions {
  /**
   * URL of the folder that serves the runtime's `.wasm` file, relative to the page. Default: it lies where the bundler put it, as
   * Vite does.
   */
  readonly files?: string | URL | undefined;
  /**
   * What the model runs on. `webgpu` is a wish: where the browser has none, or comes to other figures with this model than the
   * CPU, the model runs on the CPU, and says why. Default: `cpu`.
   */
  readonly device?: 'cpu' | 'webgpu' | undefined;
}

/** An exported model in a browser. */
export interface WebModel extends ExportedModel {
  /** What it runs on. */
  readonly device: 'cpu' | 'webgpu';
  /** Why it runs on the CPU where WebGPU was asked for. */
  readonly reason?: string;
}

/** A device must come within this of the CPU, absolute or relative to values above 1. */
const agreement = 1e-5;

/**
 * Opens what `decalign export` wrote: the URL of the folder, relative to the page, or its two files in memory. A page has one
 * ONNX Runtime for each device, with the files that were named first.
 *
 * Throws a FormatError, before ONNX Runtime sees anything, for a description that is none, is of another format or says what
 * no export of ours does, and for a model that is not the file it describes; a RuntimeError where the runtime does not start.
 */
export async function openExport(
  source: string | URL | ExportContent,
  { device = 'cpu', ...options }: OpenExportOptions = {},
): Promise<WebModel> {
  const files =
    typeof source === 'object' && 'model' in source
      ? filesIn(source)
      : await exportAt(new URL(source, page.location?.href));
  if (device === 'cpu') return openOnCpu(files, options);
  const missing = await missingGpu();
  return missing === undefined
    ? openWhereAlike(files, options)
    : { ...(await openOnCpu(files, options)), reason: missing };
}

const onCpu = { file: 'ort-wasm-simd-threaded.wasm', provider: 'wasm' } as const;
/** The build that has both. */
const onBoth = { ...onCpu, file: 'ort-wasm-simd-threaded.asyncify.wasm' } as const;
const onGpu = { ...onBoth, provider: 'webgpu' } as const;

async function openOnCpu(files: ExportFiles, options: OpenExportOptions): Promise<WebModel> {
  const runtime: typeof Ort = await import('onnxruntime-web/wasm');
  return { ...(await openBy(runtime, onCpu, files, options)), device: 'cpu' };
}

/** On WebGPU if that comes to the figures of the CPU, which the same build of the runtime has. */
async function openWhereAlike(files: ExportFiles, options: OpenExportOptions): Promise<WebModel> {
  const runtime: typeof Ort = await import('onnxruntime-web/webgpu');
  const cpu = await openBy(runtime, onBoth, files, options);
  try {
    const gpu = await openBy(runtime, onGpu, files, options);
    const difference = await differenceBetween(cpu, gpu).catch(async (error: unknown) => {
      await gpu.close();
      throw error;
    });
    const [kept, other] = difference <= agreement ? [gpu, cpu] : [cpu, gpu];
    await other.close();
    if (kept === gpu) return { ...gpu, device: 'webgpu' };
    const reason = `WebGPU comes to other figures with this model than the CPU, by ${difference.toPrecision(2)}.`;
    return { ...cpu, device: 'cpu', reason };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ...cpu, device: 'cpu', reason: `WebGPU does not run this model: ${message.replaceAll(/\s+/g, ' ')}` };
  }
}

async function openBy(
  runtime: typeof Ort,
  { file, provider }: { readonly file: string; readonly provider: 'wasm' | 'webgpu' },
  files: ExportFiles,
  options: OpenExportOptions,
): Promise<ExportedModel> {
  prepare(runtime, file, options);
  try {
    const start = sessionsOf(runtime, { executionProviders: [provider] });
    return await openOn(file === onCpu.file ? start : inTurn(start), files);
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    const remedy = `Serve ${file} of onnxruntime-web/dist/ in the folder that openExport({ files }) names, and reload the page.`;
    throw new RuntimeError(`${error.message} ${remedy}`, { cause: error });
  }
}

/**
 * The same sessions, of which one works at a time: the build with WebGPU stands still where it is called while it waits for the
 * device.
 */
function inTurn(start: StartSession): StartSession {
  return (model) =>
    turn(async () => {
      const session = await start(model);
      return { ...session, run: (inputs) => turn(() => session.run(inputs)), close: () => turn(() => session.close()) };
    });
}

let last: Promise<unknown> = Promise.resolve();
function turn<T>(work: () => Promise<T>): Promise<T> {
  const own = last.then(work, work);
  last = own;
  return own;
}

/**
 * Says before the runtime starts where its file is. There is one thread, unless the page has set `env.wasm.numThreads` itself:
 * threads load the runtime's script, and would wait for ever for one that a bundler has put into another.
 */
function prepare({ env }: typeof Ort, file: string, { files }: OpenExportOptions): void {
  env.logLevel = 'fatal';
  env.wasm.numThreads ??= 1;
  if (files === undefined) return;
  const folder = new URL(files, page.location?.href).href.replace(/\/?$/, '/');
  env.wasm.wasmPaths = { wasm: new URL(file, folder) };
}

/** Why this page has no WebGPU; undefined where it has. */
async function missingGpu(): Promise<string | undefined> {
  const gpu = page.navigator?.gpu;
  if (!gpu) return 'This browser has no WebGPU, or only for pages from https or localhost.';
  return (await gpu.requestAdapter()) ? undefined : 'This browser has no GPU here that it lets pages use.';
}

/** The globals of a browser that are used here; Node has only `fetch` of them. */
interface Page {
  readonly location?: { readonly href: string };
  readonly navigator?: {
    readonly hardwareConcurrency?: number;
    readonly gpu?: { readonly requestAdapter: () => Promise<object | null> };
  };
  readonly fetch: unknown;
}
const page: Page = globalThis;
