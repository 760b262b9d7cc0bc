/**
 * Samples that lack a modality. With p_m^n = 1 where sample n has modality m and 0 where it lacks it, every sum and mean
 * over the samples of a modality counts those that have it:
 *
 *   mean of f over the samples of m  =  Σ_n p_m^n f^n / Σ_n p_m^n        0 where no sample of the batch has it
 *
 * so that a loss is that of the samples that have the modality, and nothing that stands in the place of an absent one
 * changes it. A pair of modalities of which one has no sample in the batch counts 0.
 */
import { constant, type Tensor } from '../tensor/index.ts';
import { sumOf } from './pairs.ts';

/** p `[N]` of each modality; undefined where all samples have it, and the graph is then the one without p. */
export type Presence = readonly (Tensor | undefined)[];

/** p `[..., N]` with axes of length 1 behind it, as many as `x` `[..., N, ...]` has more. */
export const asRows = (p: Tensor, x: Tensor): Tensor =>
  p.reshape([...p.shape, ...Array<number>(x.shape.length - p.shape.length).fill(1)]);

/** x `[..., N, ...]` with zeros in the place of absent samples, which therefore get no gradient. */
export const onlyPresent = (x: Tensor, p: Tensor | undefined): Tensor => (p ? x.mul(asRows(p, x)) : x);

/** The mean over the samples that are present of x `[..., N, ...]`, whose samples are on `axis`. */
export function meanOver(x: Tensor, p: Tensor | undefined, axis: number, keep = false): Tensor {
  if (!p) return x.mean([axis], keep);
  const rows = asRows(p, x);
  return x
    .mul(rows)
    .sum([axis], keep)
    .div(rows.sum([axis], keep).max(1));
}

/** 1 for the samples that have both of two modalities, `[N]`; undefined where all have. */
export const both = (p: Tensor | undefined, q: Tensor | undefined): Tensor | undefined =>
  p && q && p !== q ? p.mul(q) : (p ?? q);

/** 1 where some sample of the batch has modality m, else 0: `[]`. */
const isAny = (p: Tensor): Tensor => p.maximum();

/** A term `[...]` of modalities i and j, which counts 0 where no sample of the batch has one of them. */
export const ofPair = (term: Tensor, present: Presence, i: number, j: number): Tensor =>
  [present[i], present[j]].reduce<Tensor>((left, p) => (p ? left.mul(isAny(p)) : left), term);

/** A loss `[]` between `modalities`, which counts 0 where the samples of the batch have fewer than two of them. */
export function ofSeveral(loss: Tensor, present: Presence, modalities: number): Tensor {
  const sometimes = present.flatMap((p) => (p ? [isAny(p)] : []));
  const always = modalities - sometimes.length;
  if (always > 1) return loss;
  const count = sumOf(sometimes);
  return loss.mul(count.greater(1.5 - always).cast(loss.dtype));
}

/** ν `[K]`, all of it on the first prototype where no sample of the batch has the modality: it then costs nothing. */
export function someMass(nu: Tensor, p: Tensor | undefined): Tensor {
  if (!p) return nu;
  const first = Array.from({ length: nu.shape[0]! }, (_, k) => Number(k === 0));
  return nu.add(constant(first, nu.shape, nu.dtype).mul(isAny(p).neg().add(1)));
}
