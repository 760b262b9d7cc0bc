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
import type { Model } from './model.ts';
import { mult } from './mult.ts';
import { mutaNet } from './muta-net.ts';
import { pmr } from './pmr.ts';
import { selfMm } from './self-mm.ts';

/**
 * Every model, by the name that commands and configurations use: DecAlign, then in the order of the paper's tables. All
 * lists of models are made from this one (`test/model-docs.test.ts` compares those in README.md and docs/).
 */
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

/** The model that a name stands for: one's own where that is called so, else one of the table; undefined for no model. */
export const modelNamed = (name: string, own?: Model): Model | undefined =>
  own?.name === name ? own : new Map<string, Model>(Object.entries(models)).get(name);

/** A model's title in tables. */
export const titleOf = (name: string, own?: Model): string => modelNamed(name, own)?.title ?? name;

/** Notes on a model, which stand below tables that have it. */
export const notesOf = (name: string, own?: Model): readonly string[] => modelNamed(name, own)?.notes ?? [];

/** A model's place in tables, from 0: the paper's order, whose last is DecAlign; any that is not there comes just before. */
export function placeOf(name: string): number {
  const order = Object.keys(models).filter((each) => each !== decalign.name);
  if (name === decalign.name) return order.length + 1;
  return order.includes(name) ? order.indexOf(name) : order.length;
}

export { decalign, buildDecAlign, type DecAlignGraph } from './decalign.ts';
export type { DecAlignConfig } from './decalign/config.ts';
export { ablations, shortNames, termLeftOutAndWeighed, termNames, terms } from './decalign/terms.ts';
export {
  defineModel,
  type Model,
  type ModelInputs,
  type ModelOutput,
  type LabelClasses,
  type ModelTask,
  type RegressionTask,
  type ModelWarning,
  type ModelWarnings,
  type PartNames,
  type PlanPrototypes,
  type TransportPlan,
  type Progress,
  type Recipe,
  type Stage,
  type WholeBatch,
} from './model.ts';
export { outputsOf } from './task.ts';
