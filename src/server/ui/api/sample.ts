/** What the page of one sample shows: routes.ts has the route. */
import type { RunRow } from './routes.ts';

export interface SampleView {
  readonly run: RunRow;
  readonly id: string;
  readonly split: string;
  /** As `predict` has it: a value, a class, or by name of several labels. */
  readonly label?: unknown;
  readonly prediction: unknown;
  readonly probabilities?: Readonly<Record<string, number>>;
  /** The error and its place among those of the split, from 1; absent without a label. */
  readonly error?: { readonly value: number; readonly unit: string; readonly rank: number; readonly of: number };
  /** By the order of errors, the sample before and after; and where this one is in the file. */
  readonly before?: string;
  readonly after?: string;
  /** The sentence, where the data has it. */
  readonly text?: string;
  /** What contributions are of; other names may be asked for as `target`. */
  readonly output: { readonly name: string; readonly kind: 'value' | 'logit'; readonly value: number };
  readonly targets: readonly string[];
  readonly modalities: readonly SampleModality[];
  readonly attention: readonly SampleAttention[];
  readonly notes: readonly string[];
}

export interface SampleModality {
  readonly name: string;
  readonly present: boolean;
  /** Steps that the sample has, of those there is room for, and numbers in each. */
  readonly steps: number;
  readonly time: number;
  readonly width: number;
  /** By step, the root of the mean square of its numbers as the file has them; none of token ids. */
  readonly sizes: readonly number[];
  /** By step, some of its numbers, each `every`-th: `[steps][at most 64]`; null for one that is missing. */
  readonly values: readonly (readonly (number | null)[])[];
  readonly every: number;
  /** The words of the sentence, where it has as many as there are steps. */
  readonly tokens?: readonly string[];
  /** Gradient times input, by step and over all. */
  readonly contribution?: { readonly steps: readonly number[]; readonly sum: number };
  /** The prediction and the explained output without this modality, and what it adds. */
  readonly without?: { readonly prediction: unknown; readonly value: number; readonly change: number };
  /** The share of each prototype. */
  readonly assignment?: readonly number[];
}

/** A mean over heads and layers: weights of the steps of `queries` on those of `keys`, `[Tq][Tk]`. */
export interface SampleAttention {
  readonly queries: string;
  readonly keys: string;
  readonly layers: number;
  readonly heads: number;
  readonly weights: readonly (readonly number[])[];
}
