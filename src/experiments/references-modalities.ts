/** References that keep modalities apart: the best one alone, and an average of the predictions that each makes by itself. */

import type { Samples, Task } from '../data/dataset.ts';
import { labelsOf, loss, ridge, type Reference } from './references.ts';

interface Expert {
  readonly modality: string;
  readonly reference: Reference;
  /** The scores that it predicts for the validation split. */
  readonly scores: Float32Array;
}

/** Ridge regression on the one modality that predicts validation best by itself. */
export function bestModality(train: Samples, valid: Samples, task: Task): Reference {
  const truth = labelsOf(valid, 'validation');
  const ranked = experts(train, valid, task).map((expert) => ({ ...expert, loss: loss(expert.scores, truth, task) }));
  const best = ranked.reduce((a, b) => (b.loss < a.loss ? b : a));
  return {
    name: 'best single modality',
    describe: `ridge on ${best.modality} alone, the best of ${ranked.map(({ modality }) => modality).join(', ')} on validation`,
    parameters: best.reference.parameters,
    predict: (samples) => best.reference.predict(only(samples, best.modality)),
  };
}

/**
 * A weighted average of a ridge regression per modality. Weights are at least 0 and sum to 1: the best on validation of an
 * even grid, which holds each modality alone.
 */
export function lateFusion(train: Samples, valid: Samples, task: Task): Reference {
  const truth = labelsOf(valid, 'validation');
  const all = experts(train, valid, task);
  const scores = all.map((expert) => expert.scores);
  const candidates = shareGrid(all.length).map((shares) => ({
    shares,
    loss: loss(weighted(scores, shares), truth, task),
  }));
  const { shares } = candidates.reduce((a, b) => (b.loss < a.loss ? b : a));
  const named = all.map(({ modality }, m) => `${modality} ${shares[m]!.toFixed(2)}`);
  return {
    name: 'late fusion',
    describe: `average of a ridge per modality: ${named.join(', ')} by validation`,
    parameters: all.reduce((sum, { reference }) => sum + reference.parameters + 1, 0),
    predict: (samples) =>
      weighted(
        all.map(({ modality, reference }) => reference.predict(only(samples, modality))),
        shares,
      ),
  };
}

function experts(train: Samples, valid: Samples, task: Task): Expert[] {
  return Object.keys(train.features).map((modality) => {
    const held = only(valid, modality);
    const reference = ridge(only(train, modality), held, task);
    return { modality, reference, scores: reference.predict(held) };
  });
}

/** The samples with one of their modalities alone. */
export function only(samples: Samples, modality: string): Samples {
  const { [modality]: features } = samples.features;
  const { [modality]: lengths } = samples.lengths;
  return {
    ...samples,
    features: features ? { [modality]: features } : {},
    lengths: lengths ? { [modality]: lengths } : {},
  };
}

function weighted(scores: readonly Float32Array[], shares: readonly number[]): Float32Array {
  return Float32Array.from(scores[0]!, (_, i) => scores.reduce((sum, each, m) => sum + shares[m]! * each[i]!, 0));
}

/** The grid of weights has at most so many points. */
const gridLimit = 1500;

/** Every way to share 1 among `count` in equal steps, of twentieths where that is not too many. */
export function shareGrid(count: number): readonly (readonly number[])[] {
  let steps = 20;
  while (steps > 1 && combinations(steps + count - 1, count - 1) > gridLimit) steps--;
  const split = (left: number, parts: number): number[][] =>
    parts === 1
      ? [[left]]
      : Array.from({ length: left + 1 }, (_, taken) =>
          split(left - taken, parts - 1).map((rest) => [taken, ...rest]),
        ).flat();
  return split(steps, count).map((whole) => whole.map((part) => part / steps));
}

const combinations = (n: number, k: number): number => (k === 0 ? 1 : (combinations(n - 1, k - 1) * n) / k);
