/** Small runs that between them use every dataset form, every model and every switch at least once. */
import path from 'node:path';
import type { ConfigValues } from '../../src/config/index.ts';
import { ablations, models, termNames, type ModelName } from '../../src/models/index.ts';

type Train = NonNullable<ConfigValues['train']>;
type Model = NonNullable<ConfigValues['model']>;
type DecAlign = Extract<Model, { without?: unknown }>;

export interface Case {
  readonly name: string;
  /** `synthetic`, or a file or folder that `writeData` makes. */
  readonly data: string;
  readonly values: ConfigValues;
  /** Cross-validation: which of three folds is tested on. */
  readonly fold?: number;
}

/** 24 samples to train on, in batches that leave a rest. */
const train: Train = { epochs: 2, batchSize: 10, threads: 1 };
const tiny = { width: 8, heads: 2, layers: 1, mixture: { prototypes: 3, iterations: 2 } } as const;
/** Without the terms that take longest to compile. */
const plain = { ...tiny, without: ['heterogeneity', 'homogeneity'] } as const;

const on = (data: string, name: string, values: ConfigValues = {}): Case => ({
  name: `${data}: ${name}`,
  data,
  values: { model: tiny, ...values, train: { ...train, ...values.train } },
});

const datasets: readonly Case[] = [
  on('synthetic', 'regression', { train: { batchSize: 16 } }),
  on('synthetic', 'classification', { data: { task: 'classification' }, model: plain }),
  ...['mosi.pkl', 'sims.pkl', 'iemocap.pkl'].map((file) => on(file, 'as it is read')),
  on('mosei.pkl', 'as it is read', { model: plain }),
  on('mosi.pkl', 'classes', { data: { task: 'classification' }, model: plain }),
  on('iemocap.pkl', 'the protocol of published counts', { data: { protocol: 'paper_count' }, model: plain }),
  on('mosi.npz', 'of arrays', { model: plain }),
  on('packed', 'packed', { model: plain }),
  on('visits/dataset.yaml', 'of its own, split by shares', { model: plain }),
  { ...on('mosi.pkl', 'the second fold', { model: plain }), fold: 1 },
  on('mosi.pkl', 'two modalities, not standardised', {
    data: { modalities: ['audio', 'text'], standardise: 'none' },
    model: plain,
  }),
  on('mosi.pkl', 'clipped', {
    data: { standardise: ['audio', 'vision'], clipPercentiles: [1, 99] },
    model: plain,
  }),
];

const bert = { path: 'test/fixtures/bert/bert', maxLength: 8 };
const encoders: readonly Case[] = (
  [
    ['fine-tuned', { freeze: 0 }],
    ['frozen in part', { freeze: 1 }],
    ['frozen', { freeze: 'all' }],
    ['of sentences', { freeze: 1, from: 'raw_text' }],
  ] as const
).map(([name, more]) =>
  on('words.pkl', name, { data: { text: 'tokens' }, model: plain, text: { bert: { ...bert, ...more } } }),
);

/** Those that take long to compile with their defaults. */
const smaller: Partial<Record<ModelName, Model>> = {
  aobert: { name: 'aobert', pretraining: { epochs: 1 } },
  cggm: { name: 'cggm', layers: 3, classifierLayers: 1 },
  cubemlp: { name: 'cubemlp', width: 16, recurrentLayers: 1, blocks: [{ steps: 4, channels: 8 }] },
  dmd: { name: 'dmd', layers: 1, selfLayers: 1 },
  mcis: { name: 'mcis', layers: 1 },
  misa: { name: 'misa', recurrent: 4, feedForward: 64 },
  mult: { name: 'mult', layers: 1, selfLayers: 1 },
  'muta-net': { name: 'muta-net', intraLayers: 1, interLayers: 1 },
};
/** Whose losses do more with classes than cross-entropy does. */
const ofClasses: readonly ModelName[] = ['pmr', 'muta-net', 'self-mm', 'dmd'];
const everyModel: readonly Case[] = (Object.keys(models) as ModelName[])
  .filter((name) => name !== 'decalign')
  .flatMap((name) => {
    // As if it were one of the names: a union of one more than there are today is too long for the compiler.
    const model: Model = smaller[name] ?? { name: name as 'mfm' };
    const files = ofClasses.includes(name) ? ['mosi.pkl', 'iemocap.pkl'] : ['mosi.pkl'];
    return files.map((file) => on(file, name, { model }));
  });

const decalign = (name: string, model: DecAlign, data = 'pair.pkl'): Case =>
  on(data, name, { model: { ...tiny, ...model, mixture: { ...tiny.mixture, ...model.mixture } } });
const switches: readonly Case[] = [
  ...ablations.map((term) => decalign(`without ${term}`, { without: [term] })),
  on('pair.pkl', 'recipe authors', {
    recipe: 'authors',
    model: { ...tiny, transport: { sweeps: 10 }, dropout: { input: 0.1, output: 0.1 } },
  }),
  decalign('without the decoupling', { decouple: false }),
  decalign('post-norm, positions, a kernel', { norm: 'post', positions: true, kernel: 3 }),
  decalign('kernels that shorten, unequal', { kernel: { text: 1, audio: 3 }, padding: 'valid' }),
  decalign('equal widths unprojected', { width: 5, heads: 1, skipEqualProjection: true }),
  decalign('causal', { causal: true, without: ['cross-modal-attention'] }),
  decalign('masked in pooling', { masking: 'pooling' }),
  decalign('not masked', { masking: 'none' }),
  decalign('several layers, every dropout', {
    layers: 2,
    dropout: {
      input: { text: 0.3, other: 0.1 },
      embedding: 0.2,
      attention: 0.2,
      relu: 0.2,
      residual: 0.2,
      output: 0.2,
    },
  }),
  decalign('spaced samples, all of EM', { mixture: { initialization: 'spaced-samples', gradient: 'all' } }),
  decalign('full covariances', { mixture: { covariance: 'full', shrinkage: 0.3 } }),
  decalign('prototypes by modality', { mixture: { prototypes: { text: 2, audio: 4 }, varianceFloor: 1e-2 } }),
  decalign('plan, attraction by index', {
    transport: { solver: 'plan', cost: 'mean' },
    attraction: { matching: 'index', pairs: 'mean', mahalanobis: true },
  }),
  decalign('moments of means, a latent width, one bandwidth, smooth L1 and sign', {
    moments: { form: 'means' },
    latent: { width: 3 },
    mmd: { bandwidth: 1, estimator: 'unbiased' },
    task: { loss: 'smooth-l1', beta: 0.5, sign: 0.3 },
  }),
  decalign('several bandwidths, L1, contrast', {
    mmd: { bandwidth: [0.5, 2] },
    task: { loss: 'l1' },
    contrastive: { temperature: 0.5 },
  }),
  decalign('squared cosines, other weights', {
    decoupling: { form: 'squared' },
    weights: { ...Object.fromEntries(termNames.map((name) => [name, 0.2])), decoupling: 0.5, contrastive: 0 },
  }),
  decalign('unrolled', { transport: { solver: 'unrolled', sweeps: 5 } }),
  decalign('fixed sweeps', { transport: { solver: 'fixed-sweeps', sweeps: 5, rootFloor: 1e-8 } }),
  decalign('absolute λ', { transport: { lambda: 0.5, lambdaScale: 'absolute', tolerance: 1e-5 } }),
  decalign('parts apart, hidden encoders, crossed reconstruction, pretraining', {
    ...{
      uniqueWidth: 3,
      commonWidth: 2,
      encoder: 'hidden',
      uniqueGradient: false,
      pretraining: { steps: 5, epochs: 1 },
    },
    ...{ independence: { ridge: 1e-2 }, pairing: { temperature: 0.5 }, reconstruction: { crossed: true } },
    ...{ lifted: 'both', head: 'hidden', commonOfAbsent: 'others' },
    weights: { decoupling: 0, independence: 0.06, pairing: 0.3, reconstruction: 0.1 },
  }),
  decalign('weighted classes', { task: { classWeights: [1, 2, 1, 2, 1, 2] } }, 'iemocap.pkl'),
];

const training = (name: string, more: Train, data = 'pair.pkl'): Case =>
  on(data, name, { model: plain, train: { epochs: 3, ...more } });
const trainings: readonly Case[] = [
  training('Adam, decay in the gradient, plateau', {
    ...{ decay: 'l2', weightDecay: 0.1, learningRate: 0.05 },
    schedule: { kind: 'plateau', patience: 0, factor: 0.5, minimum: 1e-5 },
  }),
  training('no decay, no clipping, no average, a constant rate', {
    ...{ weightDecay: 0, clip: null, average: 0 },
    schedule: { kind: 'constant', warmup: 1.5 },
  }),
  training('clipped hard, a short average, cosine to a minimum', {
    ...{ clip: 1e-3, average: 0.5 },
    schedule: { kind: 'cosine', warmup: 0, minimum: 1e-4 },
  }),
  training('batches that leave out the rest', { lastBatch: 'drop' }),
  training('a short last batch', { lastBatch: 'short' }),
  training('batches that are accumulated', { accumulate: 2, batchSize: 5 }),
  training('one sample at a time', { batchSize: 1, epochs: 1 }),
  training('larger batches than samples', { batchSize: 100 }),
  training('modality dropout', { modalityDropout: 0.4 }),
  training('balanced classes, another selection', { classWeights: 'balanced', selection: 'uacc' }, 'iemocap.pkl'),
  training('stopped early', { epochs: 12, patience: 1, learningRate: 0.3 }),
  training('steps left out', { onNonfinite: 'skip', epochs: 2 }, 'infinite.pkl'),
  training('steps left out, the rate lowered', { onNonfinite: 'lower-lr', epochs: 2 }, 'infinite.pkl'),
  on('sims.pkl', 'labels of modalities', { model: { name: 'self-mm', labels: 'annotated' } }),
  // Wide enough for the runtime to share a product among its threads.
  on('mosi.pkl', '2 threads, MISA', { model: { name: 'misa', recurrent: 4 }, train: { threads: 2, epochs: 1 } }),
  on('mosi.pkl', '2 threads, DecAlign', { model: { ...tiny, width: 64, heads: 8 }, train: { threads: 2 } }),
];

export const cases: readonly Case[] = [...datasets, ...encoders, ...everyModel, ...switches, ...trainings];

/** Where the run of a case is below a folder. */
export const directoryOf = (folder: string, index: number): string => path.join(folder, String(index));
