/** What the tests of exported models call in the page: everything through the public interface for browsers. */
import { env } from 'onnxruntime-web/wasm';
import {
  openExport,
  samplesIn,
  type OpenExportOptions,
  type Sample,
  type SamplePrediction,
  type WebModel,
} from '../../src/web.ts';

export interface Predicted {
  readonly device: WebModel['device'];
  readonly reason: string | undefined;
  readonly predictions: readonly SamplePrediction[];
}

const page = {
  /** Predicts samples, or those in a text, by an export that is fetched. */
  async predict(url: string, samples: readonly Sample[] | string, options: OpenExportOptions): Promise<Predicted> {
    const model = await openExport(url, options);
    const { device, reason, description } = model;
    const given = typeof samples === 'string' ? await samplesIn(samples, description) : samples;
    const predictions = await model.predict(given);
    await model.close();
    return { device, reason, predictions };
  },
  /** By the two files in memory. */
  async predictFrom(description: unknown, model: readonly number[], samples: readonly Sample[]): Promise<Predicted> {
    const opened = await openExport({ description, model: Uint8Array.from(model) }, { files: 'onnxruntime/' });
    return { device: opened.device, reason: opened.reason, predictions: await opened.predict(samples) };
  },
  /** Each sample in a call of its own, all at once. */
  async predictAtOnce(url: string, samples: readonly Sample[], options: OpenExportOptions): Promise<Predicted> {
    const model = await openExport(url, options);
    const { device, reason } = model;
    const predictions = await Promise.all(samples.map((sample) => model.predict([sample])));
    return { device, reason, predictions: predictions.flat() };
  },
  /** With threads, by a runtime whose script and file are in `folder`. */
  async predictOnThreads(url: string, samples: readonly Sample[], folder: string, threads: number): Promise<Predicted> {
    env.wasm.wasmPaths = new URL(folder, location.href).href;
    env.wasm.numThreads = threads;
    return page.predict(url, samples, {});
  },
};
declare const location: { readonly href: string };

export type DeployPage = typeof page;
Object.assign(globalThis, { page });
