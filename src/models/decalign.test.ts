import { describe, expect, test } from 'vitest';
import { termNames, terms, type ablations } from './decalign/terms.ts';
import { layerGradientError } from '../nn/testing.ts';
import { compile } from '../runtime/node.ts';
import { relativeError } from '../runtime/testing.ts';
import { compilePrediction, initialize, parametersOf, type Network } from '../train/index.ts';
import { constant, input } from '../tensor/index.ts';
import { Scope } from '../nn/index.ts';
import { buildDecAlign, decalign } from './index.ts';
import { featuresOf, runBatch, settings, valuesFor, type Modality, type Outcome } from './testing.ts';

const modalities: Modality[] = [
  { name: 'text', time: 4, width: 3, lengths: [4, 2, 1, 3, 4, 1] },
  { name: 'audio', time: 5, width: 2, lengths: [1, 5, 3, 2, 5, 4] },
  { name: 'vision', time: 3, width: 4 },
];
const labels = [2.4, -1.2, 0.3, 2.1, -0.8, 0];
const batch = { modalities, labels };

/** Holds every value of an outcome to that of another. */
function expectSame(a: Outcome, b: Outcome, limit: number): void {
  expect(relativeError(a.prediction, b.prediction)).toBeLessThan(limit);
  expect(Object.keys(a.losses)).toEqual(Object.keys(b.losses));
  for (const [name, value] of Object.entries(b.losses))
    expect(relativeError([a.losses[name]!], [value]), name).toBeLessThan(limit);
  for (const group of ['representations', 'gradients'] as const)
    for (const [name, values] of Object.entries(b[group]))
      expect(relativeError(a[group][name]!, values), `${group} ${name}`).toBeLessThan(limit);
}

const garbage: Modality[] = modalities.map((m) => ({
  ...m,
  values: featuresOf(m, 6).map((v, i) => {
    const [n, t] = [Math.floor(i / (m.time * m.width)), Math.floor(i / m.width) % m.time];
    return t < (m.lengths?.[n] ?? m.time) ? v : 1e3 * Math.cos(i);
  }),
}));

describe('padding never counts: whatever stands in padded steps, nothing changes', () => {
  test.each([
    ['the defaults', {}],
    ['wider kernels, valid', { kernel: 3, padding: 'valid' }],
    ['wider kernels, same', { kernel: 3, padding: 'same' }],
    ['pre-norm with positions', { norm: 'pre', positions: true, layers: 2 }],
    ['self-attention', { without: ['cross-modal-attention'], layers: 2 }],
    ['the projection passed by', { width: 4, skipEqualProjection: true }],
  ])('with %s', async (_, own) => {
    const config = settings('paper', own);
    expectSame(await runBatch(config, { ...batch, modalities: garbage }), await runBatch(config, batch), 1e-12);
  });

  test('more padding does not either', async () => {
    const longer = modalities.map((m): Modality => {
      const values = featuresOf(m, 6);
      const wide = labels.flatMap((_, n) => [
        ...values.slice(n * m.time * m.width, (n + 1) * m.time * m.width),
        ...Array<number>(2 * m.width).fill(9),
      ]);
      return { ...m, time: m.time + 2, lengths: m.lengths ?? Array<number>(6).fill(m.time), values: wide };
    });
    const config = settings('paper', { kernel: 3, positions: true });
    expectSame(await runBatch(config, { ...batch, modalities: longer }), await runBatch(config, batch), 1e-9);
  });
});

test('the order of modalities does not matter', async () => {
  const config = settings('paper', { transport: { tolerance: 1e-12 } });
  const a = await runBatch(config, batch);
  const order = [2, 0, 1];
  // The head reads [attended by modality, common by modality], each 4 wide: its columns move along.
  const head = valuesFor('head.weight', 24);
  const moved = [0, 1].flatMap((half) => order.flatMap((m) => head.slice(12 * half + 4 * m, 12 * half + 4 * m + 4)));
  const b = await runBatch(config, {
    ...batch,
    modalities: order.map((m) => modalities[m]!),
    parameters: { 'head.weight': moved },
  });
  expect(relativeError(b.prediction, a.prediction)).toBeLessThan(1e-9);
  for (const [name, value] of Object.entries(a.losses))
    expect(relativeError([b.losses[name]!], [value]), name).toBeLessThan(1e-8);
  for (const [name, values] of Object.entries(a.gradients))
    if (name !== 'head.weight') expect(relativeError(b.gradients[name]!, values), name).toBeLessThan(1e-6);
});

test('the order of samples does not matter', async () => {
  const config = settings('paper', { transport: { tolerance: 1e-12 } });
  const order = [3, 1, 5, 0, 4, 2];
  const a = await runBatch(config, batch);
  const b = await runBatch(config, {
    labels: order.map((n) => labels[n]!),
    modalities: modalities.map((m) => {
      const values = featuresOf(m, 6);
      const length = m.time * m.width;
      const moved = order.flatMap((n) => values.slice(n * length, (n + 1) * length));
      return { ...m, values: moved, ...(m.lengths && { lengths: order.map((n) => m.lengths![n]!) }) };
    }),
  });
  expect(
    relativeError(
      b.prediction,
      order.map((n) => a.prediction[n]!),
    ),
  ).toBeLessThan(1e-12);
  for (const [name, value] of Object.entries(a.losses))
    expect(relativeError([b.losses[name]!], [value]), name).toBeLessThan(1e-8);
  for (const [name, values] of Object.entries(a.gradients))
    expect(relativeError(b.gradients[name]!, values), name).toBeLessThan(1e-6);
});

describe('without the decoupling (MFD of Table 3)', () => {
  const weights = Object.fromEntries(termNames.map((name) => [name, 0.1]));

  test('there are no unique and common encoders, and all that the parts would be is the one feature', async () => {
    const whole = await runBatch(settings('paper', { weights, uniqueWidth: 3, commonWidth: 3, lifted: 'both' }), batch);
    const { shapes, losses, representations, prediction } = await runBatch(
      settings('paper', { weights, uniqueWidth: 3, commonWidth: 3, lifted: 'both', decouple: false }),
      batch,
    );
    const encoders = (names: object): string[] => Object.keys(names).filter((name) => /unique|common|lift/.test(name));
    expect(encoders(whole.shapes)).not.toEqual([]);
    expect(encoders(shapes)).toEqual([]);
    for (const { name } of modalities)
      expect(representations[`unique.${name}`]).toEqual(representations[`common.${name}`]);
    // What keeps two parts from each other has nothing to keep apart; both alignments are there.
    expect(Object.keys(losses)).toEqual(
      Object.keys(whole.losses).filter((name) => !/decoupling|independence/.test(name)),
    );
    expect(Object.keys(losses)).toEqual(expect.arrayContaining(['heterogeneity', 'homogeneity']));
    expect(prediction.every(Number.isFinite)).toBe(true);
  });

  test('is another model than one without the loss of Eq. 1', async () => {
    const [mfd, loss] = [
      await runBatch(settings('paper', { decouple: false }), batch),
      await runBatch(settings('paper', { without: ['decoupling'] }), batch),
    ];
    expect(Object.keys(mfd.shapes).length).toBeLessThan(Object.keys(loss.shapes).length);
    expect(mfd.losses['heterogeneity']).not.toBeCloseTo(loss.losses['heterogeneity']!, 3);
  });

  test.each(['heterogeneity', 'homogeneity'] as const)(
    '%s alone reaches the projection of each modality',
    async (term) => {
      const none = Object.fromEntries(termNames.map((name) => [name, 0]));
      const gradients = async (own: object): Promise<readonly number[]> =>
        (await runBatch(settings('paper', { decouple: false, weights: { ...none, ...own } }), batch)).gradients[
          'projection.text.weight'
        ]!;
      expect(relativeError(await gradients({ [term]: 1 }), await gradients({}))).toBeGreaterThan(1e-3);
    },
  );
});

describe('an ablation removes its own terms; the others keep their values', () => {
  // A new term may have no weight by default.
  const weights = Object.fromEntries(termNames.map((name) => [name, 0.1]));
  /** Holds two outcomes to the same losses, but for those whose terms are gone or changed; and to the same parameters. */
  async function expectAblation(
    ablation: (typeof ablations)[number],
    { gone, changed }: { readonly gone: readonly string[]; readonly changed: readonly string[] },
  ): Promise<void> {
    const [whole, less] = [
      await runBatch(settings('paper', { weights }), batch),
      await runBatch(settings('paper', { weights, without: [ablation] }), batch),
    ];
    for (const [name, value] of Object.entries(whole.losses)) {
      if (gone.includes(name)) expect(less.losses).not.toHaveProperty(name);
      else if (changed.includes(name)) expect(less.losses[name]).not.toBeCloseTo(value, 9);
      else expect(relativeError([less.losses[name]!], [value]), name).toBeLessThan(1e-9);
    }
    expect(Object.keys(less.shapes).toSorted()).toEqual(Object.keys(whole.shapes).toSorted());
  }

  test.each(termNames)('%s', (term) => expectAblation(term, { gone: [term], changed: [] }));

  test.each(termNames.flatMap((term) => terms[term].parts.map((part) => [part, term] as const)))(
    '%s, a part of %s',
    (part, term) => expectAblation(part, { gone: [], changed: [term] }),
  );

  test('cross-modal-attention', () =>
    expectAblation('cross-modal-attention', { gone: [], changed: ['task', 'contrastive'] }));

  test.each([
    // The plan would match prototypes: matched by index, attraction is the same with transport and without.
    ['heterogeneity', 'transport', 'attraction', { attraction: { matching: 'index' } }],
    ['homogeneity', 'moments', 'mmd', {}],
  ] as const)('%s is the sum of its two parts', async (sum, first, second, own) => {
    const of = async (without: string[]): Promise<number> =>
      (await runBatch(settings('paper', { ...own, without }), batch)).losses[sum] ?? 0;
    expect((await of([first])) + (await of([second]))).toBeCloseTo(await of([]), 9);
    expect(await of([first, second])).toBe(0);
  });
});

describe('the gradient of the whole loss, every parameter and feature, by central differences', () => {
  test.each([
    [
      'paper',
      {
        // What is held constant in the gradient by design is not held by differences: λ, σ, matching and earlier EM.
        transport: { lambda: 0.5, lambdaScale: 'absolute', tolerance: 1e-13 },
        attraction: { matching: 'index' },
        mixture: { prototypes: 2, gradient: 'all', iterations: 2 },
        mmd: { bandwidth: [0.5, 2] },
      },
    ],
    ['authors', { mixture: { prototypes: 2, iterations: 2 }, transport: { sweeps: 4 } }],
  ] as const)('recipe %s', async (recipe, own) => {
    const weights = { heterogeneity: 1, homogeneity: 1, contrastive: 1 };
    const config = settings(recipe, { ...own, width: 2, heads: 1, weights });
    const error = await layerGradientError(
      (scope, text, audio) => {
        const mask = constant([1, 1, 1, 0, 1, 1, 1, 1], [4, 2], text.dtype);
        const features = { text: { value: text, mask }, audio: { value: audio } };
        const label = constant([1, -2, 1, 0.5], [4], text.dtype);
        const { losses } = buildDecAlign(scope, { features, labels: label, task: { kind: 'regression' } }, config);
        // Scaled down: where a gradient is 0, differences show the rounding of the loss.
        return Object.values(losses)
          .reduce((a, b) => a.add(b))
          .mul(1e-3);
      },
      [
        [4, 2, 2],
        [4, 1, 3],
      ],
    );
    expect(error).toBeLessThan(1e-5);
  });
});

test('one prediction program serves any number of samples, each by itself', async () => {
  for (const recipe of ['paper', 'authors'] as const) {
    const config = settings(recipe);
    const network: Network = { name: 'decalign', build: (scope, inputs) => decalign.build(scope, inputs, config) };
    const features = modalities.map(({ name, time, width, lengths }) => ({ name, time, width, masked: !!lengths }));
    const spec = { features, task: { kind: 'classification', classes: 3 } } as const;
    const parameters = initialize(parametersOf(network, spec), 1);
    const program = await compilePrediction(network, spec, { compile, threads: 1, representations: true });
    const feeds = (n: number): Record<string, Float32Array> =>
      Object.fromEntries(
        modalities.flatMap((m) => {
          const masks = Array.from({ length: n }, (_, i) =>
            Array.from({ length: m.time }, (__, t) => Number(t < (m.lengths?.[i % 6] ?? m.time))),
          );
          return [
            [
              `features.${m.name}`,
              Float32Array.from(valuesFor(m.name, 7 * m.time * m.width).slice(0, n * m.time * m.width)),
            ],
            [`mask.${m.name}`, Float32Array.from(masks.flat())],
          ];
        }),
      );
    const whole = await program.run(parameters, feeds(7));
    expect(whole.prediction).toHaveLength(21);
    for (const n of [1, 3]) {
      const some = await program.run(parameters, feeds(n));
      expect(relativeError(some.prediction, whole.prediction.slice(0, 3 * n))).toBeLessThan(1e-5);
      const { fused } = whole.representations;
      expect(relativeError(some.representations['fused']!, fused!.slice(0, 24 * n))).toBeLessThan(1e-5);
    }
    await program.dispose();
  }
});

describe('what cannot be built says why', () => {
  const build = (own: Record<string, unknown>, names = ['text', 'audio']): unknown => {
    const features = Object.fromEntries(names.map((m) => [m, { value: input(m, [2, 3, 2]) }]));
    const task = { kind: 'classification', classes: 2 } as const;
    return buildDecAlign(new Scope(), { features, labels: input('labels', [2]), task }, settings('paper', own));
  };
  test.each<[string, Record<string, unknown>, string[] | undefined, string]>([
    ['one modality', {}, ['text'], 'DecAlign needs at least two modalities, got text.'],
    ['heads', { width: 6, heads: 4 }, undefined, 'model.heads (=4) must divide model.width (=6).'],
    [
      'a modality without a kernel',
      { kernel: { text: 3 } },
      undefined,
      'model.kernel names text but not the modality "audio"; add it, or "other".',
    ],
    [
      'differing K by index',
      { attraction: { matching: 'index' }, mixture: { prototypes: { text: 2, audio: 3 } } },
      undefined,
      'model.attraction.matching (=index) needs as many prototypes in every modality, but model.mixture.prototypes has 2 for text, 3 for audio; set the matching to plan.',
    ],
    ['class weights', { task: { classWeights: [1, 2, 3] } }, undefined, '3 class weights were given for 2 classes.'],
  ])('%s', (_, own, names, message) => {
    expect(() => build(own, names)).toThrow(message);
  });

  test.each([
    [{ widht: 3 }, /widht/],
    [{ dropout: { output: 1 } }, /output/],
    [{ without: ['decoupled'] }, /without/],
    [{ mixture: { prototypes: 0 } }, /prototypes/],
  ])('configuration %o', (own, pattern) => {
    expect(() => settings('paper', own)).toThrow(pattern);
  });
});
