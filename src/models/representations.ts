/**
 * Names of representations: `latent.text` is what a model calls latent of the modality "text". The same name means the same in
 * every model that gives it (docs/explain.md has the table).
 */
import type { Tensor } from '../tensor/index.ts';

/** Tensors `[N, D]` of modalities, in the order of their names, under `part.NAME`. */
export const byModality = (
  part: string,
  names: readonly string[],
  tensors: readonly Tensor[],
): Readonly<Record<string, Tensor>> => Object.fromEntries(names.map((m, i) => [`${part}.${m}`, tensors[i]!]));
