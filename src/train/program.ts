/** A model compiled for training (forward, losses and gradients at one batch size) and for prediction (any size). */
import { random } from '../data/random.ts';
import type { ModelInputs, ModelOutput, ModelTask, ModelWarnings, Stage } from '../models/index.ts';
import { Scope, type Initializer, type Sequence, type Tuning } from '../nn/index.ts';
import type { Compile, Program, RuntimeOptions, Values } from '../runtime/program.ts';
import { gradients, input, size, type Shape, type Tensor } from '../tensor/index.ts';
import type { Grid } from './calibrate.ts';
import { firstNonFinite } from './first-non-finite.ts';
import type { State } from './optimizer.ts';

/** A model with its configuration fixed. */
export interface Network {
  readonly name: string;
  /** What is trained before the usual epochs. */
  readonly stages?: readonly Stage[];
  /** Scalars that are chosen on validation after every epoch. */
  readonly calibrated?: Grid;
  /** What its diagnostics are worth a warning of. */
  readonly warnings?: ModelWarnings;
  build(scope: Scope, inputs: ModelInputs): ModelOutput;
}

export interface FeatureSpec {
  readonly name: string;
  readonly time: number;
  readonly width: number;
  /** Its two features are a token's id and its segment (`Modality.tokens`). */
  readonly tokens?: true;
  /** Samples have labels of this modality alone, which losses may use. */
  readonly labelled?: true;
  /** Whether samples have true lengths of their own. */
  readonly masked: boolean;
}

export interface InputSpec {
  readonly features: readonly FeatureSpec[];
  readonly task: ModelTask;
}

/** A larger prime than any real dimension: it stands for the batch where the batch is open (`SymbolicBatch`). */
export const openBatch = { size: 1_000_003, name: 'batch' } as const;

/** What is known while training beside the batch itself. */
export interface Training {
  /** In the training split. */
  readonly samples: number;
  readonly stage?: string | undefined;
}

/**
 * The named inputs of a batch: `features.M` `[N, T, D]`, `mask.M` `[N, T]`, with labels `labels` `[N]` and, of modalities
 * that have some of their own, `labels.M` `[N]`, and in training `epoch` `[1]` and `rows` `[N]`.
 */
export function placeholders(
  { features, task }: InputSpec,
  batch: number,
  { labels, training }: { readonly labels: boolean; readonly training?: Training },
): ModelInputs {
  const sequences = features.map(({ name, time, width, masked }): readonly [string, Sequence] => {
    const value = input(`features.${name}`, [batch, time, width]);
    return [name, masked ? { value, mask: input(`mask.${name}`, [batch, time]) } : { value }];
  });
  return {
    features: Object.fromEntries(sequences),
    task,
    ...(labels && { labels: input('labels', [batch]), ownLabels: ownLabels(features, batch) }),
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

const ownLabels = (features: readonly FeatureSpec[], batch: number): Record<string, Tensor> =>
  Object.fromEntries(
    features.flatMap(({ name, labelled }) => (labelled ? [[name, input(`labels.${name}`, [batch])] as const] : [])),
  );

export interface ParameterSpec {
  readonly shape: Shape;
  readonly init: Initializer;
  readonly tuning: Tuning;
}

/** The parameters that a network declares for such inputs, in the order of declaration, those of its stages last. */
export function parametersOf(network: Network, spec: InputSpec): Map<string, ParameterSpec> {
  const scope = new Scope();
  network.build(scope, placeholders(spec, openBatch.size, { labels: false }));
  const scopes = [scope];
  for (const { name: stage } of network.stages ?? []) {
    const staged = new Scope();
    network.build(staged, placeholders(spec, 2, { labels: true, training: { samples: 2, stage } }));
    scopes.push(staged);
  }
  const parameters = new Map<string, ParameterSpec>();
  for (const { parameters: declared } of scopes)
    for (const [name, { value, init, tuning }] of declared)
      if (!parameters.has(name)) parameters.set(name, { shape: value.shape, init, tuning });
  return parameters;
}

/**
 * Draws every parameter that is not given from a stream of its own, so that adding a layer does not change the others.
 */
export function initialize(
  parameters: ReadonlyMap<string, ParameterSpec>,
  seed: number,
  given: State = {},
): Record<string, Float32Array> {
  const state: Record<string, Float32Array> = {};
  for (const [name, { shape, init }] of parameters) {
    const known = given[name];
    if (known) {
      if (known.length !== size(shape))
        throw new RangeError(`Parameter "${name}" of shape [${shape}] cannot start as ${known.length} values.`);
      state[name] = known;
      continue;
    }
    const source = random(seed, 'init', name);
    state[name] = Float32Array.from({ length: size(shape) }, () => {
      if (init.kind === 'constant') return init.value;
      return init.kind === 'normal' ? source.normal() * init.deviation : (2 * source.uniform() - 1) * init.bound;
    });
  }
  return state;
}

export interface ProgramOptions extends RuntimeOptions {
  /** What runs the graphs: `compile` of Node, or that of a browser's runtime (`openRuntime`). */
  readonly compile: Compile;
}

export interface StepResult {
  /** Weighted losses by name, then their sum as `total`. */
  readonly losses: Readonly<Record<string, number>>;
  readonly diagnostics: Readonly<Record<string, number>>;
  readonly gradients: Record<string, Float32Array>;
  /** What the running states become. */
  readonly states: Record<string, Float32Array>;
}

interface DropoutSpec {
  readonly name: string;
  readonly length: number;
  readonly rate: number;
}

export interface TrainingProgram {
  readonly batch: number;
  readonly dropouts: readonly DropoutSpec[];
  /** What training carries from step to step, as it is before the first. */
  readonly states: State;
  /** ONNX nodes. */
  readonly nodes: number;
  run(parameters: State, feeds: State): Promise<StepResult>;
  /** Of a step whose numbers are not finite: where they first cease to be, if it can be told. */
  explain(parameters: State, feeds: State): Promise<string | undefined>;
  dispose(): Promise<void>;
}

/** Forward, losses and the gradient of their sum, for one batch size and, of a network that has some, one stage. */
export async function compileTraining(
  network: Network,
  spec: InputSpec,
  batch: number,
  { compile, training = { samples: batch }, ...options }: ProgramOptions & { readonly training?: Training },
): Promise<TrainingProgram> {
  const scope = new Scope({ training: true });
  const { losses, diagnostics } = network.build(scope, placeholders(spec, batch, { labels: true, training }));
  const total = Object.values(losses).reduce((sum, loss) => sum.add(loss));
  const trained = [...scope.parameters].filter(([, { tuning }]) => !tuning.frozen);
  const names = trained.map(([name]) => name);
  const grads = gradients(
    total,
    trained.map(([, { value }]) => value),
  );
  const states = [...scope.states];
  const program = await compile(
    {
      ...prefixed('loss', losses),
      ...prefixed('diagnostic', diagnostics),
      ...Object.fromEntries(
        grads.flatMap((gradient, i) => (gradient ? [[`gradient ${names[i]!}`, gradient] as const] : [])),
      ),
      ...prefixed('next', Object.fromEntries(states.map(([name, { next }]) => [name, next]))),
    },
    options,
  );
  const dropouts = [...scope.dropouts].map(([name, { mask, rate }]) => ({ name, length: size(mask.shape), rate }));
  return {
    batch,
    dropouts: dropouts.filter(({ name }) => program.inputs.has(name)),
    states: Object.fromEntries(
      states.map(([name, { value, initial }]) => [name, new Float32Array(size(value.shape)).fill(initial)]),
    ),
    nodes: program.nodes,
    async run(parameters, feeds) {
      const results = split(await program.run({ ...parameters, ...feeds }));
      const values = scalars(results['loss'] ?? {});
      const sum = Object.values(values).reduce((a, b) => a + b, 0);
      return {
        losses: { ...values, total: sum },
        diagnostics: scalars(results['diagnostic'] ?? {}),
        gradients: (results['gradient'] ?? {}) as Record<string, Float32Array>,
        states: (results['next'] ?? {}) as Record<string, Float32Array>,
      };
    },
    explain: (parameters, feeds) =>
      firstNonFinite(
        {
          forward: [...Object.values(losses), ...Object.values(diagnostics)],
          gradients: grads.filter((gradient) => gradient !== undefined),
        },
        { ...parameters, ...feeds },
        { compile, ...options },
      ),
    dispose: () => program.dispose(),
  };
}

export interface Prediction {
  /** `[N]` or logits `[N, classes]`. */
  readonly prediction: Float32Array;
  readonly representations: Readonly<Record<string, Float32Array>>;
}

export interface PredictionProgram {
  run(parameters: State, feeds: State): Promise<Prediction>;
  dispose(): Promise<void>;
}

/** The forward pass alone, for any batch size; named representations `[N, width]` only where asked for. */
export async function compilePrediction(
  network: Network,
  spec: InputSpec,
  { compile, representations: named = false, ...options }: ProgramOptions & { readonly representations?: boolean },
): Promise<PredictionProgram> {
  const { prediction, representations } = network.build(
    new Scope(),
    placeholders(spec, openBatch.size, { labels: false }),
  );
  const program: Program = await compile(
    { prediction, ...(named && prefixed('representation', representations)) },
    { ...options, batch: openBatch },
  );
  return {
    async run(parameters, feeds) {
      const { prediction: values, ...rest } = await program.run({ ...parameters, ...feeds });
      return {
        prediction: values as Float32Array,
        representations: (split(rest)['representation'] ?? {}) as Record<string, Float32Array>,
      };
    },
    dispose: () => program.dispose(),
  };
}

const prefixed = (prefix: string, tensors: Readonly<Record<string, Tensor>>): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`${prefix} ${name}`, tensor]));

/** Results named "prefix name" by prefix, then name. */
function split(results: Readonly<Record<string, Values>>): Record<string, Record<string, Values>> {
  const groups: Record<string, Record<string, Values>> = {};
  for (const [key, value] of Object.entries(results)) {
    const space = key.indexOf(' ');
    (groups[key.slice(0, space)] ??= {})[key.slice(space + 1)] = value;
  }
  return groups;
}

const scalars = (values: Readonly<Record<string, Values>>): Record<string, number> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value[0])]));
