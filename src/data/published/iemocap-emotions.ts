/**
 * IEMOCAP's four emotions as MulT's `iemocap_data.pkl` has them: of each utterance and emotion whether it is absent or
 * present, `labels` `[N, 4, 2]`. None, one or two of them are present.
 */
import { NdArray } from '../../formats/bytes/array.ts';
import { type Columns, numeric } from '../tables/table.ts';
import { labelsOfPairs } from './label-pairs.ts';

/** In the order of MulT's code (`eval_iemocap` in its `src/eval_metrics.py`). */
export const iemocapEmotions = ['neutral', 'happy', 'sad', 'angry'] as const;

/** The splits with `labels` `[N, 4]` of 0 and 1; undefined where some split has labels of another layout, or none has any. */
export function withIemocapEmotions(splits: unknown): ReadonlyMap<unknown, unknown> | undefined {
  if (!(splits instanceof Map)) return undefined;
  const found = [...(splits as Map<unknown, unknown>)].map(([split, columns]) => {
    const given = columns instanceof Map ? numeric((columns as Columns).get('labels')) : undefined;
    const labels = given && labelsOfPairs(given, iemocapEmotions.length);
    const array =
      labels && new NdArray([labels.length / iemocapEmotions.length, iemocapEmotions.length], 'float32', labels);
    return array && ([split, new Map([...(columns as Columns), ['labels', array]])] as const);
  });
  return found.length > 0 && found.every((each) => each !== undefined) ? new Map(found) : undefined;
}
