/**
 * What a trained model shows of single samples. All of it can be written as JSON.
 *
 * Gradient times input is exact to first order: with x the features that the model takes and y the output, the step t of a
 * modality has Σ_d x_td ∂y/∂x_td. That is how much y would lose if the step were moved to 0 along the gradient; 0 is the mean of the
 * training split where features are standardised. The sum over steps is the same for the whole modality. Sums over modalities are
 * y itself only for a model that is linear and has no bias.
 */
import type { Split } from '../../data/dataset.ts';
import type { PredictedOfSample } from '../../deploy/predicted.ts';

export interface Explanation {
  readonly split: Split;
  readonly samples: readonly ExplainedSample[];
  /** Of a model whose losses solve for a transport plan. */
  readonly transport?: ExplainedTransport;
  /** What is not there, and what must be known to read what is, a sentence each. */
  readonly notes: readonly string[];
}

export interface ExplainedSample extends PredictedOfSample {
  readonly id: string;
  /** As `predict` has it: absent where the data has none. */
  readonly label?: unknown;
  readonly output: ExplainedOutput;
  /** By modality, in the order of the model. */
  readonly modalities: Readonly<Record<string, ExplainedModality>>;
  /** By layer; empty for a model without attention between the steps of modalities. */
  readonly attention: readonly AttentionLayer[];
}

/** What gradients and changes are of: one number that the model predicts. */
export interface ExplainedOutput {
  /** The name of the class or label; `prediction` where there is one value alone. */
  readonly name: string;
  /** Values are in the unit of the data, logits are before softmax or sigmoid. */
  readonly kind: 'value' | 'logit';
  readonly value: number;
}

export interface ExplainedModality {
  /** Whether the sample has it. Without it there is nothing below. */
  readonly present: boolean;
  readonly contribution?: {
    /** Gradient times input of each true step. */
    readonly steps: readonly number[];
    /** Over all steps. */
    readonly sum: number;
  };
  /** Occlusion: the same sample without this modality, as the model takes a sample that lacks it. */
  readonly without?: PredictedOfSample & {
    /** The explained output then. */
    readonly value: number;
    /** What the modality adds to it: the output with it less the output without. */
    readonly change: number;
  };
  /** w (Eq. 4) `[K]`, the share of each prototype in the sample; of a model with prototypes. */
  readonly assignment?: readonly number[];
}

/** The weights of a layer of attention: of the steps of `queries` on those of `keys`. */
export interface AttentionLayer {
  readonly queries: string;
  /** One modality, or more that are attended to together: a row of weights sums to 1 over all of them. */
  readonly keys: readonly AttendedSteps[];
  /** From 0. */
  readonly layer: number;
}

export interface AttendedSteps {
  readonly modality: string;
  /** `[heads][Tq][Tk]`, of true steps; convolutions make fewer of them than the modality has. */
  readonly weights: readonly (readonly (readonly number[])[])[];
}

/** The plan between prototypes that are fitted to the samples of a split that have all modalities. */
export interface ExplainedTransport {
  /** How many samples prototypes are fitted to. */
  readonly fitted: number;
  /** T* `[K_1][…][K_M]`, its axes in the order of `prototypes`. */
  readonly plan: NestedNumbers;
  /** Mutual information of the plan over its maximum, 0..1, the mean over pairs; null where one prototype has all mass. */
  readonly information: number | null;
  readonly pairs: readonly {
    readonly modalities: readonly [string, string];
    /** `[K_i][K_j]`: the plan summed over all other modalities. */
    readonly plan: readonly (readonly number[])[];
    readonly information: number | null;
  }[];
  /** By modality. */
  readonly prototypes: Readonly<Record<string, ExplainedPrototypes>>;
}

export type NestedNumbers = readonly (number | NestedNumbers)[];

export interface ExplainedPrototypes {
  /** ν `[K]`, the share of the samples that each has. */
  readonly masses: readonly number[];
  /** exp of their entropy, from 1 to K. */
  readonly effective: number;
  /** μ `[K][d]`; absent, as what follows, of a model of one's own whose plan does not tell. */
  readonly means?: readonly (readonly number[])[];
  /** Standard deviations by feature `[K][d]`. */
  readonly deviations?: readonly (readonly number[])[];
  /** Σ `[K][d][d]`, of a model whose transport cost is of full covariances. */
  readonly covariances?: readonly (readonly (readonly number[])[])[];
}
