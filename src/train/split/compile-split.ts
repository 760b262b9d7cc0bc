/**
 * A step of a batch that no process sees as a whole, in three programs around a gather:
 *
 *   forward    of each part: z, what the losses of the whole batch read of its samples
 *   whole      of all z: those losses L and ∂L/∂z, the same on every rank
 *   backward   of each part: the forward pass once more, then the gradient of  Σ ⟨z, ∂L/∂z⟩ + n/N (losses of single samples)
 *
 * whose sum over the parts is the gradient of the undivided batch, by the chain rule.
 */
import { Scope } from '../../nn/index.ts';
import type { ModelOutput, WholeBatch } from '../../models/index.ts';
import { gradients, input, size, type Tensor } from '../../tensor/index.ts';
import { placeholders, type InputSpec, type Network, type TrainingContext } from '../network.ts';
import type { ProgramOptions } from '../programs/compile-training.ts';
import { initialStates, nextStates, trainedIn } from '../programs/declared.ts';
import { partialDropoutSpecs, type DropoutSpec } from '../programs/dropout-spec.ts';
import type { Feeds } from '../programs/feeds.ts';
import { arrays, byKind, named, scalars } from '../programs/output-names.ts';
import type { StateDict } from '../state-dict.ts';

export interface SplitOptions extends ProgramOptions {
  readonly training: TrainingContext;
}

type Numbers = Readonly<Record<string, number>>;
type Arrays = Readonly<Record<string, Float32Array>>;

/** The losses of the whole batch. */
export interface WholeProgram {
  /** Number of ONNX nodes. */
  readonly nodes: number;
  readonly scope: Scope;
  /** How many numbers of a sample are read, by name. */
  readonly reads: ReadonlyMap<string, number>;
  /** The names of its losses and diagnostics; the network's others are of single samples. */
  readonly own: { readonly losses: ReadonlySet<string>; readonly diagnostics: ReadonlySet<string> };
  /** What of the reads the losses have a gradient for. */
  readonly towards: readonly string[];
  /** The running states as they are before the first step. */
  readonly states: StateDict;
  run(
    parameters: StateDict,
    gathered: Arrays,
  ): Promise<{ losses: Numbers; diagnostics: Numbers; gradients: Arrays; towards: Arrays }>;
  dispose(): Promise<void>;
}

/** One part of a batch. */
export interface PartProgram {
  /** Number of ONNX nodes of both passes. */
  readonly nodes: number;
  readonly dropouts: readonly DropoutSpec[];
  forward(parameters: StateDict, feeds: Feeds): Promise<Arrays>;
  /** Losses and diagnostics of single samples, times the part's share n/N, and the gradient by all losses. */
  backward(
    parameters: StateDict,
    feeds: Feeds,
    towards: Arrays,
  ): Promise<{ losses: Numbers; diagnostics: Numbers; gradients: Arrays; states: Arrays }>;
  dispose(): Promise<void>;
}

interface Built extends ModelOutput {
  readonly scope: Scope;
}

function build(network: Network, spec: InputSpec, batch: number, training: TrainingContext): Built {
  const scope = new Scope({ training: true });
  return { scope, ...network.build(scope, placeholders(spec, batch, { labels: true, training })) };
}

/** Compiles the losses of a whole batch of `batch` samples; undefined for a network that names none. */
export async function compileWhole(
  network: Network,
  spec: InputSpec,
  batch: number,
  { compile, training, ...options }: SplitOptions,
): Promise<WholeProgram | undefined> {
  const { scope, wholeBatch } = build(network, spec, batch, training);
  if (!wholeBatch) return undefined;
  const fed = Object.entries(wholeBatch.reads).map(
    ([name, { shape }]) => [name, input(`read ${name}`, shape)] as const,
  );
  const own = wholeBatch.build(
    Object.fromEntries(fed.map(([name, x]) => [name, asRead(x, wholeBatch.reads[name]!.dtype)])),
  );
  const trained = trainedIn(scope);
  const total = Object.values(own.losses).reduce((sum, loss) => sum.add(loss));
  const found = gradients(total, [...fed.map(([, x]) => x), ...trained.map(([, x]) => x)]);
  const towards = present(
    fed.map(([name]) => name),
    found.slice(0, fed.length),
  );
  const ofParameters = present(
    trained.map(([name]) => name),
    found.slice(fed.length),
  );
  const program = await compile(
    {
      ...named('loss', own.losses),
      ...named('diagnostic', own.diagnostics),
      ...named('towards', towards),
      ...named('gradient', ofParameters),
    },
    { name: 'losses of the whole batch', ...options },
  );
  const read = fed.filter(([name]) => program.inputs.has(`read ${name}`));
  return {
    scope,
    nodes: program.nodes,
    reads: new Map(read.map(([name, { shape }]) => [name, size(shape) / batch])),
    own: { losses: new Set(Object.keys(own.losses)), diagnostics: new Set(Object.keys(own.diagnostics)) },
    towards: Object.keys(towards),
    states: initialStates(scope),
    async run(parameters, gathered) {
      const feeds = Object.fromEntries(read.map(([name]) => [`read ${name}`, gathered[name]!]));
      const results = byKind(await program.run({ ...parameters, ...feeds }));
      return {
        losses: scalars(results['loss']),
        diagnostics: scalars(results['diagnostic']),
        gradients: arrays(results['gradient']),
        towards: arrays(results['towards']),
      };
    },
    dispose: () => program.dispose(),
  };
}

/** Compiles the passes of `part` samples of a batch of `batch`, whose losses are those of `whole`. */
export async function compilePart(
  network: Network,
  spec: InputSpec,
  { part, batch, whole }: { readonly part: number; readonly batch: number; readonly whole: WholeProgram },
  { compile, training, ...options }: SplitOptions,
): Promise<PartProgram> {
  const { scope, losses, diagnostics, wholeBatch } = build(network, spec, part, training);
  const { reads } = wholeBatch as WholeBatch;
  const forward = await compile(
    Object.fromEntries([...whole.reads.keys()].map((name) => [name, asRead(reads[name]!, 'float32')])),
    { name: 'forward pass of a part', ...options },
  );
  const share = part / batch;
  const shared = (tensors: Readonly<Record<string, Tensor>>, apart: ReadonlySet<string>): Record<string, Tensor> =>
    Object.fromEntries(
      Object.entries(tensors).flatMap(([name, x]) => (apart.has(name) ? [] : [[name, x.mul(share)] as const])),
    );
  const local = shared(losses, whole.own.losses);
  const objective = [
    ...Object.values(local),
    ...whole.towards.map((name) => reads[name]!.mul(input(`towards ${name}`, reads[name]!.shape)).sum()),
  ].reduce((sum, each) => sum.add(each));
  const trained = trainedIn(scope);
  const found = present(
    trained.map(([name]) => name),
    gradients(
      objective,
      trained.map(([, x]) => x),
    ),
  );
  const backward = await compile(
    {
      ...named('loss', local),
      ...named('diagnostic', shared(diagnostics, whole.own.diagnostics)),
      ...named('gradient', found),
      ...named('next', nextStates(scope)),
    },
    { name: 'backward pass of a part', ...options },
  );
  const dropouts = partialDropoutSpecs(scope, whole.scope, part);
  return {
    nodes: forward.nodes + backward.nodes,
    dropouts: dropouts.filter(({ name }) => forward.inputs.has(name) || backward.inputs.has(name)),
    forward: async (parameters, feeds) => arrays(await forward.run({ ...parameters, ...feeds })),
    async backward(parameters, feeds, towards) {
      const given = Object.fromEntries(whole.towards.map((name) => [`towards ${name}`, towards[name]!]));
      const results = byKind(await backward.run({ ...parameters, ...feeds, ...given }));
      return {
        losses: scalars(results['loss']),
        diagnostics: scalars(results['diagnostic']),
        gradients: arrays(results['gradient']),
        states: arrays(results['next']),
      };
    },
    dispose: async () => {
      await Promise.all([forward.dispose(), backward.dispose()]);
    },
  };
}

/** What is gathered is of float32, which holds rows of a split exactly up to 2^24 samples. */
const asRead = (x: Tensor, dtype: Tensor['dtype']): Tensor => (x.dtype === dtype ? x : x.cast(dtype));

const present = (names: readonly string[], tensors: readonly (Tensor | undefined)[]): Record<string, Tensor> =>
  Object.fromEntries(names.flatMap((name, i) => (tensors[i] ? [[name, tensors[i]] as const] : [])));
