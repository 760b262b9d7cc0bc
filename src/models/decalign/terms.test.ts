import { describe, expect, test } from 'vitest';
import { Scope } from '../../nn/index.ts';
import { toOnnx } from '../../onnx/serialize.ts';
import { input, topologicalOrder, type Tensor } from '../../tensor/index.ts';
import { ablations, termNames, terms, termWarnings } from './terms.ts';
import { buildDecAlign, decalign, type DecAlignGraph } from '../index.ts';
import { settings } from '../testing.ts';

const names = ['text', 'audio', 'vision'];
// A new term may have no weight by default.
const weights = Object.fromEntries(termNames.map((name) => [name, 0.1]));
const build = (own: Readonly<Record<string, unknown>> = {}, labelled = true): DecAlignGraph => {
  const features = Object.fromEntries(names.map((m) => [m, { value: input(m, [4, 3, 2]) }]));
  const labels = labelled ? { labels: input('labels', [4]) } : {};
  return buildDecAlign(
    new Scope(),
    { features, ...labels, task: { kind: 'regression' } },
    settings('paper', { weights, ...own }),
  );
};

/** All that a training step computes but for gradients, and names for it. */
const outputs = ({ losses, diagnostics }: DecAlignGraph): Record<string, Tensor> => ({ ...losses, ...diagnostics });
const computed = (graph: DecAlignGraph): ReturnType<typeof toOnnx> => toOnnx(outputs(graph));
const loops = (graph: DecAlignGraph): number =>
  topologicalOrder(Object.values(outputs(graph))).filter(({ op }) => op.name === 'Loop').length;

test('every term and every part of one is a switch, and so is cross-modal attention', () => {
  for (const name of [...termNames, 'transport', 'attraction', 'moments', 'mmd', 'cross-modal-attention'])
    expect(ablations).toContain(name);
  expect(new Set(ablations).size).toBe(ablations.length);
});

describe.each(termNames)('%s', (name) => {
  test('by itself left out: neither its loss nor anything else of it is computed', () => {
    const [whole, without] = [build(), build({ without: [name] })];
    expect(Object.keys(without.losses)).toEqual(Object.keys(whole.losses).filter((each) => each !== name));
    expect(Object.keys(without.terms)).toEqual(Object.keys(without.losses));
    expect(computed(without).nodes).toBeLessThan(computed(whole).nodes);
  });

  test('with a weight of 0 it is left out: the graph is the same', () => {
    const weightless = build({ weights: { ...weights, [name]: 0 } });
    expect(computed(weightless).bytes).toEqual(computed(build({ without: [name] })).bytes);
    expect(weightless.losses).not.toHaveProperty(name);
  });

  test('has a weight of its own', () => {
    expect(settings('paper').weights).toHaveProperty(name);
    expect(() => settings('paper', { weights: { [name]: -1 } })).toThrow(name);
  });
});

test.each(termNames.filter((name) => terms[name].parts.length > 0))(
  '%s is left out with the last of its parts',
  (name) => {
    const without = computed(build({ without: [name] }));
    expect(computed(build({ without: terms[name].parts })).bytes).toEqual(without.bytes);
  },
);

describe('without transport', () => {
  test('no transport is solved', () => {
    expect(loops(build())).toBeGreaterThan(0);
    expect(loops(build({ without: ['attraction'] }))).toBeGreaterThan(0);
    expect(loops(build({ without: ['transport'] }))).toBe(0);
  });

  // The last two have no loop: each of their sweeps is nodes of its own.
  test.each(['optimum', 'plan', 'unrolled', 'fixed-sweeps'])('nothing is left of solver %s', (solver) => {
    const [many, few] = [40, 2].map((sweeps) => build({ without: ['transport'], transport: { solver, sweeps } }));
    expect(computed(many!).bytes).toEqual(computed(few!).bytes);
    expect(many!.diagnostics).not.toHaveProperty('transport');
    expect(many!.diagnostics).not.toHaveProperty('transportError');
  });

  test('attraction matches prototypes by index', () => {
    const by = (matching: string): Uint8Array =>
      computed(build({ without: ['transport'], attraction: { matching } })).bytes;
    expect(by('plan')).toEqual(by('index'));
  });

  describe('where modalities differ in their numbers of prototypes', () => {
    const own = { without: ['transport'], mixture: { prototypes: { text: 2, other: 3 } } };
    test('training says what to do', () => {
      expect(() => build(own)).toThrow(
        'Without transport, attraction matches prototypes by index and needs as many in every modality, but ' +
          'model.mixture.prototypes has 2 for text, 3 for audio, 3 for vision; give all as many, or leave attraction out as well.',
      );
    });

    test('predictions need none', () => {
      expect(() => build(own, false)).not.toThrow();
    });

    test.each([
      [{ without: ['transport', 'attraction'] }],
      [{ without: ['heterogeneity', 'transport'] }],
      [{ weights: { heterogeneity: 0 } }],
    ])('nor does training with %j', (more) => {
      expect(() => build({ ...own, ...more })).not.toThrow();
    });
  });
});

describe('warnings', () => {
  const step = termWarnings.step!;
  const epoch = termWarnings.epoch!;

  test('are those of the model', () => {
    expect(decalign.warnings).toBe(termWarnings);
  });

  test('of a step whose plan misses a marginal by more than 1e-3', () => {
    expect(step({ transportError: 9e-4 }, 1)).toEqual([]);
    const [missed, ...more] = step({ transportError: 0.0123 }, 2);
    expect(missed!.about).toBe('transport');
    expect(missed!.message).toMatch(/^The transport plan of epoch 2 misses a marginal by 0\.012:/);
    expect(more).toEqual([]);
  });

  test('of each modality half of whose prototypes have collapsed over an epoch', () => {
    expect(step({ 'collapsed.audio': 1 }, 1)).toEqual([]);
    expect(epoch({ 'collapsed.audio': 0.49, 'collapsed.text': 0, transport: 7 }, 1)).toEqual([]);
    const [audio, ...more] = epoch({ 'collapsed.audio': 0.5, 'collapsed.text': 0.2 }, 2);
    expect(audio!.message).toMatch(/^In epoch 2, 50 % of the prototypes of "audio" have collapsed:.*prototypes.*batch/);
    expect(more).toEqual([]);
    expect(epoch({ 'collapsed.audio': 1, 'collapsed.text': 1 }, 3).map(({ about }) => about)).toEqual([
      'collapsed.audio',
      'collapsed.text',
    ]);
  });

  test('of nothing where a diagnostic is not there, or is none', () => {
    expect(step({}, 1)).toEqual([]);
    expect(epoch({ 'collapsed.audio': NaN }, 1)).toEqual([]);
  });
});
