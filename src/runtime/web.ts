/**
 * ONNX Runtime in a browser, as WebAssembly on the CPU, or by WebGPU.
 *
 * A page (or worker) has one runtime, with the device and as many threads as it was started with. Threads share memory, which browsers
 * allow only where `crossOriginIsolated` is true, that is, where the page came with the headers
 *
 *   Cross-Origin-Opener-Policy: same-origin
 *   Cross-Origin-Embedder-Policy: require-corp      as must the script files of the threads
 *
 * In any other page the runtime has one thread.
 */
import type * as Ort from 'onnxruntime-web';
import { full } from '../tensor/index.ts';
import { compileOn, oneLine, type Compile, type CompileOptions } from './compile.ts';

export interface WebRuntimeOptions {
  /** URL of the folder that serves the `runtimeFiles`; relative to the page or worker script. */
  readonly files: string;
  /**
   * Threads within an operator; default: half the logical cores, 4 at most. A page that is not isolated has one anyway.
   */
  readonly threads?: number;
  /** What the programs of the page run on; default: `cpu`. */
  readonly device?: WebDevice;
}

export type WebDevice = 'cpu' | 'webgpu';

export interface WebRuntime {
  readonly device: WebDevice;
  /** Threads within an operator, as many as were started. */
  readonly threads: number;
  readonly compile: Compile;
}

/** The files that a page fetches beside its own scripts; copy them from `onnxruntime-web/dist/` of the same version. */
export const runtimeFiles = ['ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm'] as const;
/** Those of a page whose device is `webgpu`. */
export const webgpuRuntimeFiles = [
  'ort-wasm-simd-threaded.asyncify.mjs',
  'ort-wasm-simd-threaded.asyncify.wasm',
] as const;

/** By device, the runtime's build and the files that it fetches. */
const builds = {
  cpu: { load: () => import('onnxruntime-web/wasm'), provider: 'wasm', files: runtimeFiles },
  webgpu: { load: () => import('onnxruntime-web/webgpu'), provider: 'webgpu', files: webgpuRuntimeFiles },
} as const;

/** The globals of a browser that are used here; Node has only `fetch` of them. */
interface Page {
  readonly crossOriginIsolated?: boolean;
  readonly location?: { readonly href: string; readonly origin: string };
  readonly navigator?: {
    readonly hardwareConcurrency?: number;
    readonly gpu?: { readonly requestAdapter: () => Promise<object | null> };
  };
  readonly fetch: (url: URL) => Promise<{ ok: boolean; status: number; headers: { get(name: string): string | null } }>;
}
const page: Page = globalThis;

let opened: { readonly asked: string; readonly runtime: Promise<WebRuntime> } | undefined;

/**
 * Starts ONNX Runtime for this page (or worker), once: later calls must ask for the same, and get the same.
 * Throws an Error that names the file where one cannot be fetched, and one that says what is missing where the page cannot have
 * the device.
 */
export async function openRuntime({ files, threads, device = 'cpu' }: WebRuntimeOptions): Promise<WebRuntime> {
  if (threads !== undefined && (!Number.isInteger(threads) || threads < 1))
    throw new RangeError(`threads must be a whole number of at least 1, got ${threads}.`);
  if (!Object.hasOwn(builds, device))
    throw new RangeError(`Unknown device "${device}": in a browser there are ${Object.keys(builds).join(' and ')}.`);
  const asked = `files "${files}", threads ${threads} and device "${device}"`;
  if (opened && opened.asked !== asked)
    throw new Error(
      `ONNX Runtime starts once in a page: it has ${opened.asked}, and cannot have ${asked}. ` +
        'Keep what openRuntime() gave, or reload the page.',
    );
  opened ??= { asked, runtime: start(files, device, threads) };
  return opened.runtime;
}

async function start(files: string, device: WebDevice, threads = defaultThreads()): Promise<WebRuntime> {
  if (device === 'webgpu') await checkAdapter();
  const { load, files: names, provider } = builds[device];
  const { env, InferenceSession, Tensor }: typeof Ort = await load();
  const folder = new URL(files.endsWith('/') ? files : `${files}/`, page.location?.href);
  env.logLevel = 'fatal';
  env.wasm.wasmPaths = folder.href;
  const started = page.crossOriginIsolated ? threads : 1;
  env.wasm.numThreads = started;
  const compile: Compile = async (outputs, options = {}) => {
    const startSession = async (model: Uint8Array, title: string): Promise<Ort.InferenceSession> => {
      try {
        return await InferenceSession.create(model, { ...sessionOptions(options), executionProviders: [provider] });
      } catch (error) {
        throw new Error(`ONNX Runtime cannot start program "${title}": ${oneLine(error)}`, { cause: error });
      }
    };
    return compileOn({ Tensor, start: startSession }, outputs, { ...options, device });
  };
  if (started > 1) await checkThreadScript(new URL(names[0], folder));
  try {
    // The smallest program there is makes the runtime fetch and start all it needs.
    await (await compile({ nothing: full([], 0) })).dispose();
  } catch (error) {
    const unfit = (await Promise.all(names.map((name) => problemOf(new URL(name, folder))))).filter(Boolean);
    throw new Error(
      unfit.length === 0
        ? `ONNX Runtime could not start here: ${oneLine(error)}`
        : `${unfit.join(' ')} Serve ${names.join(' and ')} of onnxruntime-web/dist/ in the folder that ` +
            'openRuntime({ files }) names, and reload the page.',
      { cause: error },
    );
  }
  return {
    device,
    threads: started,
    async compile(outputs, options = {}) {
      checkOptions(options, { device, threads: started });
      return compile(outputs, options);
    },
  };
}

/** Throws an Error where this page cannot have WebGPU. */
async function checkAdapter(): Promise<void> {
  const cpu = 'openRuntime() without a device runs on the CPU.';
  const gpu = page.navigator?.gpu;
  if (!gpu) throw new Error(`Device "webgpu" needs a browser with WebGPU, and a page from https or localhost; ${cpu}`);
  if (!(await gpu.requestAdapter()))
    throw new Error(`Device "webgpu" finds no adapter: the browser has no GPU here that it lets pages use; ${cpu}`);
}

const defaultThreads = (): number => Math.min(4, Math.ceil((page.navigator?.hardwareConcurrency ?? 1) / 2));

/**
 * Throws where the threads' script comes without its header: no thread would start, and the runtime would wait for
 * ever.
 */
async function checkThreadScript(url: URL): Promise<void> {
  const header = 'Cross-Origin-Embedder-Policy';
  // A script of another origin is loaded by the page itself; whether it can be fetched shows when the runtime starts.
  if (url.origin !== page.location?.origin) return;
  const response = await page.fetch(url).catch(() => undefined);
  if (response?.ok && response.headers.get(header) === null)
    throw new Error(
      `${url.href} came without the header "${header}", and threads of an isolated page cannot load it so. ` +
        'Send the header with every script, and reload the page.',
    );
}

/** The problem that keeps a file from being used, in words; empty where none is seen. */
async function problemOf(url: URL): Promise<string> {
  try {
    const { ok, status, headers } = await page.fetch(url);
    if (!ok) return `${url.href} could not be fetched: status ${status}.`;
    const type = headers.get('content-type') ?? 'none';
    // Some servers answer every unknown path with their start page.
    if (type.startsWith('text/html')) return `${url.href} is not the file, but a page (content type ${type}).`;
    return '';
  } catch (error) {
    return `${url.href} could not be fetched: ${oneLine(error)}.`;
  }
}

const sessionOptions = ({ optimization = 'none' }: CompileOptions): Ort.InferenceSession.SessionOptions => ({
  executionMode: 'sequential',
  graphOptimizationLevel: optimization === 'none' ? 'disabled' : optimization,
  logSeverityLevel: 4,
});

/** Throws where a program asks for more than a runtime that is started already can give. */
function checkOptions(
  { threads, device = 'cpu', profile }: CompileOptions,
  running: Pick<WebRuntime, 'device' | 'threads'>,
): void {
  // `cpu` is the default of `train.device`, which a page need not repeat.
  if (device !== 'cpu' && device !== running.device)
    throw new RangeError(
      `In a browser the device is that of openRuntime(), here "${running.device}", and a program cannot have "${device}".`,
    );
  if (threads !== undefined && threads !== running.threads)
    throw new RangeError(
      `In a browser the threads are those of openRuntime(), here ${running.threads}, and a program cannot have ${threads}: ` +
        'leave them out.',
    );
  if (profile !== undefined) throw new RangeError(`In a browser no profile can be written to "${profile}".`);
}
