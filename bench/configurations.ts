/** What the cases train: the authors' sizes for two datasets under both recipes, and a small model of any size. */
import { resolveConfig, type ConfigValues } from '../src/config/index.ts';
import { decalign, type DecAlignConfig, type ModelTask } from '../src/models/index.ts';
import type { InputSpec, Network } from '../src/train/index.ts';
import type { TrainConfig } from '../src/train/train-config.ts';

export const recipes = ['paper', 'authors'] as const;
export type Recipe = (typeof recipes)[number] | 'decoupled';

/** Sizes of the small model; what is not given is small. */
export interface SmallSizes {
  readonly batch?: number;
  readonly time?: number;
  readonly prototypes?: number;
  readonly modalities?: number;
  readonly width?: number;
}

/** A configuration by name, as it is told to another process. */
export type Request =
  | { readonly name: 'step-mosi' | 'step-iemocap'; readonly recipe: Recipe }
  | { readonly name: 'small'; readonly recipe: Recipe; readonly sizes: SmallSizes };

/** A model with everything that training it needs but data. */
export interface Configuration {
  readonly model: DecAlignConfig;
  readonly network: Network;
  readonly spec: InputSpec;
  readonly train: TrainConfig;
}

/** The configuration of that name. */
export function configuration(request: Request): Configuration {
  if (request.name === 'small') return small(request.recipe, request.sizes);
  return request.name === 'step-mosi' ? mosi(request.recipe) : iemocap(request.recipe);
}

const byModality = (text: number, audio: number, vision: number) => ({ text, audio, vision });

/** The authors' model for CMU-MOSI (their config/dec_mosi_config.json), with a recipe's losses and optimiser. */
const mosi = (recipe: Recipe): Configuration =>
  made(recipe, {
    sequences: { text: [50, 768], audio: [50, 5], vision: [50, 20] },
    task: { kind: 'regression' },
    values: {
      model: {
        width: 64,
        heads: 8,
        layers: 5,
        kernel: byModality(1, 1, 1),
        norm: 'post',
        dropout: {
          input: byModality(0, 0, 0),
          embedding: 0.1,
          attention: byModality(0.1, 0, 0),
          relu: 0.1,
          residual: 0.05,
          output: 0,
        },
        mixture: { prototypes: 7 },
        latent: { width: 64 },
        weights: { heterogeneity: 0.05, homogeneity: 0.07, contrastive: 0.003 },
      },
    },
  });

/** The authors' model for IEMOCAP (their config/iemocap_decalign_config.json), with a recipe's losses and optimiser. */
const iemocap = (recipe: Recipe): Configuration =>
  made(recipe, {
    sequences: { text: [1, 1024], audio: [1, 512], vision: [1, 1024] },
    task: { kind: 'classification', classes: 6 },
    values: {
      model: {
        width: 48,
        heads: 4,
        layers: 4,
        kernel: byModality(1, 1, 1),
        norm: 'post',
        dropout: {
          input: byModality(0.2, 0, 0),
          embedding: 0.2,
          attention: byModality(0.2, 0.2, 0.2),
          relu: 0.2,
          residual: 0.2,
          output: 0.2,
        },
        mixture: { prototypes: 6 },
        latent: { width: 48 },
        weights: { heterogeneity: 0.05, homogeneity: 0.05, contrastive: 0 },
      },
    },
  });

/** One layer, 4 heads and features as wide as the model. */
function small(recipe: Recipe, sizes: SmallSizes): Configuration {
  const { batch = 16, time = 20, prototypes = 4, modalities = 3, width = 32 } = sizes;
  const names = ['text', 'audio', 'vision', 'other'].slice(0, modalities);
  return made(recipe, {
    sequences: Object.fromEntries(names.map((name) => [name, [time, width] as const])),
    task: { kind: 'regression' },
    values: { model: { width, heads: 4, layers: 1, mixture: { prototypes } }, train: { batchSize: batch } },
  });
}

interface Sizes {
  /** Time steps and features per step, by modality. */
  readonly sequences: Readonly<Record<string, readonly [time: number, width: number]>>;
  readonly task: ModelTask;
  readonly values: ConfigValues;
}

function made(recipe: Recipe, { sequences, task, values }: Sizes): Configuration {
  const config = resolveConfig({ recipe, values });
  const features = Object.entries(sequences).map(([name, [time, width]]) => ({
    name,
    time,
    width,
    // The authors' configurations mask nothing (use_sequence_mask: false).
    masked: recipe !== 'authors' && time > 1,
  }));
  const { name, ...own } = config.model;
  // Steps of pretraining leave most of the model out: those that come after are timed.
  const model = decalign.config.parse({ ...own, ...(recipe === 'decoupled' && { pretraining: { steps: 0 } }) });
  const network: Network = { name, build: (scope, inputs) => decalign.build(scope, inputs, model) };
  return { model, network, spec: { features, task }, train: config.train };
}
