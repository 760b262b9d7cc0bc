export { Adam, clipFactor, globalNorm, type AdamOptions, type State } from './optimizer.ts';
export { predictAll } from './predict.ts';
export {
  compilePrediction,
  compileTraining,
  initialize,
  openBatch,
  parametersOf,
  placeholders,
  type FeatureSpec,
  type InputSpec,
  type Network,
  type ParameterSpec,
  type Prediction,
  type PredictionProgram,
} from './program.ts';
export { trainConfig, type TrainConfig } from './train-config.ts';
export { train, type Metrics, type Selection, type TrainEvent, type TrainOptions } from './trainer.ts';
export { initialState, type Best, type TrainingState } from './training-state.ts';
