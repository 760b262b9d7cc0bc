/**
 * How much of a modality its parts keep: R² of its features, averaged over time, from its unique and common features by ridge
 * regression. What is left to 1 was thrown away, or kept in another way than linear.
 */
import { determination } from './determination.ts';
import { linearProbe } from './linear-probe.ts';
import { beside, type ModalityParts, type SplitPart } from './part.ts';

/** R² on the test split, means over the features of a modality; undefined where it cannot be measured. */
export interface Reconstruction {
  readonly modality: string;
  readonly common: number | undefined;
  readonly unique: number | undefined;
  readonly both: number | undefined;
}

/** The penalty is chosen on validation; training samples at most, so that wide modalities fit in memory. */
const options = { penalties: [1e-4, 1e-3, 1e-2, 1e-1, 1], most: 4000 } as const;

/** Rebuilds each modality that `pooled` has, `[N, D]` by its name. */
export function reconstructions(
  parts: readonly ModalityParts[],
  pooled: Readonly<Record<string, SplitPart>>,
): readonly Reconstruction[] {
  return parts.flatMap(({ modality, common, unique }) => {
    const features = pooled[modality];
    if (!features) return [];
    const from = (part: SplitPart): number | undefined => {
      const probed = linearProbe(part, features, options);
      return probed && determination(probed);
    };
    return [{ modality, common: from(common), unique: from(unique), both: from(beside(common, unique)) }];
  });
}
