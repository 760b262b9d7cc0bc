import { decalign } from './decalign.ts';

/** Every model, by the name that commands and configurations use. */
export const models = { decalign } as const;
export type ModelName = keyof typeof models;

export { decalign, buildDecAlign, type DecAlignGraph } from './decalign.ts';
export { ablations, type DecAlignConfig } from './decalign-config.ts';
export {
  defineModel,
  type Model,
  type ModelInputs,
  type ModelOutput,
  type ModelTask,
  type Recipe,
  type Stage,
} from './model.ts';
