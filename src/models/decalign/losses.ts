/**
 * DecAlign's losses as a function of what they read of each sample. All of them compare samples of a batch, or divide by how
 * many there are: a batch that is split is gathered for them.
 */
import { weighted, type Heterogeneity } from '../../alignment/index.ts';
import { knownLabels, meanOfKnown, signCrossEntropy, smoothL1, smoothL1Errors } from '../../nn/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import type { ModelOutput, ModelTask, MultitargetTask, WholeBatch } from '../model.ts';
import { byModality } from '../representations.ts';
import { aboveNeutral, classesFor, taskLoss } from '../task.ts';
import type { DecAlignConfig } from './config.ts';
import { buildTerms } from './terms.ts';
import type { TermInputs } from './term.ts';

export interface DecAlignLosses extends Pick<ModelOutput, 'losses' | 'diagnostics'> {
  /** Losses before their weights, by name. */
  readonly terms: Readonly<Record<string, Tensor>>;
  readonly heterogeneity?: Heterogeneity;
}

/** What the losses read, arrays by modality, and how a modality is rebuilt from pooled features. */
export interface LossInputs extends Omit<TermInputs, 'classes' | 'rebuilt'> {
  readonly prediction: Tensor;
  readonly labels: Tensor;
  readonly rebuilt: (modality: number, unique: Tensor, common: Tensor) => Tensor;
}

export interface LossOptions {
  readonly config: DecAlignConfig;
  readonly task: ModelTask;
  /** The configuration of the terms, which a stage may have of its own. */
  readonly terms: DecAlignConfig;
  /** Whether the loss of the task is among them. */
  readonly withTask: boolean;
}

export function decalignLosses(
  { prediction, labels, rebuilt, ...inputs }: LossInputs,
  { config, task, terms: settings, withTask }: LossOptions,
): DecAlignLosses {
  const built = buildTerms(
    {
      ...inputs,
      rebuilt: (m, j) => rebuilt(m, inputs.pooledUnique[m]!, inputs.pooledCommon[j]!),
      classes: classesFor(labels, task),
    },
    settings,
  );
  const terms = {
    ...(withTask && { task: predictionLoss(prediction, labels, config, task) }),
    ...Object.fromEntries(Object.entries(built).map(([name, { loss }]) => [name, loss])),
  };
  const { heterogeneity } = built.heterogeneity ?? {};
  return {
    terms,
    losses: weighted(terms, { task: 1, ...config.weights }),
    diagnostics: allOf(
      Object.values(built).map(({ parts }) => parts),
      Object.values(built).map(({ diagnostics }) => diagnostics),
    ),
    ...(heterogeneity && { heterogeneity }),
  };
}

const perModality = ['unique', 'common', 'pooledUnique', 'pooledCommon', 'features', 'latents'] as const;

/** The same losses for samples that are gathered from parts of a batch. */
export function wholeBatch(inputs: LossInputs, options: LossOptions): WholeBatch {
  const { modalities, prediction, labels, fused, rows, present, rebuilt } = inputs;
  const held = modalities.flatMap((m, i) => (present[i] ? [[m, present[i]] as const] : []));
  return {
    reads: {
      ...{ prediction, labels, fused },
      ...(rows && { rows }),
      ...Object.fromEntries(perModality.flatMap((kind) => Object.entries(byModality(kind, modalities, inputs[kind])))),
      ...byModality(
        'present',
        held.map(([m]) => m),
        held.map(([, p]) => p),
      ),
    },
    build(gathered) {
      const of = (kind: (typeof perModality)[number]): Tensor[] => modalities.map((m) => gathered[`${kind}.${m}`]!);
      return decalignLosses(
        {
          ...{ modalities, rebuilt, rows: gathered['rows'], present: modalities.map((m) => gathered[`present.${m}`]) },
          ...{ prediction: gathered['prediction']!, labels: gathered['labels']!, fused: gathered['fused']! },
          ...{ unique: of('unique'), common: of('common'), latents: of('latents'), features: of('features') },
          ...{ pooledUnique: of('pooledUnique'), pooledCommon: of('pooledCommon') },
        },
        options,
      );
    },
  };
}

function predictionLoss(prediction: Tensor, labels: Tensor, { task }: DecAlignConfig, kind: ModelTask): Tensor {
  if (kind.kind === 'classification' || kind.kind === 'multilabel')
    return taskLoss(prediction, labels, task.classWeights ? { ...kind, weights: task.classWeights } : kind, 'l1');
  if (kind.kind === 'multitarget') return targetsLoss(prediction, labels, task, kind);
  const main =
    task.loss === 'smooth-l1'
      ? smoothL1(prediction, labels, { beta: task.beta })
      : taskLoss(prediction, labels, kind, task.loss);
  return task.sign > 0
    ? main.add(signCrossEntropy(aboveNeutral(prediction, kind), aboveNeutral(labels, kind)).mul(task.sign))
    : main;
}

/** As for one value, over the targets that are there; the sign is that of a target less its neutral value. */
function targetsLoss(
  prediction: Tensor,
  labels: Tensor,
  { loss, beta, sign }: DecAlignConfig['task'],
  kind: MultitargetTask,
): Tensor {
  const { values, known } = knownLabels(labels);
  const main =
    loss === 'smooth-l1'
      ? meanOfKnown(smoothL1Errors(prediction, values, beta), known)
      : taskLoss(prediction, labels, kind, loss);
  return sign > 0 ? main.add(signCrossEntropy(prediction, values).mul(sign)) : main;
}

type Values = Readonly<Record<string, Tensor | undefined>> | undefined;

/** All that are there, by name. */
const allOf = (...groups: readonly (readonly Values[])[]): Record<string, Tensor> =>
  Object.fromEntries(
    groups
      .flat()
      .flatMap((values = {}) => Object.entries(values).flatMap(([name, x]) => (x ? [[name, x] as const] : []))),
  );
