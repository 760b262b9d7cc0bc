/** A page that predicts in a browser, of a model that was exported. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../files/append.ts';
import { writeFileAtomic } from '../files/atomic.ts';
import type { Model } from '../models/index.ts';
import type { ExportDescription } from '../deploy/description.ts';
import { exportOnnx } from '../runs/export/export-onnx.ts';
import type { OpenModel } from '../runs/open-model.ts';
import { version } from '../runs/version.ts';
import { cardOf } from './card.ts';
import type { DemoContent } from './content.ts';
import { demoPage } from './page.ts';
import { runtimeBytes, runtimeFile } from './runtime.ts';
import { samplesOf, type SampleOptions } from './samples.ts';
import { statisticsOf } from './statistics.ts';

export interface DemoOptions {
  /** The run, as the card reads its record: its directory, or its model's file. */
  readonly run: string;
  /** The model of one's own that the run is of. */
  readonly own?: Model | undefined;
  /** Samples of the data that the page holds. Default: none. */
  readonly samples?: SampleOptions | undefined;
  /** The bytes of a model that a page holds itself at most; of more it is a folder, which must be served. Default: 100 MB. */
  readonly mostInPage?: number | undefined;
}

/** A page of more is one that browsers take long to open, and mail and forums refuse. */
export const usualMostInPage = 100e6;

export interface MadeDemo {
  readonly description: ExportDescription;
  /** The page: `demo.html`, or `demo/index.html` with the files that it needs beside it. */
  readonly page: string;
  /** Whether the page needs a server. */
  readonly isFolder: boolean;
  /** Bytes of the page, and of the files beside it that it needs. */
  readonly bytes: number;
  readonly samples: number;
}

/**
 * Exports a model into `directory`, as `exportOnnx` does, and writes a page that runs it there. Throws an Error, with nothing
 * written, where ONNX Runtime for browsers is not installed, and where samples were asked for that are not there.
 */
export async function makeDemo(model: OpenModel, directory: string, options: DemoOptions): Promise<MadeDemo> {
  const { run, own, mostInPage = usualMostInPage } = options;
  const runtime = runtimeBytes();
  const held = options.samples ? await samplesOf(model, run, options.samples) : { samples: [] };
  const card = cardOf(model, run, own);
  const description = await exportOnnx(model, directory);
  const content: DemoContent = { version, description, card, statistics: statisticsOf(model), ...held };
  const onnx = readFileSync(path.join(directory, 'model.onnx'));
  const about = { description, samples: held.samples.length };
  if (onnx.length <= mostInPage) {
    const page = path.join(directory, 'demo.html');
    const text = demoPage(content, { runtime, model: onnx });
    writeFileAtomic(page, text);
    return { ...about, page, isFolder: false, bytes: Buffer.byteLength(text) };
  }
  const place = path.join(directory, 'demo');
  const text = demoPage({ ...content, files: { runtime: runtimeFile, model: 'model.onnx' } });
  makeFolder(place);
  writeFileAtomic(path.join(place, 'model.onnx'), onnx);
  writeFileAtomic(path.join(place, runtimeFile), runtime);
  // The page comes last: where it is, all that it needs is.
  const page = path.join(place, 'index.html');
  writeFileAtomic(page, text);
  return { ...about, page, isFolder: true, bytes: Buffer.byteLength(text) + onnx.length + runtime.length };
}
