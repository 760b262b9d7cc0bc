import type { Task } from '../dataset.ts';
import type { MetricKind } from '../../metrics/metric.ts';
import type { Known } from '../tables/known.ts';

export const presetNames = ['mosi', 'mosei', 'mosei-emotions', 'sims', 'iemocap'] as const;
export type PresetName = (typeof presetNames)[number];

/** What may be said of a file: which dataset it is of, or that it is of none of them, whatever it is called. */
export const presetChoices = [...presetNames, 'none'] as const;

/** Facts about a published dataset that hold for whatever file of it a user has. */
export interface Preset {
  readonly title: string;
  readonly task: Task['kind'];
  /** The least and the largest value of regression labels. */
  readonly range?: readonly [number, number];
  /** Names of classes, by index; for regression datasets, of the `classification_labels` that MMSA adds. */
  readonly classes?: readonly string[];
  /** Names of labels, where a sample has several. */
  readonly names?: readonly string[];
  /** The metrics of the task; classification has one kind whatever the dataset. */
  readonly metrics: MetricKind;
}

/** In the order of the SDK's `CMU_MOSEI_Labels.csd`, where the sentiment stands before them. */
export const emotions = ['happy', 'sad', 'anger', 'surprise', 'disgust', 'fear'] as const;

const polarity = ['negative', 'neutral', 'positive'] as const;

export const presets: Readonly<Record<PresetName, Preset>> = {
  mosi: {
    title: 'CMU-MOSI',
    task: 'regression',
    range: [-3, 3],
    classes: polarity,
    metrics: 'mosi',
  },
  mosei: {
    title: 'CMU-MOSEI',
    task: 'regression',
    range: [-3, 3],
    classes: polarity,
    metrics: 'mosi',
  },
  'mosei-emotions': {
    title: 'CMU-MOSEI',
    task: 'multilabel',
    names: emotions,
    metrics: 'mosei-emotions',
  },
  sims: {
    title: 'CH-SIMS',
    task: 'regression',
    range: [-1, 1],
    classes: polarity,
    metrics: 'sims',
  },
  iemocap: {
    title: 'IEMOCAP',
    task: 'classification',
    classes: ['happy', 'sad', 'neutral', 'angry', 'excited', 'frustrated'],
    metrics: 'classification',
  },
};

const patterns: readonly (readonly [RegExp, PresetName])[] = [
  [/mosei[-_ ]?emo/i, 'mosei-emotions'],
  [/mosei/i, 'mosei'],
  [/mosi/i, 'mosi'],
  [/iemocap/i, 'iemocap'],
  [/(?<![a-z])(?:ch[-_ ]?)?sims/i, 'sims'],
];

/**
 * The dataset that a path names: by its file name, else by the two folders around it, as in
 * `SIMS/Processed/unaligned_39.pkl`.
 */
export function detectPreset(path: string): PresetName | undefined {
  const names = path.split(/[\\/]/).slice(-3).reverse();
  for (const name of names) for (const [pattern, preset] of patterns) if (pattern.test(name)) return preset;
  return undefined;
}

/** The preset by a name that a dataset was read under; undefined for one of no preset. */
export const presetNamed = (name: string): PresetName | undefined => presetNames.find((each) => each === name);

/** The facts that a preset stands for, under its name; none without a preset. */
export const knownOf = (preset: PresetName | 'none' | undefined): Known =>
  preset === undefined || preset === 'none' ? {} : { name: preset, ...presets[preset] };
