/** Everything that a run needs, made of its configuration and its dataset before anything is trained or written. */
import { checkModalityNames, ConfigError, type RunConfig } from '../config/index.ts';
import { type Dataset, type Samples, samplesWithout } from '../data/dataset.ts';
import { pickSamples } from '../data/samples.ts';
import { labelColumn } from '../data/task.ts';
import { fitStandardisation, type Standardisation } from '../data/standardise.ts';
import { defaultSelection, metricNamed, metrics } from '../metrics/metric.ts';
import {
  parametersOf,
  stepsPerEpoch,
  type InputSpec,
  type Network,
  type ParameterSpec,
  type Selection,
} from '../train/index.ts';
import { labelScaleOf, targetScalesOf } from './label-scale.ts';
import { inputSpec, networkOf, preparedSplit, trainedOn } from './network.ts';
import type { OwnModel } from './own-model/code.ts';
import type { RunOrigin } from './record/run-directory.ts';
import { encoderOf } from './text/text-encoder.ts';
import type { TrainedModel, TrainedOn } from './trained-model.ts';

/** Everything that a run needs, prepared once for all its seeds. */
export interface Prepared {
  readonly config: RunConfig;
  /** The dataset as it was read: not standardised. */
  readonly dataset: Dataset;
  /** The path of the data, or the dataset's name; for the record and for errors. */
  readonly source: string;
  readonly data: TrainedOn;
  readonly network: Network;
  /** The inputs that the network is built for. */
  readonly spec: InputSpec;
  /** The shape and initial values of every parameter, by name. */
  readonly parameters: ReadonlyMap<string, ParameterSpec>;
  readonly standardisation: TrainedModel['standardisation'];
  /** The splits as the network takes them: standardised. */
  readonly splits: { readonly train: Samples; readonly valid: Samples; readonly test?: Samples };
  /** The validation metric that decides which epoch is best. */
  readonly selection: Selection;
  /** Everything that was asked for beyond the defaults; for the record. */
  readonly overrides: unknown;
  /**
   * In cross-validation: the folds that were asked for, and the index, from 0, of the fold to test on; for the record.
   */
  readonly fold?: RunOrigin['fold'];
  /** The model of one's own; absent for a model of the table. */
  readonly own?: OwnModel;
}

/** The options of `prepare`, all for the record but `own`. */
export interface PrepareOptions extends Partial<Omit<RunOrigin, 'data'>> {
  /** The model of one's own that the configuration names. */
  readonly own?: OwnModel | undefined;
  /** That of the dataset, where it is known already. Default: it is fitted on the train split. */
  readonly standardisation?: Standardisation | undefined;
}

/**
 * The statistics, of the training split, that scale the modalities in `names` which `data.standardise` asks for, and say
 * what stands for missing numbers in all of `names`.
 */
export function standardisationOf(
  training: Samples,
  names: readonly string[],
  { standardise, clipPercentiles, missing }: RunConfig['data'],
): Standardisation {
  const wanted = typeof standardise === 'string' ? (standardise === 'all' ? names : []) : standardise;
  const modalities = wanted.filter((name) => names.includes(name));
  const features = Object.fromEntries(names.map((name) => [name, training.features[name]!]));
  const options = { modalities, ...(missing && { missing }), ...(clipPercentiles && { clipPercentiles }) };
  return fitStandardisation({ ...training, features }, options);
}

/**
 * Prepares a run: fits the standardisation on the train split, builds the network, and finds the shapes of its
 * parameters.
 *
 * Throws a ConfigError where configuration and data do not go together, a TypeError or RangeError for a model of one's
 * own whose `build` returns something else than it must, and an Error for a dataset without a train or valid split.
 */
export function prepare(
  config: RunConfig,
  dataset: Dataset,
  { source = dataset.name, overrides = {}, fold, own, standardisation: known }: PrepareOptions = {},
): Prepared {
  const { train: whole } = dataset.splits;
  if (!whole || !dataset.splits.valid) throw new Error(`${source}: training needs the splits train and valid.`);
  checkModalityNames(
    config,
    dataset.modalities.map(({ name }) => name),
    own?.model,
  );
  const training = withSomeModality(whole, source);
  const seen = { ...dataset, splits: { ...dataset.splits, train: training } };
  const encoder = encoderOf(config, dataset);
  const scalable = dataset.modalities.filter(({ tokens }) => !tokens).map(({ name }) => name);
  const standardisation = known ?? standardisationOf(training, scalable, config.data);
  const network = networkOf(config, {
    ...(encoder && { encoder }),
    model: own?.model,
    stepsPerEpoch: stepsPerEpoch(training.ids.length, config.train),
  });
  const scaled = { ...dataset, classes: network.labelClasses };
  const labels = labelScaleOf(training, config.data, scaled);
  const targets = targetScalesOf(training, config.data, scaled);
  const data: TrainedOn = {
    ...trainedOn(seen, standardisation),
    ...(encoder && { encoder }),
    ...(labels && { labels }),
    ...(targets && { targets }),
  };
  const spec = specOf(config, training, data);
  const split = (name: 'train' | 'valid' | 'test'): Samples => preparedSplit(seen, name, { data, standardisation });
  return {
    config,
    dataset,
    source,
    data,
    network,
    spec,
    parameters: parametersOf(network, spec),
    standardisation,
    splits: { train: split('train'), valid: split('valid'), ...(dataset.splits.test && { test: split('test') }) },
    selection: selectionOf(config, data),
    overrides,
    ...(fold && { fold }),
    ...(own && { own }),
  };
}

/** The samples that have any modality: the others are not trained on, for there is nothing to learn from. */
function withSomeModality(samples: Samples, source: string): Samples {
  const without = new Set(samplesWithout(samples));
  if (without.size === 0) return samples;
  const rows = [...samples.ids.keys()].filter((row) => !without.has(row));
  if (rows.length === 0) throw new Error(`${source}: no training sample has any of the modalities.`);
  return pickSamples(samples, rows);
}

function selectionOf({ train: { selection } }: RunConfig, { metrics: kind }: TrainedOn): Selection {
  try {
    const metric = selection === undefined ? defaultSelection(kind) : metricNamed(kind, selection);
    return { metric, better: metrics[metric].better };
  } catch (error) {
    throw new ConfigError(`train.selection: ${(error as Error).message}`);
  }
}

/**
 * The inputs that the network is built for: marks the modalities that have labels of their own. With
 * `train.classWeights`, class c of C has the weight N / (C N_c), so that the mean weight over the N training samples is
 * 1; of several labels, samples that have one weigh as much as those that have it not.
 */
function specOf({ train }: RunConfig, training: Samples, data: TrainedOn): InputSpec {
  const { task, features } = inputSpec(data);
  const spec: InputSpec = {
    task,
    features: features.map((each) => (training.ownLabels?.[each.name] ? { ...each, labelled: true } : each)),
  };
  if (train.classWeights === 'none') return spec;
  if (spec.task.kind === 'multilabel')
    return { ...spec, task: { ...spec.task, weights: positiveWeights(training.labels!, spec.task.labels) } };
  if (spec.task.kind !== 'classification') return spec;
  const { classes } = spec.task;
  const counts = Array.from({ length: classes }, (_, c) => training.labels!.filter((label) => label === c).length);
  const weights = counts.map((count) => (count === 0 ? 0 : training.labels!.length / (classes * count)));
  return { ...spec, task: { ...spec.task, weights } };
}

/** By label, the samples that have it not for each that has it; 1 for a label that all have, or none. */
const positiveWeights = (labels: Float32Array, width: number): number[] =>
  Array.from({ length: width }, (_, l) => {
    const own = labelColumn(labels, width, l);
    const [having, lacking] = [own.filter((y) => y === 1).length, own.filter((y) => y === 0).length];
    return having > 0 && lacking > 0 ? lacking / having : 1;
  });
