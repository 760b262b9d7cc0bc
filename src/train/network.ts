/**
 * A model with its configuration fixed, the inputs that its graphs are built on, and the parameters that it declares.
 */
import type {
  LabelClasses,
  ModelInputs,
  ModelOutput,
  ModelTask,
  ModelWarnings,
  PartNames,
  TransportPlan,
  Stage,
} from '../models/index.ts';
import { outputsOf } from '../models/index.ts';
import { Scope, type Initializer, type ParameterGroup, type ScopeOptions, type Sequence } from '../nn/index.ts';
import { input, size, type Shape, type Tensor } from '../tensor/index.ts';
import { checkGrid, type Grid } from './choose-on-validation.ts';
import { dataDifference } from '../json/difference.ts';
import { forAnyBatch } from './open-batch/open-batch.ts';

/** A model with its configuration fixed. */
export interface Network {
  readonly name: string;
  /** Stages of training before the usual epochs. */
  readonly stages?: readonly Stage[];
  /** Scalar parameters that are chosen on validation after every epoch, each with the values to try. */
  readonly chosenOnValidation?: Grid;
  /** The classes that its losses make of the labels of a regression. */
  readonly labelClasses?: LabelClasses;
  /** Which of its representations are the parts of a modality; absent for a model that keeps none apart. */
  readonly parts?: (modality: string) => PartNames;
  /** The transport plan of its losses between unique features `[N, d]`; absent for a model that has none. */
  readonly plan?: (unique: Readonly<Record<string, Tensor>>) => TransportPlan | undefined;
  /** Warnings about its diagnostics. */
  readonly warnings?: ModelWarnings;
  build(scope: Scope, inputs: ModelInputs): ModelOutput;
}

export interface FeatureSpec {
  readonly name: string;
  readonly time: number;
  readonly width: number;
  /** Whether its two features are a token's id and segment (`Modality.tokens`). */
  readonly tokens?: true;
  /** Whether samples have labels for this modality alone, which losses may use. */
  readonly labelled?: true;
  /** Whether samples have true lengths of their own. */
  readonly masked: boolean;
  /** Whether some training samples lack the modality, so that the network is told which samples have it. */
  readonly optional?: true;
}

export interface InputSpec {
  readonly features: readonly FeatureSpec[];
  readonly task: ModelTask;
}

/** Facts about a training that its graphs are built for, beside the size of the batch. */
export interface TrainingContext {
  /** Number of samples in the training split. */
  readonly samples: number;
  readonly stage?: string | undefined;
}

/**
 * The named inputs of a batch: for each modality M `features.M` `[N, T, D]` and `mask.M` `[N, T]`, and `present.M` `[N]`
 * for those that training samples lack; where labels are asked for, `labels` `[N]`, or `[N, L]` of several, and, for modalities
 * with labels of their own, `labels.M` `[N]`; in training, `epoch` `[1]` and `rows` `[N]`.
 */
export function placeholders(
  { features, task }: InputSpec,
  batch: number,
  { labels, training }: { readonly labels: boolean; readonly training?: TrainingContext },
): ModelInputs {
  const sequences = features.map(({ name, time, width, masked }): readonly [string, Sequence] => {
    const value = input(`features.${name}`, [batch, time, width]);
    return [name, { value, modality: name, ...(masked && { mask: input(`mask.${name}`, [batch, time]) }) }];
  });
  const present = byName(features, ({ name, optional }) => optional && input(`present.${name}`, [batch]));
  return {
    features: Object.fromEntries(sequences),
    ...(present && { present }),
    task,
    ...(labels && { labels: input('labels', labelShape(task, batch)), ownLabels: ownLabels(features, batch) }),
    ...(training && {
      progress: {
        epoch: input('epoch', [1]).reshape([]),
        rows: input('rows', [batch]).cast('int64'),
        samples: training.samples,
        stage: training.stage,
      },
    }),
  };
}

/** Labels of a sample: one, or L of several. */
export const labelShape = (task: ModelTask, batch: number): Shape =>
  task.kind === 'multilabel' || task.kind === 'multitarget' ? [batch, outputsOf(task)] : [batch];

const ownLabels = (features: readonly FeatureSpec[], batch: number): Record<string, Tensor> =>
  byName(features, ({ name, labelled }) => labelled && input(`labels.${name}`, [batch])) ?? {};

/** By modality, of those for which there is one; undefined where there is none. */
function byName(
  features: readonly FeatureSpec[],
  of: (feature: FeatureSpec) => Tensor | undefined,
): Record<string, Tensor> | undefined {
  const found = features.flatMap((feature) => {
    const tensor = of(feature);
    return tensor ? [[feature.name, tensor] as const] : [];
  });
  return found.length > 0 ? Object.fromEntries(found) : undefined;
}

/** Names of all inputs that such a batch may have. */
const inputNames = ({ features }: ModelInputs): string[] => [
  ...Object.keys(features).flatMap((name) => [`features.${name}`, `mask.${name}`, `labels.${name}`]),
  'labels',
  'epoch',
  'rows',
];

export interface ParameterSpec {
  readonly shape: Shape;
  readonly init: Initializer;
  readonly group: ParameterGroup;
}

/**
 * The parameters that a network declares for such inputs, in the order of declaration, those of its stages last. Throws
 * a RangeError for one that depends on the size of the batch, or on whether there are labels.
 */
export function parametersOf(network: Network, spec: InputSpec): Map<string, ParameterSpec> {
  const usual = forAnyBatch(`The parameter list of "${network.name}"`, (batch) =>
    declaredBy(network, placeholders(spec, batch, { labels: false })),
  );
  const inTraining = (stage?: string): Record<string, ParameterSpec> =>
    declaredBy(network, placeholders(spec, 2, { labels: true, training: { samples: 2, stage } }), { training: true });
  const parameters = new Map(Object.entries(usual));
  for (const { name: stage } of network.stages ?? [])
    for (const [name, declared] of Object.entries(inTraining(stage)))
      if (!parameters.has(name)) parameters.set(name, declared);
  checkTraining(network, { usual, all: Object.fromEntries(parameters), training: inTraining() });
  checkGrid(network.chosenOnValidation ?? {}, new Map([...parameters].map(([name, { shape }]) => [name, size(shape)])));
  return parameters;
}

type Declared = Readonly<Record<string, ParameterSpec>>;

/** A parameter that is not there while training is never learned, and one that is there only then is not known. */
function checkTraining(
  { name }: Network,
  { usual, all, training }: { readonly usual: Declared; readonly all: Declared; readonly training: Declared },
): void {
  const found = Object.keys({ ...usual, ...training }).find(
    (each) => dataDifference(all[each], training[each]) !== undefined,
  );
  if (found === undefined) return;
  const where = found in training ? (found in all ? 'otherwise' : 'only') : 'everywhere but';
  throw new RangeError(
    `The parameter list of "${name}" depends on labels: "${found}" is declared ${where} where there are labels, in training. ` +
      'Declare the same parameters whatever build is given; without labels, leave out losses alone.',
  );
}

function declaredBy(network: Network, inputs: ModelInputs, options: ScopeOptions = {}): Record<string, ParameterSpec> {
  const scope = new Scope(options);
  network.build(scope, inputs);
  const taken = new Set([...inputNames(inputs), ...scope.states.keys(), ...scope.dropouts.keys()]);
  const clash = [...scope.parameters.keys()].find((name) => taken.has(name));
  if (clash !== undefined)
    throw new RangeError(
      `Parameter "${clash}" of "${network.name}" is called as an input is; give it, or its scope, another name.`,
    );
  return Object.fromEntries(
    [...scope.parameters].map(([name, { value, init, group }]) => [name, { shape: value.shape, init, group }]),
  );
}
