/** The model that the page holds, or that lies beside it, ready to predict. */
import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import { filesIn, openOn, type ExportedModel } from '../../deploy/exported-model.ts';
import { sessionsOf } from '../../deploy/session.ts';
import type { DemoContent } from '../../demo/content.ts';
import { unpacked } from './unpack.ts';

export const contentOfPage = async (): Promise<DemoContent> =>
  JSON.parse(new TextDecoder().decode(await unpacked('content'))) as DemoContent;

/** Starts ONNX Runtime on one thread, from bytes in memory: nothing is fetched, but what lies beside a page that is served. */
export async function openModel({ description, files }: DemoContent): Promise<ExportedModel> {
  const [runtime, model] = files
    ? [await fetched(files.runtime), await fetched(files.model)]
    : [await unpacked('runtime'), await unpacked('model')];
  env.wasm.wasmBinary = runtime;
  env.wasm.numThreads = 1;
  return openOn(sessionsOf({ InferenceSession, Tensor }), filesIn({ description, model }));
}

async function fetched(name: string): Promise<Uint8Array> {
  if (location.protocol === 'file:')
    throw new Error(
      `A browser gives this page the files beside it (${name}) only where it is served: run npx http-server in its folder, and open the address that it tells.`,
    );
  const response = await fetch(name).catch(() => undefined);
  if (!response?.ok)
    throw new Error(
      `${name} is not there: it belongs beside this page. Copy the whole folder, and load the page again.`,
    );
  return new Uint8Array(await response.arrayBuffer());
}
