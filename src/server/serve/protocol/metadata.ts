/** What the Open Inference Protocol tells of a server and of a model. */
import type { ValueDescription } from '../../../deploy/description.ts';
import { version } from '../../../runs/version.ts';
import type { ModelMetadata, TensorMetadata } from '../described.ts';
import { datatypes } from './infer-request.ts';
import type { ServedModel } from '../model.ts';

export const serverMetadata = { name: 'decalign', version, extensions: ['binary_tensor_data'] } as const;

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
