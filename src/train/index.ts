export { Adam, clipFactor, globalNorm, type State } from './optimizer.ts';
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
} from './program.ts';
export type { Metrics, TrainEvent } from './train-event.ts';
export { train, type Selection, type TrainOptions } from './trainer.ts';
export type { Best, TrainingState } from './training-state.ts';
