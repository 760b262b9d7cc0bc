import { Scope } from '../../nn/index.ts';
import type { ProgramOptions } from './compile-training.ts';
import type { Feeds } from './feeds.ts';
import { placeholders, type InputSpec, type Network } from '../network.ts';
import { openBatch, withOpenBatch } from '../open-batch/open-batch.ts';
import { byKind, named } from './output-names.ts';
import type { StateDict } from '../state-dict.ts';

export interface Prediction {
  /** Values `[N]`, or logits `[N, classes]`. */
  readonly prediction: Float32Array;
  /** `[N, width]` each, by name. */
  readonly representations: Readonly<Record<string, Float32Array>>;
}

export interface PredictionProgram {
  run(parameters: StateDict, feeds: Feeds): Promise<Prediction>;
  dispose(): Promise<void>;
}

/** The name of a network's predictions in error messages. */
export const predictionOf = ({ name }: Network): string => `The prediction of "${name}"`;

/**
 * Compiles the forward pass alone, for any batch size; named representations `[N, width]` only where asked for. Throws
 * a RangeError where the network uses the size of the batch as a number (`withOpenBatch`).
 */
export async function compilePrediction(
  network: Network,
  spec: InputSpec,
  { compile, representations: asked = false, ...options }: ProgramOptions & { readonly representations?: boolean },
): Promise<PredictionProgram> {
  const outputs = withOpenBatch(predictionOf(network), (batch) => {
    const { prediction, representations } = network.build(new Scope(), placeholders(spec, batch, { labels: false }));
    return { prediction, ...(asked && named('representation', representations)) };
  });
  const program = await compile(outputs, { ...options, batch: openBatch });
  return {
    async run(parameters, feeds) {
      const { prediction: values, ...rest } = await program.run({ ...parameters, ...feeds });
      return {
        prediction: values as Float32Array,
        representations: (byKind(rest)['representation'] ?? {}) as Record<string, Float32Array>,
      };
    },
    dispose: () => program.dispose(),
  };
}
