/** What programs can run on: what the installed ONNX Runtime holds, and what it finds on this machine. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { toOnnx } from '../onnx/serialize.ts';
import { full } from '../tensor/index.ts';
import { oneLine } from './compile.ts';
import { runtime } from './library.ts';

const require = createRequire(import.meta.url);

/** Adds CUDA, and TensorRT with it, to the installed runtime: its package leaves them out, as they are large. */
const installStep = 'ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node';

/** Whether the install step has put the library of a device that is not bundled where the runtime looks for it. */
function isAdded(name: string): boolean {
  const folder = path.join(path.dirname(require.resolve('onnxruntime-node/package.json')), 'bin');
  const file = `libonnxruntime_providers_${name}.so`;
  return existsSync(path.join(folder, 'napi-v6', process.platform, process.arch, file));
}

/** Devices that the installed runtime can use, `cpu` first; the others also need their hardware and drivers. */
export const devices = (): string[] => {
  const held = known().filter(({ name, bundled }) => bundled || isAdded(name));
  return ['cpu', ...held.map(({ name }) => name).filter((name) => name !== 'cpu')];
};

/** What the runtime was built for, bundled or not. */
const known = (): readonly { readonly name: string; readonly bundled: boolean }[] => runtime().listSupportedBackends();

/** Throws a RangeError of one line for a device that cannot be used, which says what is missing and what to do. */
export async function checkDevice(device: string): Promise<void> {
  if (device === 'cpu') return;
  const held = devices();
  if (!held.includes(device)) {
    const others = known().flatMap(({ name }) => (held.includes(name) ? [] : [name]));
    if (others.includes(device))
      throw new RangeError(
        `Device "${device}" is not in the installed ONNX Runtime: "${installStep}" adds it, for machines with CUDA 12 and ` +
          `cuDNN 9 (experimental: not measured yet). It has ${held.join(' and ')}.`,
      );
    const more = others.length > 0 ? `; "${installStep}" adds ${others.join(' and ')}` : '';
    throw new RangeError(`Unknown device "${device}": the installed ONNX Runtime has ${held.join(' and ')}${more}.`);
  }
  if (device !== 'webgpu') return;
  adapter ??= adapterProblem();
  const problem = await adapter;
  if (problem === undefined) return;
  // A driver may be there the next time.
  adapter = undefined;
  throw unusable('webgpu', problem);
}

/** The error of a device that the installed runtime has and this machine has not. */
export const unusable = (device: string, reason: string, options?: ErrorOptions): RangeError =>
  new RangeError(`Device "${device}" cannot be used here: ${reason}. "cpu" always works.`, options);

let adapter: Promise<string | undefined> | undefined;

/** What Dawn, the WebGPU in the runtime, writes on stderr where it finds no adapter, and what that comes to. */
const causes: readonly (readonly [RegExp, string])[] = [
  [/Couldn't load Vulkan/, "Vulkan's loader is missing (of Debian, the package libvulkan1)"],
  [
    /Found no drivers/,
    'there is no Vulkan driver (of Debian, the package mesa-vulkan-drivers for AMD and Intel; that of NVIDIA comes with its own); VK_ICD_FILENAMES can name one',
  ],
];

/**
 * Why no program can run on WebGPU; undefined where one can. A process of its own tries it: where there is no adapter, Dawn
 * writes lines of its own on stderr, which nothing turns off, and which tell the cause.
 */
const adapterProblem = (): Promise<string | undefined> =>
  new Promise((resolve) => {
    const { bytes } = toOnnx({ nothing: full([], 0) });
    const told = [require.resolve('onnxruntime-node'), Buffer.from(bytes).toString('base64')];
    execFile(process.execPath, ['-e', probe, ...told], (error, stdout, stderr) => {
      // What cannot be tried here is left to the session that is to be started.
      if (error?.code !== noAdapter) resolve(undefined);
      else resolve(causes.find(([pattern]) => pattern.test(stderr))?.[1] ?? oneLine(stdout));
    });
  });

const noAdapter = 3;
const probe = `
  const [, library, model] = process.argv;
  const { env, InferenceSession } = require(library);
  env.logLevel = 'fatal';
  InferenceSession.create(Buffer.from(model, 'base64'), { executionProviders: ['webgpu'] }).then(
    () => process.exit(0),
    (error) => process.stdout.write(error.message, () => process.exit(${noAdapter})),
  );
`;
