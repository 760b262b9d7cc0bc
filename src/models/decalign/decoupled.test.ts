import { describe, expect, test } from 'vitest';
import { decalign } from '../decalign.ts';
import { termWarnings } from './terms.ts';
import { featuresOf, runBatch, settings, type Batch, type Modality } from '../testing.ts';
import type { Tree } from '../../json/tree.ts';

const modalities: Modality[] = [
  { name: 'text', time: 3, width: 6 },
  { name: 'audio', time: 4, width: 5, lengths: [4, 1, 2, 4, 3, 2, 1, 4] },
];
const batch = { modalities, labels: [2.4, -1.2, 0.3, 2.1, -0.8, 0, 1.1, -2] };
/** The recipe at a small size: weights of the paper's terms are 0, so that losses are few. */
const small = (own: Tree = {}) => {
  const weights = { decoupling: 0, heterogeneity: 0, homogeneity: 0, contrastive: 0, independence: 0.06, pairing: 0.3 };
  const { weights: more = {}, ...rest } = own;
  return settings('paper', { uniqueWidth: 2, commonWidth: 1, ...rest, weights: { ...weights, ...(more as Tree) } });
};
const isMoved = (gradient: readonly number[] = []): boolean => gradient.some((g) => Math.abs(g) > 1e-7);

test('unique and common features have widths of their own, and are lifted to that of the transformers', async () => {
  const { representations, shapes, losses } = await runBatch(small(), batch);
  expect(representations['unique.text']).toHaveLength(8 * 2);
  expect(representations['common.audio']).toHaveLength(8 * 1);
  expect(representations['fused']).toHaveLength(8 * 2 * (4 + 1));
  expect(shapes['lift.text.weight']).toEqual([4, 2, 1]);
  expect(Object.keys(losses)).toEqual(['task', 'independence', 'pairing']);
});

test('without them nothing is lifted', async () => {
  const { shapes } = await runBatch(settings('paper'), batch);
  expect(Object.keys(shapes).filter((name) => /lift|decoder|hidden/.test(name))).toEqual([]);
});

test('every encoder learns from the two terms alone', async () => {
  const { gradients } = await runBatch(small({ uniqueGradient: false }), batch);
  for (const name of ['unique.text.weight', 'unique.audio.weight', 'common.weight'])
    expect(isMoved(gradients[name]), name).toBe(true);
});

test('uniqueGradient=false keeps the gradient of the task from the unique encoders, and from nothing else', async () => {
  const alone = { weights: { independence: 0, pairing: 0 } };
  const [open, held] = [
    await runBatch(small(alone), batch),
    await runBatch(small({ ...alone, uniqueGradient: false }), batch),
  ];
  expect(held.losses).toEqual(open.losses);
  for (const [name, gradient] of Object.entries(open.gradients)) {
    const stopped = name.startsWith('unique.');
    expect(isMoved(held.gradients[name]), name).toBe(isMoved(gradient) && !stopped);
  }
});

test('encoders with a hidden layer are another function, of more parameters', async () => {
  const [linear, hidden] = [await runBatch(small(), batch), await runBatch(small({ encoder: 'hidden' }), batch)];
  expect(hidden.shapes['common.hidden.weight']).toEqual([8, 4, 1]);
  expect(hidden.prediction).not.toEqual(linear.prediction);
});

test.each(['linear', 'hidden'] as const)(
  '%s decoders rebuild every modality, and teach what they read',
  async (encoder) => {
    const given = { encoder, uniqueGradient: false, weights: { independence: 0, pairing: 0, reconstruction: 1 } };
    const { losses, gradients, shapes } = await runBatch(small(given), batch);
    expect(Object.keys(losses)).toEqual(['task', 'reconstruction']);
    expect(shapes['decoder.audio.weight']).toEqual([5, encoder === 'linear' ? 3 : 8]);
    expect(isMoved(gradients['unique.text.weight'])).toBe(true);
    const crossed = await runBatch(small({ ...given, reconstruction: { crossed: true } }), batch);
    expect(crossed.losses['reconstruction']).not.toBeCloseTo(losses['reconstruction']!, 6);
  },
);

test('transformers may read both parts, with gradients to both', async () => {
  const given = { uniqueGradient: false, weights: { independence: 0, pairing: 0 } };
  const { shapes, gradients } = await runBatch(small({ ...given, lifted: 'both' }), batch);
  expect(shapes['lift.text.weight']).toEqual([4, 3, 1]);
  expect(isMoved(gradients['lift.text.weight'])).toBe(true);
  // The head's own view of common features, the last of the fused ones, is taken away.
  const parameters = { 'head.weight': [...Array<number>(8).fill(0.5), 0, 0] };
  const found = await runBatch(small({ ...given, lifted: 'both' }), { ...batch, parameters });
  expect(isMoved(found.gradients['common.weight'])).toBe(true);
});

test('a hidden layer of the head adds to what is read linearly', async () => {
  const [linear, hidden] = [await runBatch(small(), batch), await runBatch(small({ head: 'hidden' }), batch)];
  expect(hidden.shapes['head.weight']).toEqual(linear.shapes['head.weight']);
  expect(hidden.shapes['head.hidden.weight']).toEqual([8, 10]);
  expect(hidden.prediction).not.toEqual(linear.prediction);
  const parameters = { 'head.weight': Array<number>(10).fill(0) };
  const taskAlone = small({ head: 'hidden', weights: { independence: 0, pairing: 0 } });
  const alone = await runBatch(taskAlone, { ...batch, parameters });
  expect(isMoved(alone.gradients['projection.text.weight'])).toBe(true);
  for (const name of ['head.hidden.weight', 'head.output.weight'])
    expect(isMoved(hidden.gradients[name]), name).toBe(true);
});

test('pretraining minimises L_ind, L_pair and L_rec alone, which leaves what predicts as it is', async () => {
  const config = small({ weights: { homogeneity: 1 } });
  const { losses, gradients } = await runBatch(config, { ...batch, stage: 'pretraining' });
  const usual = await runBatch(config, batch);
  expect(losses).toEqual({ independence: usual.losses['independence'], pairing: usual.losses['pairing'] });
  expect(gradients['head.weight']).toBeUndefined();
  expect(isMoved(gradients['common.weight'])).toBe(true);
});

test('pretraining takes whole epochs for its steps, and at most as many as it may', () => {
  const stages = (pretraining: Tree) => decalign.stages!(small({ pretraining }), { stepsPerEpoch: 38 });
  expect(stages({ steps: 0 })).toEqual([]);
  expect(stages({ steps: 400 })).toEqual([{ name: 'pretraining', epochs: 11, ownSchedule: true }]);
  expect(stages({ steps: 400, epochs: 3 })).toEqual([{ name: 'pretraining', epochs: 3, ownSchedule: true }]);
});

test('pretraining without any of these terms is refused', async () => {
  const none = small({ weights: { independence: 0, pairing: 0, homogeneity: 1 } });
  await expect(runBatch(none, { ...batch, stage: 'pretraining' })).rejects.toThrow('of which none is on');
});

describe('a sample that lacks a modality', () => {
  const absent = featuresOf(modalities[0]!, 8).map((x, i) => (i < 3 * 6 ? 0 : x));
  const lengths = [1, 3, 3, 3, 2, 3, 3, 3];
  const lacking = { ...batch, modalities: [{ ...modalities[0]!, values: absent, lengths }, modalities[1]!] };
  const fusedCommon = async (own: Tree, of: Batch = lacking): Promise<readonly number[]> => {
    const { representations } = await runBatch(small(own), of);
    // Two modalities: 4 attended features of each, then one common feature of each.
    return representations['fused']!.filter((_, i) => i % 10 >= 8);
  };
  test('has the common features that zeros give', async () => {
    const [own, other] = await fusedCommon({});
    expect(own).not.toBeCloseTo(other!, 3);
  });
  test.each(['unique', 'both'])(
    'or those of the others in their place, where %s features are lifted',
    async (lifted) => {
      const found = await fusedCommon({ commonOfAbsent: 'others', lifted });
      expect(found[0]).toBeCloseTo(found[1]!, 12);
      expect(found.slice(2)).toEqual((await fusedCommon({ lifted })).slice(2));
    },
  );
  test('also where it is told to lack it, whatever stands in its place', async () => {
    const told = { ...batch, modalities: [{ ...modalities[0]!, present: [0, 1, 1, 1, 1, 1, 1, 1] }, modalities[1]!] };
    const found = await fusedCommon({ commonOfAbsent: 'others' }, told);
    expect(found[0]).toBeCloseTo(found[1]!, 12);
    expect(found.slice(2)).toEqual((await fusedCommon({}, told)).slice(2));
  });
  test('or zeros, where it lacks all', async () => {
    const silent = modalities.map((m) => ({
      ...m,
      values: featuresOf(m, 8).map((x, i) => (i < m.time * m.width ? 0 : x)),
    }));
    const found = await fusedCommon({ commonOfAbsent: 'others' }, { ...batch, modalities: silent });
    expect(found.slice(0, 2)).toEqual([0, 0]);
    expect(found[2]).not.toBe(0);
  });
});

test('L_dec of Eq. 1 needs one width for both, and says so', async () => {
  await expect(runBatch(small({ weights: { decoupling: 1 } }), batch)).rejects.toThrow(
    'model.uniqueWidth is 2 and model.commonWidth 1; make them alike, or set model.weights.decoupling to 0.',
  );
});

test('where a sample stands twice in a batch, or all are one, losses and gradients are finite', async () => {
  for (const n of [1, 2]) {
    const few = {
      modalities: modalities.map(({ name, time, width }) => ({ name, time, width })),
      labels: Array<number>(n).fill(1),
    };
    const { losses, gradients } = await runBatch(small({ weights: { reconstruction: 1 } }), few);
    expect(Object.values(losses).every(Number.isFinite)).toBe(true);
    expect(Object.values(gradients).flat().every(Number.isFinite)).toBe(true);
  }
});

describe('a warning, once, where a term means nothing', () => {
  const about = async (own: Tree, samples = 8): Promise<readonly string[]> => {
    const cut = {
      modalities: modalities.map(({ name, time, width }) => ({ name, time, width })),
      labels: batch.labels.slice(0, samples),
    };
    const { diagnostics } = await runBatch(small(own), cut);
    return termWarnings.step!(diagnostics, 1).map(({ message }) => message);
  };

  test('not for narrow latents', async () => {
    expect(await about({})).toEqual([]);
  });
  test('widths that together reach the batch', async () => {
    expect(await about({ uniqueWidth: 2, commonWidth: 2 }, 4)).toEqual([
      'model.uniqueWidth and model.commonWidth together reach the 4 samples of a batch, of which nothing can be told to be ' +
        'independent then. Make them narrower, or train.batchSize larger.',
    ]);
  });
  test('batches of one sample, which L_pair has nothing to tell from', async () => {
    const weights = { independence: 0 };
    const told = [
      'In a batch of one sample there is no other to tell it from: L_pair is 0 and does nothing there. Make train.batchSize larger, ' +
        'or set train.lastBatch=fill where only the last batch of an epoch is such a one.',
    ];
    expect(await about({ weights }, 1)).toEqual(told);
    expect(await about({ weights }, 2)).toEqual([]);
    expect(await about({ weights: { ...weights, pairing: 0, reconstruction: 1 } }, 1)).toEqual([]);
  });
  test('a latent as wide as its modality', async () => {
    expect(await about({ uniqueWidth: 5, commonWidth: 1 })).toEqual([
      'A latent is as wide as "audio" with 5 features, or wider: nothing needs to be left out of it, so unique and common ' +
        'features may each hold all that there is. Set model.uniqueWidth and model.commonWidth below 5.',
    ]);
  });
  test('latents as wide as several modalities, in one line', async () => {
    expect(await about({ uniqueWidth: 6, commonWidth: 1 })).toEqual([
      expect.stringMatching(
        /^A latent is as wide as "text" with 6 features and "audio" with 5 features, or wider: .* below 5\.$/,
      ),
    ]);
  });
});
