import { Scope } from '../../nn/index.ts';
import type { Compile, RuntimeOptions } from '../../runtime/compile.ts';
import { gradients, type Tensor } from '../../tensor/index.ts';
import { firstNonFinite } from '../diverged/first-non-finite.ts';
import { initialStates, nextStates, trainedIn } from './declared.ts';
import { dropoutSpecs, type DropoutSpec } from './dropout-spec.ts';
import type { Feeds } from './feeds.ts';
import { placeholders, type InputSpec, type Network, type TrainingContext } from '../network.ts';
import { arrays, byKind, named, scalars } from './output-names.ts';
import type { StateDict } from '../state-dict.ts';

export interface ProgramOptions extends RuntimeOptions {
  /** What runs the graphs: `compile` of Node, or that of a browser's runtime (`openRuntime`). */
  readonly compile: Compile;
}

/** The numbers that running one batch gives. */
export interface BatchResult {
  /** Weighted losses by name, then their sum as `total`. */
  readonly losses: Readonly<Record<string, number>>;
  readonly diagnostics: Readonly<Record<string, number>>;
  readonly gradients: Record<string, Float32Array>;
  /** The running states after the step. */
  readonly states: Record<string, Float32Array>;
}

export interface TrainingProgram {
  readonly batch: number;
  readonly dropouts: readonly DropoutSpec[];
  /** The running states as they are before the first step. */
  readonly states: StateDict;
  /** Number of ONNX nodes. */
  readonly nodes: number;
  /** `feeds` are the inputs that are no parameters: batch, running states and dropout masks. */
  run(parameters: StateDict, feeds: Feeds): Promise<BatchResult>;
  /** Where the numbers of a batch first cease to be finite, if it can be told; undefined where they do not. */
  explain(parameters: StateDict, feeds: Feeds): Promise<string | undefined>;
  dispose(): Promise<void>;
}

/** The graph of a step: all that it computes, by the names of outputs, and what else is known of it. */
interface TrainingGraph {
  readonly scope: Scope;
  readonly losses: Readonly<Record<string, Tensor>>;
  readonly diagnostics: Readonly<Record<string, Tensor>>;
  /** The parameters that are trained, each with its gradient; undefined where the losses do not depend on it. */
  readonly trained: readonly { readonly name: string; readonly gradient: Tensor | undefined }[];
  readonly outputs: Readonly<Record<string, Tensor>>;
}

/** Builds forward pass, losses and the gradients of their sum. */
export function trainingGraph(
  network: Network,
  spec: InputSpec,
  batch: number,
  training: TrainingContext,
): TrainingGraph {
  const scope = new Scope({ training: true });
  const { losses, diagnostics } = network.build(scope, placeholders(spec, batch, { labels: true, training }));
  const total = Object.values(losses).reduce((sum, loss) => sum.add(loss));
  const found = trainedIn(scope);
  const grads = gradients(
    total,
    found.map(([, value]) => value),
  );
  const trained = found.map(([name], i) => ({ name, gradient: grads[i] }));
  const outputs = {
    ...named('loss', losses),
    ...named('diagnostic', diagnostics),
    ...Object.fromEntries(
      trained.flatMap(({ name, gradient }) => (gradient ? [[`gradient ${name}`, gradient] as const] : [])),
    ),
    ...named('next', nextStates(scope)),
  };
  return { scope, losses, diagnostics, trained, outputs };
}

/** Compiles the graph of a step for one batch size and, if there are any, one stage. */
export async function compileTraining(
  network: Network,
  spec: InputSpec,
  batch: number,
  { compile, training = { samples: batch }, ...options }: ProgramOptions & { readonly training?: TrainingContext },
): Promise<TrainingProgram> {
  const graph = trainingGraph(network, spec, batch, training);
  const { scope, losses, diagnostics } = graph;
  const program = await compile(graph.outputs, options);
  return {
    batch,
    dropouts: dropoutSpecs(scope).filter(({ name }) => program.inputs.has(name)),
    states: initialStates(scope),
    nodes: program.nodes,
    async run(parameters, feeds) {
      const results = byKind(await program.run({ ...parameters, ...feeds }));
      const values = scalars(results['loss']);
      const sum = Object.values(values).reduce((a, b) => a + b, 0);
      return {
        losses: { ...values, total: sum },
        diagnostics: scalars(results['diagnostic']),
        gradients: arrays(results['gradient']),
        states: arrays(results['next']),
      };
    },
    explain: (parameters, feeds) =>
      firstNonFinite(
        {
          forward: [...Object.values(losses), ...Object.values(diagnostics)],
          gradients: graph.trained.flatMap(({ gradient }) => gradient ?? []),
        },
        { ...parameters, ...feeds },
        { compile, ...options },
      ),
    dispose: () => program.dispose(),
  };
}
