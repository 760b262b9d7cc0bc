import type { z } from 'zod';
import type { Scope, Sequence } from '../nn/index.ts';
import type { Tensor } from '../tensor/index.ts';

/** What is predicted: one number, or one of several classes. */
export type ModelTask = { readonly kind: 'regression' } | { readonly kind: 'classification'; readonly classes: number };

export interface ModelInputs {
  /** By modality, `[N, T_m, D_m]` with masks; two or more. */
  readonly features: Readonly<Record<string, Sequence>>;
  /** `[N]`: values, or class indices as floats. Without them no loss is built. */
  readonly labels?: Tensor;
  readonly task: ModelTask;
}

export interface ModelOutput {
  /** `[N]` for regression, logits `[N, classes]` for classification. */
  readonly prediction: Tensor;
  /** Every term of the objective, already weighted; training minimises their sum. Empty without labels. */
  readonly losses: Readonly<Record<string, Tensor>>;
  /** Named scalars worth watching that are not part of the objective. */
  readonly diagnostics: Readonly<Record<string, Tensor>>;
  /** Named representations of each sample, `[N, width]`. */
  readonly representations: Readonly<Record<string, Tensor>>;
}

/** Values of a configuration, by path, that are given a name. */
export type Recipe = Readonly<Record<string, unknown>>;

export interface Model<S extends z.ZodType = z.ZodType> {
  readonly name: string;
  /** Where it is described. */
  readonly paper: string;
  readonly config: S;
  /** Named variants; the first is the default. Values not in a recipe are the schema's defaults. */
  readonly recipes: Readonly<Record<string, Recipe>>;
  build(scope: Scope, inputs: ModelInputs, config: z.output<S>): ModelOutput;
}

/** Checks a model's shape and infers the type of its configuration; does nothing else. */
export const defineModel = <S extends z.ZodType>(model: Model<S>): Model<S> => model;
