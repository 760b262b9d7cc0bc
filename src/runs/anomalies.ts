/**
 * What there is to tell of the data of a run that can be trained all the same. It is told once, as training starts, and
 * recorded.
 */
import { type Dataset, type Samples, samplesWithout } from '../data/dataset.ts';
import { classesLacking, trainingFindings } from '../data/report/findings.ts';
import { reportOf } from '../data/report/report.ts';
import { labelFaults, labelReports } from '../data/report/several-labels.ts';
import { hasSeveral } from '../data/task.ts';
import type { RunConfig } from '../config/index.ts';
import { quoted } from '../files/error.ts';
import type { Standardisation } from '../data/standardise.ts';
import type { TrainedOn } from './trained-model.ts';

/**
 * What a warning of a run is about. `reading`: what was decided as the samples were read, such as files joined by rows or
 * samples left out; `data`: what `inspect` finds in them; `training`: what came up in training.
 */
export type WarningKind = 'reading' | 'data' | 'training';

export interface RunWarning {
  readonly kind: WarningKind;
  readonly message: string;
  /** The topic of a warning whose words may differ each time: a run is warned once about each topic. */
  readonly about?: string;
}

export interface Anomalous {
  readonly config: Pick<RunConfig, 'data' | 'text'>;
  readonly dataset: Dataset;
  readonly data: TrainedOn;
  readonly standardisation: Standardisation;
  readonly splits: { readonly train: Samples; readonly valid: Samples; readonly test?: Samples };
  /** Set where the dataset is one fold of several. */
  readonly fold?: unknown;
}

/** How the samples were read, and what is wrong with them, a line each. */
export function dataWarnings(run: Anomalous): RunWarning[] {
  const { notes = [] } = run.dataset;
  const inspected = trainingFindings(reportOf(run.dataset), { isFold: run.fold !== undefined });
  const found = [...unusedEncoder(run), ...anomaliesOf(run), ...inspected];
  return [
    ...notes.map((message) => ({ kind: 'reading', message }) as const),
    ...found.map((message) => ({ kind: 'data', message }) as const),
  ];
}

/** An encoder that is named, and that nothing reads, since text comes as features. */
const unusedEncoder = ({ config: { data, text } }: Anomalous): string[] =>
  text.bert.path !== undefined && data.text !== 'tokens'
    ? [
        `text.bert.path names an encoder, and text is read as features, so that nothing uses it: set data.text=tokens, or leave it out.`,
      ]
    : [];

/**
 * Of samples without any modality, modalities that never vary, splits whose labels are all alike, and splits that lack
 * classes.
 */
function anomaliesOf({ dataset, data, standardisation, splits }: Anomalous): string[] {
  const empty = Object.entries(dataset.splits).flatMap(([split, samples]) => {
    const rows = samplesWithout(samples);
    if (rows.length === 0) return [];
    const first = rows.slice(0, 3).map((row) => quoted(samples.ids[row]!));
    const named = `${first.join(', ')}${rows.length > first.length ? ', …' : ''}`;
    const what = split === 'train' ? 'left out of training' : 'predicted without anything to go by';
    return [`${rows.length} samples of the split "${split}" have none of the modalities (${named}): they are ${what}.`];
  });
  const constant = Object.entries(standardisation).flatMap(([name, { scale }]) => {
    if (scale.some((each) => each !== 0)) return [];
    if (dataset.splits.train?.lengths[name]?.every((length) => length === 0))
      return [
        `No sample of the training split has the modality "${name}", so nothing is learnt from it: leave it out by --modalities, or divide the samples otherwise.`,
      ];
    return [
      `The modality "${name}" never varies in the training split, so it says nothing: leave it out, or look at its source.`,
    ];
  });
  const { task } = data;
  if (hasSeveral(task)) {
    const faults = Object.entries(splits).flatMap(([split, { labels }]) =>
      labels ? labelFaults(split, labelReports(labels, task), task.kind) : [],
    );
    return [...empty, ...constant, ...faults];
  }
  const alike = (['train', 'valid'] as const).flatMap((split) => {
    const labels = splits[split].labels ?? new Float32Array(0);
    const [first] = labels;
    if (first === undefined || labels.some((label) => label !== first)) return [];
    const label = task.kind === 'classification' ? (task.classes[first] ?? String(first)) : String(first);
    const what = split === 'train' ? 'there is nothing to learn' : 'no epoch is told from another by some metrics';
    return [`All labels of the split "${split}" are ${label}: ${what}.`];
  });
  const lacking = Object.entries(splits).flatMap(([split, { labels }]) => {
    if (task.kind !== 'classification' || !labels) return [];
    const found = new Set(Array.from(labels, (label) => task.classes[label] ?? ''));
    // Labels that are all alike are told above.
    if (found.size === 1 && split !== 'test') return [];
    return classesLacking(split, task.classes, [...found]);
  });
  return [...empty, ...constant, ...alike, ...lacking];
}
