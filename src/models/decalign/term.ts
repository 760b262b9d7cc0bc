/** The type of a row in the table of DecAlign's terms (`decalign/terms.ts`). */
import * as z from 'zod';
import type { Heterogeneity, Presence } from '../../alignment/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import type { ModelWarnings } from '../model.ts';

/** The tensors that terms are built from; arrays have an entry per modality, in the order of `modalities`. */
export interface TermInputs {
  readonly modalities: readonly string[];
  /** Which samples have which modality. */
  readonly present: Presence;
  /** F_uni and F_com `[N, T, d]`, padding at zero. */
  readonly unique: readonly Tensor[];
  readonly common: readonly Tensor[];
  /** F_uni averaged over the true steps, `[N, uniqueWidth]`. */
  readonly pooledUnique: readonly Tensor[];
  /** F_com averaged over the true steps, `[N, commonWidth]`. */
  readonly pooledCommon: readonly Tensor[];
  /** The features of each modality averaged over the true steps, `[N, D_m]`. */
  readonly features: readonly Tensor[];
  /** Modality m from its unique features and the common ones of modality j: `[N, D_m]`, where terms ask for it. */
  readonly rebuilt: (m: number, j: number) => Tensor;
  /** `[N]` int64, which sample of the training split each is; undefined outside training. */
  readonly rows: Tensor | undefined;
  /** z `[N, latent]` of the pooled common features. */
  readonly latents: readonly Tensor[];
  /** The features that the head reads, `[N, M (d + commonWidth)]`. */
  readonly fused: Tensor;
  /** `[N]`: class indices as floats; of values or of several labels the classes that are made of them (`classesFor`). */
  readonly classes: Tensor;
}

export interface BuiltTerm {
  /** `[]`, before its weight. */
  readonly loss: Tensor;
  /** The parts of the loss by name, `[]`, as they are reported beside it. */
  readonly parts?: Readonly<Record<string, Tensor | undefined>>;
  /** Other scalars to report by name, `[]`: how well the term could be computed. */
  readonly diagnostics?: Readonly<Record<string, Tensor | undefined>>;
  /** Every intermediate value of Eq. 9, of the term that computes them. */
  readonly heterogeneity?: Heterogeneity;
}

/** Values of settings by key. */
export type Settings<S extends z.ZodRawShape> = { readonly [K in keyof S]: z.output<S[K]> };

export interface Term<P extends string, S extends z.ZodRawShape> {
  /** Its name in docs/paper.md. */
  readonly symbol: string;
  /** Its name in a line of progress. */
  readonly short: string;
  /** Its factor in Eq. 13, the key `model.weights.NAME`: at least 0. */
  readonly weight: z.ZodDefault<z.ZodNumber>;
  /** Parts that can each be left out; when all are, so is the term. */
  readonly parts: readonly P[];
  /** Keys under `model` that say how it is built. */
  readonly settings: S;
  /** Throws a RangeError where settings contradict each other; asked by predictions too. */
  readonly check?: (modalities: readonly string[], settings: Settings<S>, isOn: (part: P) => boolean) => void;
  /** Throws a RangeError where it cannot be trained with. */
  readonly build: (inputs: TermInputs, settings: Settings<S>, isOn: (part: P) => boolean) => BuiltTerm;
  readonly warnings?: ModelWarnings;
}

/** Checks a row and infers the types of its parts and settings; does nothing else. */
export const term = <const P extends string, S extends z.ZodRawShape>(row: Term<P, S>): Term<P, S> => row;

/** The weight of a term: its default, and what the page of all keys says of it. */
export const weight = (preset: number, description: string): z.ZodDefault<z.ZodNumber> =>
  z.number().nonnegative().default(preset).describe(description);
