import { aobert } from './aobert.ts';
import { cenet } from './cenet.ts';
import { cggm } from './cggm.ts';
import { cubeMlp } from './cubemlp.ts';
import { decalign } from './decalign.ts';
import { dmd } from './dmd.ts';
import { fdmer } from './fdmer.ts';
import { mcis } from './mcis.ts';
import { mfm } from './mfm.ts';
import { misa } from './misa.ts';
import { mult } from './mult.ts';
import { mutaNet } from './muta-net.ts';
import { pmr } from './pmr.ts';
import { selfMm } from './self-mm.ts';

/** Every model, by the name that commands and configurations use: DecAlign, then in the order of the paper's tables. */
export const models = {
  decalign,
  mfm,
  mult,
  pmr,
  cubemlp: cubeMlp,
  'muta-net': mutaNet,
  misa,
  cenet,
  'self-mm': selfMm,
  fdmer,
  aobert,
  dmd,
  mcis,
  cggm,
} as const;
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
