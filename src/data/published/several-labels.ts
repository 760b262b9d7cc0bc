/** Published datasets whose samples have several labels: what is known of them, and their labels as `[N, L]`. */
import type { TableOptions } from '../tables/dataset.ts';
import type { Known } from '../tables/known.ts';
import { iemocapEmotions, withIemocapEmotions } from './iemocap-emotions.ts';
import { withEmotions } from './mosei-emotions.ts';
import { emotions, knownOf, type PresetName } from './presets.ts';

export interface PublishedLabels {
  readonly splits: unknown;
  readonly known: Known;
}

/** The splits of a file with `labels` `[N, L]`, and their names; undefined where the dataset has one label, or that is asked for. */
export function severalLabelsOf(
  preset: PresetName | 'none' | undefined,
  splits: unknown,
  { file, task, labelKey, requireLabels = true }: TableOptions & { readonly file: string },
): PublishedLabels | undefined {
  if (preset === 'iemocap' && (task === undefined || task === 'multilabel')) {
    const found = withIemocapEmotions(splits);
    return found && { splits: found, known: { name: preset, task: 'multilabel', names: iemocapEmotions } };
  }
  if (preset !== 'mosei-emotions' || task === 'regression' || task === 'classification') return undefined;
  const as = task === 'multitarget' ? 'intensity' : 'presence';
  return {
    splits: withEmotions(splits, { file, key: labelKey, required: requireLabels, as }),
    known: task === 'multitarget' ? { name: preset, task, names: emotions } : knownOf(preset),
  };
}
