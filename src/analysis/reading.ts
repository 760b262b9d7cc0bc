/** What the figures of decoupling say of a model, in words. */
import type { Decoupling } from './decoupling.ts';
import type { Interval } from './interval.ts';
import { momentsOf } from './standardised.ts';
import { knownRows, rowsOf, type ModalityParts, type Part } from './part.ts';

/** What A, 1 - L and 1 - U are each to reach before a model counts as decoupled, and D before it counts as that in part. */
const high = 0.8;
const partly = 0.5;

/**
 * One sentence on what D says, and on the figure that lowers it most. `retrieval` is the interval of retrieval at 10 less
 * chance.
 */
export function readingOf(
  { score, agreement, leak, overlap }: Decoupling,
  { shared, retrieval }: { readonly shared: boolean; readonly retrieval: Interval | undefined },
): string {
  if (shared) return 'D is absent: all modalities have one common part, which could not but agree. Read L and U alone.';
  if (score === undefined)
    return agreement === undefined
      ? 'D is absent: common features are constant, of different widths, or no two samples have both modalities.'
      : 'D is absent: unique or common features are constant, or there are too few samples with both modalities.';
  const limits = [
    {
      reached: agreement!,
      says: `common features of a sample agree too little across modalities (A ${text(agreement!)})`,
    },
    { reached: 1 - leak!, says: `unique and common features hold too much of the same (L ${text(leak!)})` },
    { reached: 1 - overlap!, says: `unique features of modalities hold too much of the same (U ${text(overlap!)})` },
  ];
  const worst = limits.reduce((least, each) => (each.reached < least.reached ? each : least));
  if (worst.reached >= high)
    return 'Decoupled: common features of a sample agree, and little of one part can be read from another.';
  const chance = retrieval && retrieval.low <= 0 ? '; retrieval is not above chance' : '';
  return `${score >= partly ? 'Decoupled in part' : 'Not decoupled'}: ${worst.says}${chance}.`;
}

const text = (figure: number): string => figure.toFixed(3);

/** The fewest test samples that two modalities both have. */
export const pairedSamples = (parts: readonly ModalityParts[]): number =>
  Math.min(...pairsOf(parts).map(([a, b]) => knownRows([a.common.test, b.common.test]).length));

/** Below this, R² of what is independent often lies 0.2 from 0, about the square root of 2 over the samples. */
const fewSamples = 50;
/** Fewer training samples for each feature than this, and a probe fits what is not there, so that it finds less of what is. */
const samplesPerFeature = 5;
/** Groups below this make intervals that say little. */
const fewGroups = 10;
/** R² that is lower by more than the luck of many samples. */
const worseThanMean = -0.05;

/** What makes the figures say less than they seem to, a sentence each, with the number that it is about. */
export function notesOf(
  parts: readonly ModalityParts[],
  { uniqueFromCommon, commonFromUnique, uniqueFromUnique }: Decoupling,
  { groups }: { readonly groups: number | undefined },
): readonly string[] {
  const paired = pairedSamples(parts);
  const trained = Math.min(...pairsOf(parts).map(([a, b]) => knownRows([a.common.train, b.common.train]).length));
  const width = Math.max(...parts.flatMap(({ unique, common }) => [unique.train.columns, common.train.columns]));
  const worst = Math.min(...[uniqueFromCommon, commonFromUnique, uniqueFromUnique].map((r2) => r2 ?? 0));
  const constant = parts.flatMap(({ modality, unique, common }) => [
    ...(isConstant(unique.test) ? [`unique.${modality}`] : []),
    ...(isConstant(common.test) ? [`common.${modality}`] : []),
  ]);
  return [
    ...(paired < fewSamples
      ? [`Figures of ${paired} samples are mostly luck, D as well as retrieval; at least ${fewSamples} are wanted.`]
      : []),
    ...(trained < samplesPerFeature * width
      ? [
          `Probes of ${width} features are fitted to ${trained} samples: L and U are rather too low and D too high; ` +
            `at least ${samplesPerFeature} samples for each feature are wanted.`,
        ]
      : []),
    ...(worst < worseThanMean
      ? [`Probes do worse than the mean (R2 ${text(worst)}), which counts as 0: little is shown to be kept apart.`]
      : []),
    ...(groups !== undefined && groups < fewGroups
      ? [`Intervals over ${groups} groups say little; at least ${fewGroups} are wanted.`]
      : []),
    ...(constant.length > 0 ? [`Constant on these samples, and left out: ${constant.join(', ')}.`] : []),
  ];
}

const pairsOf = <T>(all: readonly T[]): readonly (readonly [T, T])[] =>
  all.flatMap((a, i) => all.slice(i + 1).map((b) => [a, b] as const));

function isConstant(part: Part): boolean {
  const rows = knownRows([part]);
  return rows.length > 1 && momentsOf(rowsOf(part, rows)).deviation.every((own) => own === 0);
}
