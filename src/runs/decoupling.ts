/** The measures of decoupling of a trained model on a dataset. */
import { decouplingOf, type Decoupling } from '../analysis/decoupling.ts';
import { factorProbes, type FactorProbes, type Factors, type Probe } from '../analysis/factor-probes.ts';
import { groupInterval } from '../analysis/group-interval.ts';
import type { Interval } from '../analysis/interval.ts';
import { kernelProbe } from '../analysis/kernel-probe.ts';
import { linearProbe } from '../analysis/linear-probe.ts';
import { partOf, type SplitPart } from '../analysis/part.ts';
import { retrievalOf, type Retrieval } from '../analysis/retrieval.ts';
import type { Dataset, Split } from '../data/dataset.ts';
import { groupsKnown } from '../data/samples.ts';
import type { OpenModel } from './open-model.ts';
import { predictParts, type MeasuredSplits } from './parts.ts';

export interface DecouplingReport {
  readonly split: Split;
  readonly samples: number;
  readonly decoupling: Decoupling;
  readonly retrieval: Retrieval | undefined;
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
  const { parts, shared } = await predictParts(model, dataset, options);
  const samples = dataset.splits[split]!;
  const measure = decouplingOf(parts, { shared });
  const retrieve = shared ? undefined : retrievalOf(parts);
  const known = groupsKnown(samples);
  const units = known ?? samples.ids.map((_, n) => String(n));
  const factors = factorsOf(dataset, split);
  return {
    split,
    samples: samples.ids.length,
    decoupling: measure(),
    retrieval: retrieve?.(),
    ...(factors && {
      factors: factorProbes(parts, factors, linear),
      factorsByKernel: factorProbes(parts, factors, kernelProbe),
    }),
    intervals: {
      ...(known && { groups: new Set(known).size }),
      score: groupInterval(units, (weights) => measure(weights).score),
      retrieval:
        retrieve &&
        groupInterval(units, (weights) => {
          const found = retrieve(weights);
          return found && found.at10 - found.chanceAt10;
        }),
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
