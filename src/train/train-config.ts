import * as z from 'zod';

export const trainConfig = z.strictObject({
  epochs: z
    .int()
    .positive()
    .default(30)
    .describe('passes over the training split at most; those of pretraining come besides'),
  batchSize: z.int().positive().default(32).describe('samples per step'),
  accumulate: z
    .int()
    .positive()
    .default(1)
    .describe('batches whose gradients are averaged for one step: larger steps in the same memory'),
  parallel: z
    .enum(['batch', 'local'])
    .optional()
    .describe(
      'what losses of the whole batch see of one that is divided: all of it, or the part of a rank or accumulated batch; default: batch over ranks, local for accumulated batches',
    ),
  parts: z
    .int()
    .positive()
    .optional()
    .describe(
      'parts that each batch is computed in, one after another or on as many ranks: the same number has the same bits on any number of ranks; default: the number of ranks',
    ),
  lastBatch: z
    .enum(['fill', 'short', 'drop'])
    .default('fill')
    .describe("the epoch's remainder: filled up with samples from its beginning, a short batch, or left out"),
  learningRate: z.number().positive().default(2e-3).describe('at its peak'),
  weightDecay: z.number().nonnegative().default(1e-2).describe('how far each step draws weights to 0; 0: not at all'),
  decay: z.enum(['decoupled', 'l2']).default('decoupled').describe('AdamW, or decay inside the gradient as in Adam'),
  clip: z.number().positive().nullable().default(1).describe('largest norm of all gradients together; null: none'),
  schedule: z
    .strictObject({
      kind: z.enum(['cosine', 'plateau', 'constant']).default('cosine').describe('after the warm-up'),
      warmup: z.number().nonnegative().default(1).describe('epochs of linear rise from 0'),
      minimum: z.number().nonnegative().default(0).describe('learning rate that cosine and plateau do not go below'),
      factor: z.number().positive().lt(1).default(0.1).describe('plateau: what the rate is multiplied by'),
      patience: z.int().nonnegative().default(5).describe('plateau: epochs without a better validation metric'),
    })
    .prefault({}),
  average: z
    .number()
    .min(0)
    .lt(1)
    .default(0.98)
    .describe('decay per step of the moving average of weights that is evaluated and kept; 0: the weights themselves'),
  patience: z
    .int()
    .positive()
    .nullable()
    .default(8)
    .describe('epochs without a better validation metric before stopping'),
  selection: z.string().optional().describe('validation metric that picks the epoch; default mae or waf1'),
  classWeights: z.enum(['none', 'balanced']).default('none').describe('of cross-entropy: by inverse class size'),
  modalityDropout: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe('chance that a sample misses a modality in a step, so that the model learns to do without; one is left'),
  onNonfinite: z
    .enum(['stop', 'skip', 'lower-lr'])
    .default('stop')
    .describe(
      'where the loss or gradient of a step is not finite: end with where it arose, leave it out, or do so and halve the learning rate',
    ),
  threads: z.int().positive().optional().describe('threads of the runtime; default: the number of cores'),
  device: z
    .string()
    .default('cpu')
    .describe('what the model runs on: cpu, webgpu, or cuda once it is installed (docs/devices.md)'),
});

export type TrainConfig = z.output<typeof trainConfig>;
