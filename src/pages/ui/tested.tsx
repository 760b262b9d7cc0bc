/** Figures beside each other with how sure their differences are, as tables of comparisons and of benchmarks have them. */
import { metricText, signedText } from '../base/texts.ts';
import { spreadText } from './metric-texts.ts';

interface TestedFigureProps {
  readonly mean: number;
  readonly deviation?: number | undefined;
  readonly isBest: boolean;
  /** The distance from what it is compared with; bounds are null where there is no interval. */
  readonly difference?:
    { readonly value: number; readonly low: number | null; readonly high: number | null } | undefined;
}

export function TestedFigure({ mean, deviation, isBest, difference }: TestedFigureProps) {
  const text = spreadText({ mean, ...(deviation !== undefined && { deviation }) });
  return (
    <>
      {isBest ? (
        <strong class="best">
          {text}
          <span class="unseen"> (best)</span>
        </strong>
      ) : (
        text
      )}
      {difference && (
        <span class="difference quiet small">
          {signedText(difference.value)}
          {difference.low !== null &&
            difference.high !== null &&
            ` (${signedText(difference.low)} to ${signedText(difference.high)})`}
        </span>
      )}
    </>
  );
}

const tones = { better: 'good', wins: 'good', ties: 'quiet', worse: 'bad', loses: 'bad' } as const;

interface VerdictProps {
  readonly verdict: keyof typeof tones | undefined;
  readonly p?: number | null | undefined;
}

/** What a corrected p-value says, in a word. */
export const Verdict = ({ verdict, p = null }: VerdictProps) =>
  verdict === undefined ? (
    <>–</>
  ) : (
    <span class={`verdict ${tones[verdict]}`}>
      {verdict}
      {p !== null && <span class="quiet small"> p {p < 0.001 ? '< 0.001' : metricText(p)}</span>}
    </span>
  );
