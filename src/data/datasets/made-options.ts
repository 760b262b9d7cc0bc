/** What may be asked of the datasets that are made: the keys of a configuration below `data`, of which the library's are like. */
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
});

/** Options of the datasets that are made, each used where that dataset is the source. */
export interface MadeOptions {
  readonly synthetic?: z.input<typeof syntheticKeys> | undefined;
}
