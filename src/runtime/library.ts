import { createRequire } from 'node:module';
import type * as Ort from 'onnxruntime-node';

const require = createRequire(import.meta.url);

/** ONNX Runtime, which is CommonJS and loads a native library: only when it is first asked for. */
export const runtime = (): typeof Ort => require('onnxruntime-node') as typeof Ort;
