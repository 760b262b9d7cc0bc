/** The public interface for predicting with exported models in Node. Every export is named here. */

export { openExport, type OpenExportOptions } from './deploy/node.ts';
export { readSamples } from './deploy/files.ts';
export { samplesIn, type TextOptions } from './deploy/samples.ts';
export type { ExportedModel, PredictOptions } from './deploy/exported-model.ts';
export type { ExportDescription, RowDescription, ValueDescription } from './deploy/description.ts';
export { inputsOf, type SampleInputs, type Tensors, type TensorValues } from './deploy/inputs.ts';
export { predictionsOf, type Prediction } from './deploy/predictions.ts';
export { PreparedSample, SampleError, type Sample } from './deploy/sample.ts';
export { FormatError } from './files/error.ts';
