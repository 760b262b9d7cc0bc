export { attraction, type AttractionOptions } from './attraction.ts';
export { contrastiveLoss, labelClasses, type ContrastiveOptions } from './contrastive.ts';
export { buresDistance, jointCost, pairwiseCost, type CostOptions } from './cost.ts';
export { cosine, decouplingLoss, type DecouplingOptions } from './decoupling.ts';
export { fixedSweeps } from './fixed-sweeps.ts';
export { independenceLoss } from './independence.ts';
export { mmd, mmdLoss, squaredDistances, type MmdOptions } from './mmd.ts';
export { momentLoss, moments, type Moments, type MomentsOptions } from './moments.ts';
export {
  heterogeneity,
  homogeneity,
  weighted,
  type Heterogeneity,
  type HeterogeneityOptions,
  type HomogeneityOptions,
} from './objective.ts';
export { pairingLoss } from './pairing.ts';
export { sumOf, unorderedPairs } from './pairs.ts';
export { reconstructionLoss } from './reconstruction.ts';
export type { Presence } from './presence.ts';
export { fitPrototypes, logPosterior, type PrototypeOptions, type Prototypes } from './prototypes.ts';
export { squareRoot, trace } from './square-root.ts';
export { transport, unrolledTransport, type Transport, type TransportOptions } from './transport.ts';
