import { Scope } from '../nn/index.ts';
import type { ProgramOptions } from './compile-training.ts';
import type { Feeds } from './feeds.ts';
import { placeholders, type InputSpec, type Network } from './network.ts';
import { openBatch } from './open-batch.ts';
import { byKind, named } from './output-names.ts';
import type { StateDict } from './state-dict.ts';

export interface Prediction {
  /** `[N]` or logits `[N, classes]`. */
  readonly prediction: Float32Array;
  /** `[N, width]` each, by name. */
  readonly representations: Readonly<Record<string, Float32Array>>;
}

export interface PredictionProgram {
  run(parameters: StateDict, feeds: Feeds): Promise<Prediction>;
  dispose(): Promise<void>;
}

/** The forward pass alone, for any batch size; named representations `[N, width]` only where asked for. */
export async function compilePrediction(
  network: Network,
  spec: InputSpec,
  { compile, representations: asked = false, ...options }: ProgramOptions & { readonly representations?: boolean },
): Promise<PredictionProgram> {
  const { prediction, representations } = network.build(
    new Scope(),
    placeholders(spec, openBatch.size, { labels: false }),
  );
  const program = await compile(
    { prediction, ...(asked && named('representation', representations)) },
    { ...options, batch: openBatch },
  );
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
