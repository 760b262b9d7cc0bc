/** Which of the factors that a dataset was made of can be read from common and from unique features. */
import { determination, meanOf, type Probed } from './determination.ts';
import type { ModalityParts, SplitPart } from './part.ts';

/** True factors: `common` is shared by all modalities, `unique.M` is of modality M alone. */
export type Factors = Readonly<Record<string, SplitPart>>;

/** R² on the test split, means over modalities; undefined where it cannot be measured. */
export interface FactorProbes {
  /** Shared factors from common features, which should be 1 where nothing is lost. */
  readonly commonShared: number | undefined;
  /** A modality's own factors from its common features, which should be 0. */
  readonly commonOwn: number | undefined;
  /** Shared factors from unique features, which should be 0. */
  readonly uniqueShared: number | undefined;
  /** A modality's own factors from its unique features, which should be 1. */
  readonly uniqueOwn: number | undefined;
}

/** A probe that predicts a second part from a first one. */
export type Probe = (from: SplitPart, to: SplitPart) => Probed | undefined;

/** Reads every part by `probe`. */
export function factorProbes(parts: readonly ModalityParts[], factors: Factors, probe: Probe): FactorProbes {
  const read = (part: 'common' | 'unique', named: (modality: string) => string): number | undefined =>
    meanOf(
      parts.map((own) => {
        const factor = factors[named(own.modality)];
        const probed = factor && probe(own[part], factor);
        return probed && determination(probed);
      }),
    );
  const shared = (): string => 'common';
  const own = (modality: string): string => `unique.${modality}`;
  return {
    commonShared: read('common', shared),
    commonOwn: read('common', own),
    uniqueShared: read('unique', shared),
    uniqueOwn: read('unique', own),
  };
}
