/** Where the neutral label is not 0, as where labels of sentiment are standardised, losses that ask for a sign ask about it. */
import { expect, test } from 'vitest';
import { relativeError } from '../runtime/testing.ts';
import { models, type Model } from './index.ts';
import { compileBatch, type BatchOutcome, type OneBatch } from './one-batch/testing.ts';
import { valuesFor } from './testing.ts';

const batch: OneBatch = {
  modalities: ['text', 'audio'].map((name) => ({ name, time: 3, width: 2 })),
  labels: [2.4, -1.2, 0.3, 2.1, -0.8, 0],
};
const small = { width: 4, heads: 2, layers: 1 };

test.each<[Model, object, readonly string[]]>([
  [models.decalign, { ...small, mixture: { prototypes: 2 }, task: { sign: 1 }, without: ['contrastive'] }, ['head']],
  [
    models.cggm,
    { ...small, layers: 3, classifierLayers: 1 },
    ['head.out', 'classifier.text.out', 'classifier.audio.out'],
  ],
  [models['self-mm'], { hidden: 3, encoded: 2, features: 4, fusion: 5 }, ['fusion.2', 'own.text.2', 'own.audio.2']],
])(
  '$name: labels, the neutral one and what it predicts moved alike leave its losses as they are',
  async (model, own, heads) => {
    const config: unknown = model.config.parse(own);
    /** The outcome of the third epoch, with labels and the biases of all heads moved by so much. */
    async function third(neutral: number, moved = neutral): Promise<BatchOutcome> {
      const given: OneBatch = {
        ...batch,
        labels: batch.labels.map((y) => y + moved),
        task: { kind: 'regression', ...(neutral !== 0 && { neutral }) },
        parameters: Object.fromEntries(
          heads.map((head) => [`${head}.bias`, valuesFor(`${head}.bias`, 1).map((x) => x + moved)]),
        ),
      };
      const program = await compileBatch((scope, inputs) => model.build(scope, inputs, config), given);
      let states = {};
      // CGGM compares what modalities get right with the step before, in which labels were otherwise.
      const before = { ...given, labels: batch.labels.map((y) => moved - y) };
      for (const epoch of [1, 2]) states = (await program.run({ ...before, epoch, states })).next;
      const outcome = await program.run({ ...given, epoch: 3, states });
      await program.dispose();
      return outcome;
    }
    const usual = await third(0);
    const moved = await third(0.75);
    for (const [name, loss] of Object.entries(usual.losses))
      expect(relativeError([moved.losses[name]!], [loss]), name).toBeLessThan(1e-9);
    for (const [name, values] of Object.entries(usual.gradients))
      expect(relativeError(moved.gradients[name]!, values), name).toBeLessThan(1e-8);
    // Without it they do not: half of the labels would have changed their sign.
    expect((await third(0, 0.75)).losses).not.toEqual(usual.losses);
  },
);
