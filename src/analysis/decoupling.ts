/**
 * How far a model's parts are decoupled, without knowing true factors. With u_m and c_m the unique and common features of
 * modality m, and R²(y ← x) of a linear probe from x to y:
 *
 *   agreement  A = 1 − mean over i ≠ j of the pair ratio of c_i and c_j
 *   leak       L = the larger of the means over all i, j of R²(u_i ← c_j) and of R²(c_j ← u_i)
 *   overlap    U = mean over i ≠ j of R²(u_j ← u_i)
 *   score      D = A (1 − L) (1 − U)
 *
 * Each is brought into 0..1. D is 1 where common features agree, and nothing of a part can be read from another.
 */
import { pairRatio } from './agreement.ts';
import { determination, meanOf, type Probed } from './determination.ts';
import { linearProbe } from './linear-probe.ts';
import type { ModalityParts } from './part.ts';

/** Each in 0..1; undefined where there is nothing that it could be measured on. */
export interface Decoupling {
  readonly score: number | undefined;
  readonly agreement: number | undefined;
  readonly leak: number | undefined;
  /** R² of unique features from common ones, and of common from unique; not brought into 0..1. */
  readonly uniqueFromCommon: number | undefined;
  readonly commonFromUnique: number | undefined;
  readonly overlap: number | undefined;
  /** R² of unique features from those of other modalities, which overlap is brought into 0..1 from. */
  readonly uniqueFromUnique: number | undefined;
}

/** The penalty of the probes, relative to a feature's variance. */
const penalty = 1e-2;

/** Measures on test samples, each of which counts as often as `weights` `[N]` say (default: once). */
export type Measure = (weights?: ArrayLike<number>) => Decoupling;

/**
 * Fits the probes, once; the result measures on all test samples, or on these drawn anew. Modalities with one and the same
 * common part (`shared`) have no agreement, and so no score: it could not be otherwise than perfect.
 */
export function decouplingOf(parts: readonly ModalityParts[], { shared = false } = {}): Measure {
  const probe = (from: 'unique' | 'common', i: number, to: 'unique' | 'common', j: number): Probed | undefined =>
    linearProbe(parts[i]![from], parts[j]![to], { penalties: [penalty] });
  const all = parts.flatMap((_, i) => parts.map((_, j) => [i, j] as const));
  const others = all.filter(([i, j]) => i !== j);
  const uniqueFromCommon = all.map(([i, j]) => probe('common', j, 'unique', i));
  const commonFromUnique = all.map(([i, j]) => probe('unique', i, 'common', j));
  const between = others.map(([i, j]) => probe('unique', i, 'unique', j));
  return (weights) => {
    const mean = (probes: readonly (Probed | undefined)[]): number | undefined =>
      meanOf(probes.map((probed) => probed && determination(probed, weights)));
    const pairs = shared
      ? undefined
      : meanOf(
          others
            .filter(([i, j]) => i < j)
            .map(([i, j]) => pairRatio(parts[i]!.common.test, parts[j]!.common.test, weights)),
        );
    const both = { uniqueFromCommon: mean(uniqueFromCommon), commonFromUnique: mean(commonFromUnique) };
    const worse = largest(both.uniqueFromCommon, both.commonFromUnique);
    const agreement = pairs === undefined ? undefined : within(1 - pairs);
    const leak = worse === undefined ? undefined : within(worse);
    const uniqueFromUnique = mean(between);
    const overlap = uniqueFromUnique === undefined ? undefined : within(uniqueFromUnique);
    const isWhole = agreement !== undefined && leak !== undefined && overlap !== undefined;
    const score = isWhole ? agreement * (1 - leak) * (1 - overlap) : undefined;
    return { score, agreement, leak, ...both, overlap, uniqueFromUnique };
  };
}

const within = (x: number): number => Math.min(1, Math.max(0, x));

const largest = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
