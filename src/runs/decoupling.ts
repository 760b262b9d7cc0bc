/** The measures of decoupling of a trained model on a dataset. */
import { decouplingOf, type Decoupling } from '../analysis/decoupling.ts';
import { dependence, type Dependence } from '../analysis/dependence.ts';
import { factorProbes, type FactorProbes, type Factors, type Probe } from '../analysis/factor-probes.ts';
import { groupInterval } from '../analysis/group-interval.ts';
import type { Interval } from '../analysis/interval.ts';
import { kernelProbe } from '../analysis/kernel-probe.ts';
import { labelParts, labelProbes, type LabelProbes } from '../analysis/label-probes.ts';
import { linearProbe } from '../analysis/linear-probe.ts';
import { modalityGap, type ModalityGap } from '../analysis/modality-gap.ts';
import { partOf, type SplitPart } from '../analysis/part.ts';
import { notesOf, pairedSamples, readingOf } from '../analysis/reading.ts';
import { reconstructions, type Reconstruction } from '../analysis/reconstruction.ts';
import { retrievalOf, type Retrieval } from '../analysis/retrieval.ts';
import type { PlanMeasures } from '../analysis/transport-plan.ts';
import type { Dataset, Split } from '../data/dataset.ts';
import { groupsKnown } from '../data/samples.ts';
import { labelWidth } from '../data/task.ts';
import type { OpenModel } from './open-model.ts';
import { predictParts, type MeasuredSplits, type PredictedParts } from './parts.ts';
import { measurePlan } from './transport-plan.ts';

/** Measures on the split `split`; docs/decoupling.md says how each is to be read. */
export interface DecouplingReport {
  readonly split: Split;
  readonly samples: number;
  /** The fewest of them that two modalities both have. */
  readonly paired: number;
  readonly decoupling: Decoupling;
  /** One sentence on what D says of this model. */
  readonly reading: string;
  /** What makes figures say less than they seem to, a sentence each. */
  readonly notes: readonly string[];
  /** Absent, like `gap`, for a model with one common part of all modalities. */
  readonly retrieval: Retrieval | undefined;
  /** Normalised HSIC of the unique and the common features of each modality. */
  readonly dependence: readonly ({ readonly modality: string } & Partial<Dependence>)[];
  /** Where the training and the scored split have labels. */
  readonly labels?: LabelProbes;
  readonly reconstruction: readonly Reconstruction[];
  readonly gap: ModalityGap | undefined;
  /** Of a model whose losses solve for a transport plan. */
  readonly plan?: PlanMeasures;
  /** R² of true factors, where the dataset keeps them, by linear probes and by such as bend. */
  readonly factors?: FactorProbes;
  readonly factorsByKernel?: FactorProbes;
  /** 95 % intervals over test groups drawn anew (`groups` of them), or over samples where nothing tells groups. */
  readonly intervals: {
    readonly groups?: number;
    readonly score: Interval | undefined;
    /** Of retrieval at 10 less chance. */
    readonly retrieval: Interval | undefined;
  };
}

/** The penalty of linear probes of true factors: there is little to guard against where the truth is of few dimensions. */
const linear: Probe = (from, to) => linearProbe(from, to, { penalties: [1e-3] });

/**
 * Measures how far a model decouples: probes are fitted on the training split and scored on `split`. Throws as
 * `predictParts` does.
 */
export async function measureDecoupling(
  model: OpenModel,
  dataset: Dataset,
  options: MeasuredSplits,
): Promise<DecouplingReport> {
  const { split = 'test' } = options;
  const { parts, shared, pooled } = await predictParts(model, dataset, { ...options, pooled: true });
  const plan = await measurePlan(model.network, parts);
  const samples = dataset.splits[split]!;
  const measure = decouplingOf(parts, { shared });
  const decoupling = measure();
  const retrieve = shared ? undefined : retrievalOf(parts);
  const known = groupsKnown(samples);
  const groups = known && new Set(known).size;
  const units = known ?? samples.ids.map((_, n) => String(n));
  const retrieved =
    retrieve &&
    groupInterval(units, (weights) => {
      const found = retrieve(weights);
      return found && found.at10 - found.chanceAt10;
    });
  const labels = labelsOf(dataset, split);
  const factors = factorsOf(dataset, split);
  return {
    split,
    samples: samples.ids.length,
    paired: pairedSamples(parts),
    decoupling,
    reading: readingOf(decoupling, { shared, retrieval: retrieved }),
    notes: notesOf(parts, decoupling, { groups }),
    retrieval: retrieve?.(),
    dependence: parts.map(({ modality, unique, common }) => ({ modality, ...dependence(unique.test, common.test) })),
    ...(labels && { labels: labelProbes(parts, labels, dataset.task) }),
    reconstruction: reconstructions(parts, pooled),
    gap: shared ? undefined : modalityGap(parts),
    ...(plan && { plan }),
    ...(factors && {
      factors: factorProbes(parts, factors, linear),
      factorsByKernel: factorProbes(parts, factors, kernelProbe),
    }),
    intervals: {
      ...(groups !== undefined && { groups }),
      score: groupInterval(units, (weights) => measure(weights).score),
      retrieval: retrieved,
    },
  };
}

/** The samples of a split that a finished training measures on: more would tell little more, and take long. */
const afterTraining = 4000;

/** The score D and what it is made of, as a finished training tells them; undefined for models and data without it. */
export async function decouplingAfterTraining(
  model: OpenModel,
  dataset: Dataset,
  options: Pick<MeasuredSplits, 'threads'>,
): Promise<Decoupling | undefined> {
  if (!model.network.parts || !dataset.splits.train || !dataset.splits.test) return undefined;
  const { parts, shared } = await predictParts(model, dataset, { ...options, most: afterTraining });
  return decouplingOf(parts, { shared })();
}

/** The labels of a dataset, a part for each of several, where the training and the scored split have them. */
function labelsOf({ splits, task }: Dataset, split: Split): readonly SplitPart[] | undefined {
  const [train, test] = [splits.train?.labels, splits[split]?.labels];
  return train && test && labelParts({ train, valid: splits.valid?.labels, test }, labelWidth(task));
}

/** The measures that a picture shows of the predicted parts of a dataset, without intervals, which take long. */
export function measureParts(
  { parts, shared }: PredictedParts,
  dataset: Dataset,
): Pick<DecouplingReport, 'decoupling' | 'factors'> {
  const factors = factorsOf(dataset, 'test');
  return {
    decoupling: decouplingOf(parts, { shared })(),
    ...(factors && { factors: factorProbes(parts, factors, linear) }),
  };
}

/** The true factors of a dataset, where every split has as many rows of them as it has samples. */
function factorsOf({ factors, splits }: Dataset, split: Split): Factors | undefined {
  const [train, test] = [factors?.train, factors?.[split]];
  if (!train || !test) return undefined;
  const valid = factors?.valid;
  const isOfSamples = (name: Split): boolean =>
    Object.values(factors?.[name] ?? {}).every(({ shape }) => shape[0] === splits[name]?.ids.length);
  if (!isOfSamples('train') || !isOfSamples(split)) return undefined;
  return Object.fromEntries(
    Object.keys(train).flatMap((name): [string, SplitPart][] => {
      const [fitted, scored, chosen] = [train[name], test[name], valid?.[name]];
      if (!fitted || !scored) return [];
      const part = ({ shape, data }: typeof fitted): ReturnType<typeof partOf> => partOf(shape[0]!, data);
      return [[name, { train: part(fitted), test: part(scored), ...(chosen && { valid: part(chosen) }) }]];
    }),
  );
}
