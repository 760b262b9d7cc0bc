/** The authors' PyTorch checkpoints, read into our parameters by name. */
import { readTorch } from '../formats/torch/read.ts';
import type { ParameterSpec } from '../train/network.ts';
import { ourName } from './authors-names.ts';
import { stateOf, type Tensors } from './checkpoint.ts';

/** Parameters by our names from the bytes of a `.pth`; every one must be there, in its shape, and nothing else. */
export const readAuthorsCheckpoint = (
  bytes: Uint8Array,
  parameters: ReadonlyMap<string, ParameterSpec>,
  { file }: { readonly file: string },
): Record<string, Float32Array> => authorsState(readTorch(bytes, { file }), parameters, { file });

/** The same from tensors by their names. */
export const authorsState = (
  tensors: Tensors,
  parameters: ReadonlyMap<string, ParameterSpec>,
  { file }: { readonly file: string },
): Record<string, Float32Array> => stateOf(tensors, parameters, { file, ourName });
