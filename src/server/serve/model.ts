/** A model that is served: an export, or a run that is exported when the server starts. */
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ExportDescription, ValueDescription } from '../../deploy/description.ts';
import type { Tensors } from '../../deploy/inputs.ts';
import { openOn } from '../../deploy/exported-model.ts';
import { exportIn } from '../../deploy/node.ts';
import { exportOnnx } from '../../runs/export/export-onnx.ts';
import { openModel, type OpenOptions } from '../../runs/open-model.ts';
import { encoderFile } from '../../runs/text/text-encoder.ts';
import { openQueue, type Queue, type QueueOptions } from './queue.ts';
import { sessionsInThreads } from './threads/session-thread.ts';
import { type ReadTexts, textReader } from './texts.ts';

export interface ServedModel {
  readonly name: string;
  /** The beginning of the SHA-256 of its ONNX file: another model under the same name is another version. */
  readonly version: string;
  readonly description: ExportDescription;
  readonly queue: Queue;
  /** How texts become what it takes; undefined where it takes none. */
  readonly readTexts: ReadTexts | undefined;
  close(): Promise<void>;
}

export interface ServeModelOptions extends QueueOptions {
  /** Threads within an operator. Default: as many as the machine has cores. */
  readonly threads?: number | undefined;
  /** Of a run of a model of one's own. */
  readonly own?: OpenOptions | undefined;
}

/**
 * Opens the export or the run at `location` under a name. It has predicted once when it is open, so that the first request is
 * answered as soon as any.
 *
 * Throws an Error of one line for a location that holds neither, and for files that are damaged.
 */
export async function openServed(
  { name, location }: { readonly name: string; readonly location: string },
  options: ServeModelOptions,
): Promise<ServedModel> {
  const { threads, own, ...limits } = options;
  const start = sessionsInThreads({ threads });
  return withExport(location, own, async ({ folder, encoder: encoderBytes }) => {
    const model = await openOn(start, exportIn(folder));
    const encoder = encoderBytes && (await start(encoderBytes));
    const { description } = model;
    await model.run(oneOf(description.inputs));
    const [fixed] = description.inputs[0]!.shape;
    const maxBatch = typeof fixed === 'number' ? fixed : limits.maxBatch;
    const encoding = encoder && openQueue((inputs) => encoder.run(inputs), limits);
    return {
      ...{ name, version: description.sha256.slice(0, 12), description },
      queue: openQueue((inputs) => model.run(inputs), { ...limits, maxBatch }),
      readTexts: textReader(folder, description, encoding),
      async close() {
        await Promise.all([model.close(), encoder?.close()]);
      },
    };
  });
}

interface Opening {
  /** The folder of an export; that of a run is there while it is opened. */
  readonly folder: string;
  /** The encoder of text that a run needs and its export lacks, as an ONNX file. */
  readonly encoder?: Uint8Array;
}

async function withExport<T>(
  location: string,
  own: OpenOptions | undefined,
  work: (opening: Opening) => Promise<T>,
): Promise<T> {
  if (existsSync(path.join(location, 'model.json'))) return work({ folder: location });
  checkLocation(location);
  const folder = mkdtempSync(path.join(tmpdir(), 'decalign-serve-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    const model = openModel(location, own);
    const { tokenizer } = await exportOnnx(model, folder);
    const config = model.trained?.config;
    const isFrozen = tokenizer !== undefined && config?.text.bert.freeze === 'all';
    return await work({ folder, ...(isFrozen && { encoder: encoderFile(config) }) });
  } finally {
    process.off('exit', remove);
    remove();
  }
}

/** Throws an Error for what is neither an export nor a run, or the file of one that was meant whole. */
function checkLocation(location: string): void {
  if (!existsSync(location))
    throw new Error(`${location} does not exist; give the folder of an export, or a run directory.`);
  if (statSync(location).isDirectory()) {
    if (existsSync(path.join(location, 'config.json'))) return;
    throw new Error(`${location} is neither an export nor a run: there is neither model.json nor config.json in it.`);
  }
  if (path.extname(location) !== '.safetensors')
    throw new Error(
      `${location} is a file; give the folder of the export that it is in (${path.dirname(location)}), or a run directory.`,
    );
}

/** Inputs of one sample, of which every number is 0. */
const oneOf = (inputs: readonly ValueDescription[]): Tensors =>
  Object.fromEntries(
    inputs.map(({ name, dtype, shape: [, ...axes] }) => {
      const size = axes.reduce((product, axis) => product * axis, 1);
      const data = dtype === 'int64' ? new BigInt64Array(size) : new Float32Array(size);
      return [name, { shape: [1, ...axes], data }];
    }),
  );
