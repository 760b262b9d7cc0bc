/**
 * Random search (Bergstra and Bengio 2012): the same number of trials and the same space for every model, each axis a
 * factor on the model's own value, so that none is favoured by a range made for another.
 *
 *   learning rate   × 4^u        u uniform in −1..1
 *   weight decay    × 10^u
 *   dropout rates   × 1 + u      all of a model's alike, at most 0.8
 *
 * A value that a model has at 0 stays at 0. The first trial is the model as it is: tuning is never worse on validation.
 */
import type { RunConfig } from '../../config/index.ts';
import { random } from '../../data/random.ts';
import { isTree } from '../../json/tree.ts';

const highestDropout = 0.8;

/** `key=value` pairs of trial 0, 1, …; a pure function of the model, its configuration and the trial. */
export function trialSettings(id: string, { train, model }: RunConfig, trial: number): readonly string[] {
  if (trial === 0) return [];
  const source = random(0, 'tuning', id, trial);
  const between = (): number => 2 * source.uniform() - 1;
  const [rate, decay, dropout] = [4 ** between(), 10 ** between(), 1 + between()];
  const pair = (key: string, value: number): string => `${key}=${Number(value.toPrecision(4))}`;
  return [
    pair('train.learningRate', train.learningRate * rate),
    pair('train.weightDecay', train.weightDecay * decay),
    ...dropoutRates(model, 'model').map(({ key, value }) => pair(key, Math.min(highestDropout, value * dropout))),
  ];
}

/** Every number under a key that speaks of dropout. */
function dropoutRates(
  tree: object,
  prefix: string,
  inside = false,
): readonly { readonly key: string; readonly value: number }[] {
  return Object.entries(tree).flatMap(([name, value]: [string, unknown]) => {
    const [key, within] = [`${prefix}.${name}`, inside || /dropout/i.test(name)];
    if (typeof value === 'number') return within && value > 0 && value < 1 ? [{ key, value }] : [];
    return isTree(value) ? dropoutRates(value, key, within) : [];
  });
}
