/** The public interface for browsers: training and prediction. Every export is named here. */

// The runtime
export {
  openRuntime,
  runtimeFiles,
  webgpuRuntimeFiles,
  type WebDevice,
  type WebRuntime,
  type WebRuntimeOptions,
} from './runtime/web.ts';
export type { Program } from './runtime/compile.ts';

// Exported models
export { openExport, type OpenExportOptions, type WebModel } from './deploy/web.ts';
export { samplesIn, type TextOptions } from './deploy/samples.ts';
export type { ExportContent, ExportedModel, PredictOptions } from './deploy/exported-model.ts';
export type { ExportDescription, RowDescription, ValueDescription } from './deploy/description.ts';
export { inputsOf, type SampleInputs, type Tensors, type TensorValues } from './deploy/inputs.ts';
export { predictionsOf, type Prediction as SamplePrediction } from './deploy/predictions.ts';
export { PreparedSample, SampleError, type Sample } from './deploy/sample.ts';

// Models and their configuration
export { ConfigError, resolveConfig, type ConfigSources, type ConfigValues, type RunConfig } from './config/index.ts';
export { defineModel, models, type Model, type ModelInputs, type ModelOutput } from './models/index.ts';
export { inputSpec, networkOf } from './runs/network.ts';

// Data in memory
export { createBatch, fillBatch, type Batch, type BatchModality } from './data/batch.ts';
export type { Dataset, Modality, Samples, Split, Task } from './data/dataset.ts';
export { inMemory, type FeatureArray, type InMemoryFeatures, type StoredFeatures } from './data/features.ts';
export { synthetic, type SyntheticOptions } from './data/datasets/synthetic.ts';
export { dropoutMasks, fillDropoutMask, random, type Random } from './data/random.ts';
export { applyStandardisation, fitStandardisation, type Standardisation } from './data/standardise.ts';

// Training, whole or by the step, and prediction
export {
  Adam,
  clipFactor,
  compilePrediction,
  compileTraining,
  globalNorm,
  initialize,
  parametersOf,
  predictAll,
  train,
  type FeatureSpec,
  type InputSpec,
  type Network,
  type Prediction,
  /** The earlier name of `StateDict`. */
  type StateDict as State,
  type StateDict,
  type TrainEvent,
  type TrainOptions,
} from './train/index.ts';
export { evaluate, metrics, type MetricName } from './metrics/metric.ts';
