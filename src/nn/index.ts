export { attention, type AttentionOptions } from './attention.ts';
export { bert, bertPooler, type BertConfig, type BertOptions, type BertStates, type Tokens } from './bert.ts';
export { dropout, reluDropout } from './dropout.ts';
export { byFanIn, constantly, normally, uniform, xavier, type Initializer } from './initializers.ts';
export { gelu } from './gelu.ts';
export { layerNorm } from './layer-norm.ts';
export { linear } from './linear.ts';
export {
  binaryCrossEntropy,
  crossEntropy,
  knownLabels,
  meanAbsoluteError,
  meanOfKnown,
  meanSquaredError,
  oneHot,
  signCrossEntropy,
  smoothL1,
  smoothL1Errors,
} from './losses.ts';
export { addPositions } from './positional-embedding.ts';
export { gru, lstm, lstmDecoder, type Lstm, type Recurrent, type RecurrentOptions } from './recurrent.ts';
export { Scope, type ParameterGroup, type ScopeOptions, type SeenAttention, type Watcher } from './scope.ts';
export { joinInTime, lastStep, masked, pool, withoutMask, withValue, type Sequence } from './sequence.ts';
export { temporalConvolution, type TemporalConvolution } from './temporal-convolution.ts';
export { transformer, type TransformerOptions } from './transformer.ts';
