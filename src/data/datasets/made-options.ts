/** What a configuration may ask of the datasets that are made; the functions that make them have the same options. */
import * as z from 'zod';

/** The keys below `data.synthetic`; `synthetic()` says what each does. */
export const syntheticKeys = z.strictObject({
  seed: z.int().nonnegative().default(0).describe('of everything that is drawn'),
  samples: z.int().positive().default(1200).describe('samples to train on, beside 240 to validate and 360 to test'),
  modalities: z.int().min(2).default(3).describe('text, audio, vision, modality4 and so on'),
  noise: z
    .number()
    .nonnegative()
    .default(0.5)
    .describe('its deviation on every feature of every time step, where each factor has a deviation of 1'),
  mixing: z
    .enum(['linear', 'nonlinear'])
    .default('linear')
    .describe('of factors into features; nonlinear: a sine of the sum, of which a linear reader finds much less'),
  correlation: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe('between common factors and the unique ones of each modality'),
  labels: z.enum(['both', 'common', 'unique']).default('both').describe('which factors the labels are of'),
  empty: z.string().optional().describe('a modality that carries nothing but noise; default: none'),
});

/** The keys below `data.digits`; `digits()` says what each does. */
export const digitsKeys = z.strictObject({
  seed: z.int().nonnegative().default(0).describe('of everything that is drawn'),
  samples: z.int().positive().default(4000).describe('samples to train on, beside 1000 to validate and 1000 to test'),
  views: z.int().min(2).max(3).default(2).describe('images of each sample: first, second, third'),
  noise: z
    .number()
    .nonnegative()
    .default(0.25)
    .describe('its deviation on every pixel of all views but the first, where ink is 1 and paper is 0'),
});
