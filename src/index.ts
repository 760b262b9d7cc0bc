/** The public interface for Node. Every export is named here; anything that is not named may change without notice. */

// Data
export type { Dataset, LengthSource, Modality, Samples, Split, Task } from './data/dataset.ts';
export { inMemory, type FeatureArray, type InMemoryFeatures, type StoredFeatures } from './data/features.ts';
export { loadDataset, type LoadOptions } from './data/datasets/load.ts';
export { digits, type DigitsOptions } from './data/datasets/digits.ts';
export { synthetic, type SyntheticOptions } from './data/datasets/synthetic.ts';
export { foldOf, groupedFolds, type Folds } from './data/folds.ts';
export { reportOf, type DatasetReport } from './data/report/report.ts';
export { applyStandardisation, fitStandardisation, type Standardisation } from './data/standardise.ts';
export { FormatError } from './files/error.ts';
export { NdArray, type StoredElements } from './formats/bytes/array.ts';
export { openFile } from './formats/open.ts';
export type { OpenedFile } from './formats/bytes/opened.ts';
export { readNpz } from './formats/numpy/read-npz.ts';
export { readPickle } from './formats/pickle/read.ts';
export { readSafetensors } from './formats/safetensors/read.ts';
export { writeSafetensors } from './formats/safetensors/write.ts';
export { readTorch } from './formats/torch/read.ts';

// Training and use
export { ConfigError, resolveConfig, type ConfigSources, type ConfigValues, type RunConfig } from './config/index.ts';
export { readPretrained, type Pretrained } from './encoders/huggingface.ts';
export { readTokenizer, type Tokenized, type Tokenizer } from './encoders/tokenizer.ts';
export { loadRunData } from './runs/load.ts';
export { fit, type FitOptions, type Fitted, type OwnFitOptions } from './runs/fit.ts';
export {
  openModel,
  predict,
  score,
  type OpenModel,
  type OpenOptions,
  type Scores,
  type UseOptions,
} from './runs/open-model.ts';
export { explain, type ExplainOptions } from './runs/explain/explain.ts';
export type {
  AttendedSteps,
  AttentionLayer,
  ExplainedModality,
  ExplainedOutput,
  ExplainedPrototypes,
  ExplainedSample,
  ExplainedTransport,
  Explanation,
  NestedNumbers,
} from './runs/explain/explanation.ts';
export { measureDecoupling, type DecouplingReport } from './runs/decoupling.ts';
export type { Decoupling } from './analysis/decoupling.ts';
export type { Dependence } from './analysis/dependence.ts';
export type { FactorProbes } from './analysis/factor-probes.ts';
export type { Interval } from './analysis/interval.ts';
export type { LabelProbes } from './analysis/label-probes.ts';
export type { Gap, ModalityGap } from './analysis/modality-gap.ts';
export type { Reconstruction } from './analysis/reconstruction.ts';
export type { Retrieval } from './analysis/retrieval.ts';
export type { PlanMeasures } from './analysis/transport-plan.ts';
export type { PartNames, PlanPrototypes, TransportPlan } from './models/index.ts';
export { robustness, type Curve, type Imperfection } from './experiments/robustness.ts';
export type { ExportDescription } from './deploy/description.ts';
export { exportOnnx, type ExportOptions } from './runs/export/export-onnx.ts';
export { prepare, type Prepared } from './runs/prepare.ts';
export { runTraining, type RunEvent, type RunResult } from './runs/training-run.ts';
export { statusOf, type RunStatus } from './runs/record/status.ts';
export { listRuns, type ListedRun } from './experiments/list-runs.ts';
export { compareRuns, type ComparedRun, type RunComparison } from './experiments/compare-runs.ts';
export { makeFigures, type MadeFigures, type MakeOptions } from './figures/make.ts';
export type { FigureName } from './figures/figures.ts';
export { makeDemo, type DemoOptions, type MadeDemo } from './demo/make.ts';
export { makeReport, type MadeReport } from './report/report.ts';
export type { ReportOptions } from './report/report-options.ts';
export { openAuthorsModel } from './interop/authors-model.ts';
export { onDataset } from './interop/authors-on-dataset.ts';
export { mmsaOnDataset, openMmsaModel, type MmsaModel } from './interop/mmsa-checkpoint.ts';
export { train, type TrainEvent, type TrainOptions } from './train/index.ts';

// Metrics
export { leftOutOfMeans } from './metrics/left-out.ts';
export { confusion, evaluate, metrics, type Confusion, type MetricKind, type MetricName } from './metrics/metric.ts';
export type { MultiLabelOptions } from './metrics/multi-label.ts';
export { thresholdsOnValidation } from './metrics/thresholds.ts';

// The method, for graphs of one's own
export {
  attraction,
  buresDistance,
  contrastiveLoss,
  cosine,
  decouplingLoss,
  fitPrototypes,
  heterogeneity,
  homogeneity,
  jointCost,
  labelClasses,
  logPosterior,
  mmd,
  mmdLoss,
  momentLoss,
  moments,
  pairwiseCost,
  squaredDistances,
  squareRoot,
  trace,
  transport,
  unrolledTransport,
  type AttractionOptions,
  type ContrastiveOptions,
  type CostOptions,
  type DecouplingOptions,
  type Heterogeneity,
  type HeterogeneityOptions,
  type HomogeneityOptions,
  type MmdOptions,
  type Moments,
  type MomentsOptions,
  type PrototypeOptions,
  type Prototypes,
  type Transport,
  type TransportOptions,
} from './alignment/index.ts';

// The parts that models of one's own are made of; `z` describes their settings.
export { z } from 'zod';
export {
  defineModel,
  models,
  type Model,
  type ModelInputs,
  type ModelName,
  type ModelOutput,
  type ModelTask,
  type Progress,
  type Recipe,
  type Stage,
} from './models/index.ts';
export { perModality, rate, valueFor } from './models/settings.ts';
export { asPrediction, outputsOf, taskLoss } from './models/task.ts';
export {
  addPositions,
  attention,
  bert,
  bertPooler,
  byFanIn,
  constantly,
  crossEntropy,
  dropout,
  gelu,
  gru,
  joinInTime,
  lastStep,
  layerNorm,
  linear,
  lstm,
  lstmDecoder,
  masked,
  meanAbsoluteError,
  meanSquaredError,
  normally,
  oneHot,
  pool,
  reluDropout,
  Scope,
  signCrossEntropy,
  smoothL1,
  temporalConvolution,
  transformer,
  uniform,
  withValue,
  xavier,
  type AttentionOptions,
  type BertConfig,
  type BertOptions,
  type BertStates,
  type Initializer,
  type Lstm,
  type Recurrent,
  type RecurrentOptions,
  type Sequence,
  type TemporalConvolution,
  type Tokens,
  type TransformerOptions,
  type ParameterGroup,
} from './nn/index.ts';
export {
  concat,
  constant,
  full,
  gradients,
  input,
  scatterAdd,
  stack,
  Tensor,
  where,
  withGradient,
  type DType,
  type Shape,
} from './tensor/index.ts';
export { toOnnx } from './onnx/serialize.ts';
export { compile, devices, type Program } from './runtime/node.ts';
