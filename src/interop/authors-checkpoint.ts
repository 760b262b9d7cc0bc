/** Reads PyTorch checkpoints of the DecAlign authors' code: their tensors become our parameters. */
import { readTorch } from '../formats/torch/read.ts';
import type { ParameterSpec } from '../train/network.ts';
import { ourName } from './authors-names.ts';
import { stateOf, type Tensors } from './checkpoint.ts';

/**
 * The parameters, by our names, in the bytes of a `.pth` file. Throws a FormatError for a missing parameter, another
 * shape, and a tensor that is none of `parameters`.
 */
export const readAuthorsCheckpoint = (
  bytes: Uint8Array,
  parameters: ReadonlyMap<string, ParameterSpec>,
  { file }: { readonly file: string },
): Record<string, Float32Array> => authorsState(readTorch(bytes, { file }), parameters, { file });

/**
 * The parameters, by our names, of tensors by the authors' names; throws a FormatError as `readAuthorsCheckpoint` does.
 */
export const authorsState = (
  tensors: Tensors,
  parameters: ReadonlyMap<string, ParameterSpec>,
  { file }: { readonly file: string },
): Record<string, Float32Array> => stateOf(tensors, parameters, { file, ourName });
