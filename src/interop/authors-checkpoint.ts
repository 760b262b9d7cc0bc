/** The authors' PyTorch checkpoints, read into our parameters by name. */
import { isNumericData, toFloat32, type NdArray } from '../data/formats/array.ts';
import { FormatError } from '../data/formats/error.ts';
import { readTorch } from '../data/formats/torch.ts';
import { sameShape } from '../tensor/index.ts';
import type { ParameterSpec } from '../train/program.ts';
import { ourName } from './authors-names.ts';

/** Parameters by our names from the bytes of a `.pth`; every one must be there, in its shape, and nothing else. */
export const readAuthorsCheckpoint = (
  bytes: Uint8Array,
  parameters: ReadonlyMap<string, ParameterSpec>,
  { file }: { readonly file: string },
): Record<string, Float32Array> => authorsState(readTorch(bytes, { file }), parameters, { file });

/** The same from tensors by their names. */
export function authorsState(
  tensors: Readonly<Record<string, NdArray>>,
  parameters: ReadonlyMap<string, ParameterSpec>,
  { file }: { readonly file: string },
): Record<string, Float32Array> {
  const state: Record<string, Float32Array> = {};
  for (const [theirs, tensor] of Object.entries(tensors)) {
    const name = ourName(theirs);
    const expected = name === undefined ? undefined : parameters.get(name);
    if (name === undefined || !expected)
      throw new FormatError(
        file,
        `holds "${theirs}", for which this model has no place; is the configuration the right one?`,
      );
    if (!sameShape(tensor.shape, expected.shape))
      throw new FormatError(
        file,
        `"${theirs}" has shape [${tensor.shape}], but the configuration makes it [${expected.shape}].`,
      );
    state[name] = floats(tensor, theirs, file);
  }
  const missing = [...parameters.keys()].filter((name) => !(name in state));
  if (missing.length > 0)
    throw new FormatError(file, `lacks ${missing.length} parameters of this model, among them "${missing[0]!}".`);
  return state;
}

function floats(tensor: NdArray, name: string, file: string): Float32Array {
  if (!isNumericData(tensor.data)) throw new FormatError(file, `"${name}" does not hold numbers.`);
  return toFloat32(tensor.data);
}
