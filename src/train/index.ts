export {
  compileExplanation,
  type ExplanationProgram,
  type LayerWeights,
  type SampleExplanation,
} from './programs/compile-explanation.ts';
export { compilePrediction, predictionOf, type Prediction } from './programs/compile-prediction.ts';
export { compileTraining } from './programs/compile-training.ts';
export { DivergedError } from './diverged/diverged.ts';
export { feedsOf } from './programs/feeds.ts';
export { graphsOf } from './programs/graphs.ts';
export { initialize } from './initialize.ts';
export {
  parametersOf,
  labelShape,
  placeholders,
  type FeatureSpec,
  type InputSpec,
  type Network,
  type ParameterSpec,
} from './network.ts';
export { openBatch, withOpenBatch } from './open-batch/open-batch.ts';
export { Adam, clipFactor, globalNorm } from './optimisation/optimizer.ts';
export { stepsPerEpoch } from './epoch-order.ts';
export { predictAll } from './predict.ts';
export type { StateDict } from './state-dict.ts';
export type { EventOf, Metrics, TrainEvent } from './train-event.ts';
export type { Selection, TrainOptions } from './train-options.ts';
export { epochsOfStages, placeOfEpoch, stagesIn, type PlaceOfEpoch, type StageLength } from './place-of-epoch.ts';
export { train } from './trainer.ts';
export type { Best, TrainingState } from './training-state.ts';
