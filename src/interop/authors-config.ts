/** Reads the authors' JSON configurations as ours. Every key is honoured, known to have no effect here, or refused. */
import * as z from 'zod';
import { nearest } from '../text/nearest.ts';
import { authorsForm } from '../models/decalign/config.ts';
import { decalign, type DecAlignConfig, type ModelTask } from '../models/index.ts';

/** The letters by which the authors' code names modalities, in the order of that code, and our names. */
export const authorsModalities = [
  { letter: 'l', batch: 't', name: 'text' },
  { letter: 'a', batch: 'a', name: 'audio' },
  { letter: 'v', batch: 'v', name: 'vision' },
] as const;

const rate = z.number().min(0).lt(1);
const only = <T extends z.core.util.Literal>(value: T) => z.literal(value).optional();

/** The modalities in a list as the authors write it: names or letters, in an array or in one string. */
function modalitiesIn(given: string | readonly string[]): string[] {
  const names = typeof given === 'string' ? given.replace(/^\s*\[|\]\s*$/g, '').split(',') : given;
  return names.flatMap((text) => {
    const name = text.replace(/["'\s]/g, '').toLowerCase();
    const known = authorsModalities.find((m) => [m.letter, m.batch, m.name].includes(name as never));
    return known ? [known.name] : [];
  });
}

/** Keys that change the network, the losses or the optimiser. */
const honoured = {
  model_name: z.literal('decalign').optional(),
  train_mode: z.enum(['regression', 'classification']).default('regression'),
  dataset_name: z.string().optional(),
  num_classes: z.int().positive().optional(),
  class_weights: z.array(z.number().nonnegative()).nullish(),
  feature_dims: z.tuple([z.int().positive(), z.int().positive(), z.int().positive()]).optional(),
  dst_feature_dim_nheads: z.tuple([z.int().positive(), z.int().positive()]),
  nlevels: z.int().positive(),
  conv1d_kernel_size_l: z.int().positive(),
  conv1d_kernel_size_a: z.int().positive(),
  conv1d_kernel_size_v: z.int().positive(),
  num_prototypes: z.int().positive(),
  gmm_em_iters: z.int().positive().default(5),
  gmm_var_floor: z.number().positive().default(1e-4),
  lambda_ot: z.number().positive().default(0.1),
  ot_num_iters: z.int().positive().default(50),
  hetero_cost_reduction: z.enum(['mean', 'sum']).default('mean'),
  local_proto_mahalanobis: z.boolean().default(false),
  use_cross_modal_attention: z.boolean().default(true),
  use_sequence_mask: z.boolean().default(false),
  pde_dim: z.int().positive().optional(),
  mmd_bandwidth: z.number().positive().default(1),
  attn_dropout: rate,
  attn_dropout_a: rate,
  attn_dropout_v: rate,
  relu_dropout: rate,
  embed_dropout: rate,
  res_dropout: rate,
  output_dropout: rate,
  text_dropout: rate,
  attn_mask: z.boolean().default(true),
  task_loss: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['mse', 'mae', 'l1', 'smooth_l1', 'huber']))
    .default('mae'),
  smooth_l1_beta: z.number().nonnegative().default(1),
  binary_task_weight: z.number().nonnegative().default(0),
  dec_loss_weight: z.number().nonnegative().default(1),
  alpha: z.number().nonnegative().default(0.1),
  beta: z.number().nonnegative().default(0.1),
  ct_weight: z.number().nonnegative().default(0),
  ct_temperature: z.number().positive().default(0.1),
  weight_decay: z.number().nonnegative().default(0),
  clip: z.number().nonnegative().nullish(),
  batch_size: z.int().positive().default(32),
  learning_rate: z.number().positive().optional(),
  need_feature_standardized: z.boolean().default(false),
  feature_standardize_modalities: z.array(z.string()).default(['audio', 'vision']),
  feature_clip_percentiles: z.tuple([z.number(), z.number()]).default([0.5, 99.5]),
} as const;

/** Keys of which only some values are supported here; any other value is refused. */
const restricted = {
  use_bert: only(false),
  active_modalities: z
    .union([z.string(), z.array(z.string())])
    .refine((given) => new Set(modalitiesIn(given)).size === 3)
    .optional(),
  class_weight: only('none').nullable(),
} as const;

/** The value of each restricted key that is accepted, as errors name it. */
const restrictions: Readonly<Record<keyof typeof restricted, string>> = {
  use_bert: 'false (with text features in the place of token ids)',
  active_modalities: 'all of text, audio and vision',
  class_weight: '"none" (the weights themselves may be given as class_weights)',
};

/** Keys that are accepted and ignored: the schedule, files and BERT do not change what the network computes. */
const passive = [
  'use_finetune',
  'transformers',
  'pretrained',
  'need_data_aligned',
  'seq_lens',
  'iemocap_protocol',
  'num_epochs',
  'patience',
  'scheduler_patience',
  'early_stop_patience',
  'selection_metric',
  'selection_mode',
  'scheduler_metric',
  'scheduler_mode',
  'when',
  'factor',
  'bert_learning_rate',
  // The authors' programs write these keys, and none of their code that is supported here reads them.
  'alpha1',
  'alpha2',
  'class_counts',
  'cur_seed',
  'device',
  'featurePath',
  'feature_A',
  'feature_T',
  'feature_V',
  'is_distill',
  'language',
  'mode',
  'model_save_path',
  'train_samples',
] as const;

const schema = z.strictObject({
  ...honoured,
  ...restricted,
  ...Object.fromEntries(passive.map((key) => [key, z.unknown().optional()])),
});

/** A configuration of the authors, in our terms. */
export interface AuthorsConfig {
  readonly model: DecAlignConfig;
  readonly task: ModelTask;
  /** Features per time step of text, audio and vision; undefined where the configuration does not say. */
  readonly widths: readonly [number, number, number] | undefined;
  /** Whether audio and vision steps that are all zero count as padding. */
  readonly sequenceMask: boolean;
  readonly weightDecay: number;
  /** The norm that gradients are clipped to; undefined where they are not clipped. */
  readonly clip: number | undefined;
  readonly batchSize: number;
  /**
   * The modalities that are standardised by the training split, clipped to its percentiles first; undefined for none.
   */
  readonly standardise:
    { readonly modalities: readonly string[]; readonly clipPercentiles: readonly [number, number] } | undefined;
}

/** Reads a configuration of the authors. Throws an Error that names `file`, the key and what may stand there. */
export function readAuthorsConfig(json: unknown, file: string): AuthorsConfig {
  const known = Object.keys(schema.shape);
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new Error(`${file}: a configuration is one JSON object of keys and values.`);
  for (const key of Object.keys(json)) {
    if (known.includes(key)) continue;
    const near = nearest(key, known);
    throw new Error(
      `${file}: the key "${key}" is not one that is honoured here${near ? `; did you mean "${near}"?` : '.'}`,
    );
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const [key, ...rest] = issue!.path.map(String) as [string, ...string[]];
    if (!(key in json)) throw new Error(`${file}: the key "${key}" is missing.`);
    const given = JSON.stringify((json as Record<string, unknown>)[key]);
    const reason =
      key in restricted ? `only ${restrictions[key as keyof typeof restricted]} is supported here` : issue!.message;
    throw new Error(`${file}: "${[key, ...rest].join('.')}" is ${given}: ${reason}.`);
  }
  const c = parsed.data;
  const [width, heads] = c.dst_feature_dim_nheads;
  if (width % heads !== 0)
    throw new Error(`${file}: "dst_feature_dim_nheads": ${heads} heads do not divide a width of ${width}.`);
  const classification = c.train_mode === 'classification';
  if (classification && (c.num_classes ?? 0) < 2)
    throw new Error(`${file}: train_mode is "classification", so "num_classes" must be given, and at least 2.`);
  if (classification && c.class_weights && c.class_weights.length !== c.num_classes)
    throw new Error(`${file}: "class_weights" has ${c.class_weights.length} entries for ${c.num_classes} classes.`);
  const { mixture, transport, attraction, moments, mmd, decoupling, ...recipe } = authorsForm;
  const model = decalign.config.parse({
    ...recipe,
    moments,
    decoupling,
    masking: c.use_sequence_mask ? 'pooling' : 'none',
    width,
    heads,
    layers: c.nlevels,
    kernel: { text: c.conv1d_kernel_size_l, audio: c.conv1d_kernel_size_a, vision: c.conv1d_kernel_size_v },
    causal: c.attn_mask && !c.use_cross_modal_attention,
    dropout: {
      input: { text: c.text_dropout, audio: 0, vision: 0 },
      embedding: c.embed_dropout,
      attention: { text: c.attn_dropout, audio: c.attn_dropout_a, vision: c.attn_dropout_v },
      relu: c.relu_dropout,
      residual: c.res_dropout,
      output: c.output_dropout,
    },
    mixture: { ...mixture, prototypes: c.num_prototypes, iterations: c.gmm_em_iters, varianceFloor: c.gmm_var_floor },
    transport: { ...transport, lambda: c.lambda_ot, sweeps: c.ot_num_iters, cost: c.hetero_cost_reduction },
    attraction: { ...attraction, mahalanobis: c.local_proto_mahalanobis },
    latent: { width: c.pde_dim ?? width },
    mmd: { ...mmd, bandwidth: Math.sqrt(c.mmd_bandwidth) },
    contrastive: { temperature: c.ct_temperature },
    weights: { decoupling: c.dec_loss_weight, heterogeneity: c.alpha, homogeneity: c.beta, contrastive: c.ct_weight },
    without: c.use_cross_modal_attention ? [] : ['cross-modal-attention'],
    task: {
      // Smooth L1 with β = 0 has no quadratic part, and is L1.
      loss: c.smooth_l1_beta > 0 ? taskLoss(c.task_loss) : taskLoss(c.task_loss === 'mse' ? 'mse' : 'l1'),
      beta: c.smooth_l1_beta || 1,
      sign: c.binary_task_weight,
      ...(classification && c.class_weights && { classWeights: c.class_weights }),
    },
  });
  return {
    model,
    task: classification ? { kind: 'classification', classes: c.num_classes! } : { kind: 'regression' },
    widths: c.feature_dims,
    sequenceMask: c.use_sequence_mask,
    weightDecay: c.weight_decay,
    clip: c.clip ?? undefined,
    batchSize: c.batch_size,
    standardise: c.need_feature_standardized
      ? { modalities: c.feature_standardize_modalities, clipPercentiles: c.feature_clip_percentiles }
      : undefined,
  };
}

const taskLoss = (name: 'mse' | 'mae' | 'l1' | 'smooth_l1' | 'huber'): 'mse' | 'l1' | 'smooth-l1' =>
  name === 'mse' ? 'mse' : name === 'smooth_l1' || name === 'huber' ? 'smooth-l1' : 'l1';
