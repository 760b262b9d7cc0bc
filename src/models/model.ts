import type { z } from 'zod';
import type { Scope, Sequence } from '../nn/index.ts';
import type { Tensor } from '../tensor/index.ts';

/** What is predicted: one number, one of several classes, several labels that are true or not, or several numbers. */
export type ModelTask = OneLabelTask | MultilabelTask | MultitargetTask;

/** A task with one label of each sample. */
export type OneLabelTask = RegressionTask | ClassificationTask;

/** The scale of labels and predictions, for losses that depend on it: a model itself sees them in one unit only. */
export interface RegressionTask {
  readonly kind: 'regression';
  /** Set where labels are standardised before the model sees them: by which numbers, in the unit of the data. */
  readonly standardised?: { readonly mean: number; readonly deviation: number };
  /** The label that is neither negative nor positive, as the model sees labels. Default: 0. */
  readonly neutral?: number;
  /**
   * Where one class of labels ends and the next begins, in ascending order, as the model sees labels; for a model that
   * makes classes of them (`labelClasses`). Default: labels are of sentiment, and are clamped and rounded.
   */
  readonly boundaries?: readonly number[];
}

/** Classes that a model makes of the labels of a regression. */
export interface LabelClasses {
  /** How many at most, 2 or more. */
  readonly count: number;
  /** Labels of sentiment, whose scale is agreed on, are clamped to ±limit and rounded to `count` values. */
  readonly limit: number;
}

export interface ClassificationTask {
  readonly kind: 'classification';
  readonly classes: number;
  /** Weights of the classes in cross-entropy; default: all alike. */
  readonly weights?: readonly number[];
}

/** Labels `[N, L]`, each 0, 1 or NaN where a sample lacks it; predictions are their logits. */
export interface MultilabelTask {
  readonly kind: 'multilabel';
  /** L. */
  readonly labels: number;
  /** `[L]`, weights of the samples that have a label, against 1 for those that have it not; default: all 1. */
  readonly weights?: readonly number[];
}

/** Labels `[N, L]`, values or NaN where a sample lacks one, each on a scale of its own. */
export interface MultitargetTask {
  readonly kind: 'multitarget';
  /** By target, as for a regression; a model sees all of them in the unit that this says. */
  readonly targets: readonly TargetScale[];
}

export type TargetScale = Omit<RegressionTask, 'kind'>;

/**
 * What a network is built on. N, the size of the batch, is open while predicting: the graph is built for a size that stands
 * for all. Shapes may hold it, whole or many times over, and operators take it when they run (`mean([0])`, `softmax(0)`);
 * a number made of it (`1 / N`) would be wrong, and is refused with the operator that takes it and the line that made it.
 * So is a choice by it (`N > 32 ? a : b`, `Math.min(N, 64)`), as a graph for 7 samples is compared with larger ones: not
 * seen is a model that makes an exception below that, or for single sizes. Training graphs have the true size.
 */
export interface ModelInputs {
  /** By modality, `[N, T_m, D_m]` with masks; two or more. */
  readonly features: Readonly<Record<string, Sequence>>;
  /**
   * `[N]` by modality, of those that some training samples lack: 1 for a sample that has the modality, 0 for one that does
   * not, whose features are then a single true step of zeros.
   */
  readonly present?: Readonly<Record<string, Tensor>>;
  /** `[N]`: values, or class indices as floats; of several labels `[N, L]`. Without them no loss is built. */
  readonly labels?: Tensor;
  /** With labels: what people say of a single modality, `[N]` by its name, of the modalities that have such labels. */
  readonly ownLabels?: Readonly<Record<string, Tensor>>;
  readonly task: ModelTask;
  /** While training only. */
  readonly progress?: Progress;
}

/** Where training stands, for models that follow it. */
export interface Progress {
  /** `[]`, from 1. */
  readonly epoch: Tensor;
  /** `[N]` int64: which samples of the training split these are. */
  readonly rows: Tensor;
  /** Samples in the training split. */
  readonly samples: number;
  /** The stage that is under way, of a model that has `stages`. */
  readonly stage: string | undefined;
}

/** Epochs of training before the usual ones, with losses of their own. */
export interface Stage {
  readonly name: string;
  readonly epochs: number;
  /** Whether the schedule of the learning rate begins anew after it; by default it goes on over all epochs. */
  readonly ownSchedule?: boolean | undefined;
}

export interface ModelOutput {
  /** `[N]` for regression, logits `[N, classes]` for classification; of several labels logits or values `[N, L]`. */
  readonly prediction: Tensor;
  /** Every term of the objective, already weighted; training minimises their sum. Empty without labels. */
  readonly losses: Readonly<Record<string, Tensor>>;
  /** Named scalars worth watching that are not part of the objective. */
  readonly diagnostics: Readonly<Record<string, Tensor>>;
  /** Named representations of each sample, `[N, width]`. */
  readonly representations: Readonly<Record<string, Tensor>>;
  /**
   * With labels: those of the losses that look at the whole batch. All others are means over its samples. Default: none is
   * named, so that where a batch is split every part has losses of its own.
   */
  readonly wholeBatch?: WholeBatch;
}

/**
 * Losses that compare the samples of a batch with each other, or divide by a count of them, as a function of what they read. Of
 * a batch that is split, over ranks or in time, that is gathered, and they are built once more for all of it.
 */
export interface WholeBatch {
  /** `[N, …]` each, a row per sample. */
  readonly reads: Readonly<Record<string, Tensor>>;
  /** The same losses, weighted, and diagnostics, of as many samples as these tensors have rows. Nothing in it drops out. */
  readonly build: (gathered: Readonly<Record<string, Tensor>>) => Pick<ModelOutput, 'losses' | 'diagnostics'>;
}

/** Values of a run's configuration that are given a name. */
export interface Recipe {
  readonly model?: Readonly<Record<string, unknown>>;
  readonly train?: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, unknown>>;
}

type Diagnostics = Readonly<Record<string, number>>;

/** Something that a person should know of how training goes. */
export interface ModelWarning {
  /** What it is about: a run is told of it once, however the words change. */
  readonly about: string;
  /** One line: what is seen, in which epoch, and what to do. */
  readonly message: string;
}

/** The warnings that diagnostics give cause for: `step` is asked with those of every step, `epoch` with their means over an epoch. */
export interface ModelWarnings {
  readonly step?: (diagnostics: Diagnostics, epoch: number) => readonly ModelWarning[];
  readonly epoch?: (means: Diagnostics, epoch: number) => readonly ModelWarning[];
}

/** The representations in which a model keeps what a modality alone has and what it shares, by name. */
export interface PartNames {
  readonly unique: string;
  /** Of models that have one common part for all modalities, the same name in each. */
  readonly common: string;
}

/** A transport plan, and what each modality brings to it. */
export interface TransportPlan {
  /** T*, one axis per modality `[K_1, …, K_M]`. */
  readonly plan: Tensor;
  /** ν_m `[K_m]`, the masses of its prototypes, in the order of the axes. */
  readonly marginals: readonly Tensor[];
  /** What the plan is between, in the same order, where the model tells. */
  readonly prototypes?: readonly PlanPrototypes[];
}

/** The prototypes of a modality, Gaussians over its unique features. */
export interface PlanPrototypes {
  /** μ `[K, d]`. */
  readonly means: Tensor;
  /** The diagonals of Σ `[K, d]`. */
  readonly variances: Tensor;
  /** Σ `[K, d, d]`, where the cost of transport is of full covariances. */
  readonly covariances?: Tensor;
  /** w `[n, K]` (Eq. 4): which prototype each of any features `[n, d]` is of; rows sum to 1. */
  readonly assign: (unique: Tensor) => Tensor;
}

export interface Model<S extends z.ZodType = z.ZodType> {
  readonly name: string;
  /** Its name in tables. Default: `name`. */
  readonly title?: string;
  /** Sentences on how its figures are to be read: they stand below tables that have it, and beside it in lists of models. */
  readonly notes?: readonly string[];
  /** Warnings of how training goes, from its diagnostics. Default: none. */
  readonly warnings?: ModelWarnings;
  /** Where it is described. */
  readonly paper?: string;
  /** Why it takes one label of a sample alone, as in "it has a prototype of each class". Default: it takes several. */
  readonly oneLabel?: string;
  readonly config: S;
  /** Named variants; the first is the default. Values not in a recipe are the schema's defaults. Default: no variants. */
  readonly recipes?: Readonly<Record<string, Recipe>>;
  /** Which of its representations are the parts of a modality. Default: it keeps none apart. */
  parts?(modality: string): PartNames;
  /** Whether a configuration keeps these parts apart. Default: every one does. */
  hasParts?(config: z.output<S>): boolean;
  /**
   * The transport plan between prototypes of unique features `[N, d]` by modality, as its losses solve for it in a batch;
   * undefined where a configuration solves none. Default: it has none.
   */
  plan?(unique: Readonly<Record<string, Tensor>>, config: z.output<S>): TransportPlan | undefined;
  /** What is trained before the usual epochs, in this order. Default: nothing. */
  stages?(config: z.output<S>, training: { readonly stepsPerEpoch: number }): readonly Stage[];
  /**
   * Parameters `[1]` that no gradient reaches and in which predictions are affine, each with values to try: after every
   * epoch, those that do best on validation are kept. Default: none.
   */
  chosenOnValidation?(config: z.output<S>): Readonly<Record<string, readonly number[]>>;
  /**
   * The classes that losses make of the labels of a regression: `build` is then given where they end
   * (`RegressionTask.boundaries`). Default: none.
   */
  labelClasses?(config: z.output<S>): LabelClasses;
  /** Declares the same parameters whatever inputs are given, but for those that only a stage's losses need. */
  build(scope: Scope, inputs: ModelInputs, config: z.output<S>): ModelOutput;
}

/** Checks a model's shape and infers the type of its configuration; does nothing else. */
export const defineModel = <S extends z.ZodType>(model: Model<S>): Model<S> => model;
