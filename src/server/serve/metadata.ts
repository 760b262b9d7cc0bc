/** What the Open Inference Protocol tells of a server and of a model. */
import type { ValueDescription } from '../../deploy/description.ts';
import { version } from '../../runs/version.ts';
import { datatypes } from './infer-request.ts';
import type { ServedModel } from './model.ts';

export const serverMetadata = { name: 'decalign', version, extensions: ['binary_tensor_data'] } as const;

export interface TensorMetadata {
  readonly name: string;
  readonly datatype: string;
  /** -1 is an axis of any size. */
  readonly shape: readonly number[];
}

export interface ModelMetadata {
  readonly name: string;
  readonly versions: readonly string[];
  readonly platform: string;
  readonly inputs: readonly TensorMetadata[];
  readonly outputs: readonly TensorMetadata[];
}

export const modelMetadata = ({
  name,
  version: own,
  description: { inputs, outputs },
}: Pick<ServedModel, 'name' | 'version' | 'description'>): ModelMetadata => ({
  ...{ name, versions: [own], platform: 'onnxruntime_onnxv1' },
  ...{ inputs: inputs.map(tensorOf), outputs: outputs.map(tensorOf) },
});

// Of a file that takes just so many samples at once, too: it is run as often as need be.
const tensorOf = ({ name, dtype, shape: [, ...axes] }: ValueDescription): TensorMetadata => ({
  ...{ name, datatype: datatypes[dtype], shape: [-1, ...axes] },
});
