/** Which of the factors that a dataset was made of can be read from common and from unique features. */
import { determination, meanOf, type Probed } from './determination.ts';
import { beside, type ModalityParts, type SplitPart } from './part.ts';

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

/** Reads every part by `probe`, shared and own factors at once. */
export function factorProbes(parts: readonly ModalityParts[], factors: Factors, probe: Probe): FactorProbes {
  const read = (part: 'common' | 'unique'): Read => {
    const each = parts.map((own) =>
      factorsFrom(own[part], { shared: factors['common'], own: factors[`unique.${own.modality}`] }, probe),
    );
    return { shared: meanOf(each.map(({ shared }) => shared)), own: meanOf(each.map(({ own }) => own)) };
  };
  const [common, unique] = [read('common'), read('unique')];
  return {
    commonShared: common.shared,
    commonOwn: common.own,
    uniqueShared: unique.shared,
    uniqueOwn: unique.own,
  };
}

interface Read {
  readonly shared: number | undefined;
  readonly own: number | undefined;
}

function factorsFrom(
  from: SplitPart,
  { shared, own }: { readonly shared: SplitPart | undefined; readonly own: SplitPart | undefined },
  probe: Probe,
): Read {
  const together = shared && own ? beside(shared, own) : (shared ?? own);
  const probed = together && probe(from, together);
  const first = shared?.test.columns ?? 0;
  const of = (isAsked: (column: number) => boolean): number | undefined =>
    probed && determination({ ...probed, varying: probed.varying.filter(isAsked) });
  return { shared: of((column) => column < first), own: of((column) => column >= first) };
}
