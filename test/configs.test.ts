/** Every file in configs/ parses and builds its graph for its dataset; the page of all keys is up to date. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { resolveConfig, type RunConfig } from '../src/config/index.ts';
import { presets } from '../src/data/published/presets.ts';
import { modelNamed } from '../src/models/index.ts';
import { Scope } from '../src/nn/index.ts';
import { gradients } from '../src/tensor/index.ts';
import { placeholders, type FeatureSpec, type InputSpec } from '../src/train/index.ts';
import { configPage } from './config-page.ts';

/** Text, audio and vision as the authors' files have them: time steps and widths. */
const shapes: Readonly<Record<string, readonly (readonly [time: number, width: number])[]>> = {
  mosi: [
    [50, 768],
    [50, 5],
    [50, 20],
  ],
  mosei: [
    [50, 768],
    [50, 74],
    [50, 35],
  ],
  sims: [
    [39, 768],
    [400, 33],
    [55, 709],
  ],
  iemocap: [
    [1, 1024],
    [1, 512],
    [1, 1024],
  ],
};

const folder = new URL('../configs/', import.meta.url);
const files = readdirSync(folder).sort();
const resolve = (name: string): RunConfig =>
  resolveConfig({ file: { name, text: readFileSync(new URL(name, folder), 'utf8') } });

test('there is one for every preset, but the emotions of CMU-MOSEI, for which the authors published none', () => {
  expect(files).toEqual(
    Object.keys(presets)
      .filter((name) => name !== 'mosei-emotions')
      .map((name) => `${name}.yaml`)
      .sort(),
  );
});

describe.each(files)('configs/%s', (name) => {
  const preset = name.replace('.yaml', '') as keyof typeof presets;

  test('parses, and speaks of its own dataset', () => {
    const { recipe, data } = resolve(name);
    expect(recipe).toBe('authors');
    expect(data).toMatchObject({ preset, task: presets[preset].task });
  });

  test('builds its losses and their gradients', () => {
    const { model, train } = resolve(name);
    const { name: which, ...own } = model;
    const features = ['text', 'audio', 'vision'].map((modality, m): FeatureSpec => {
      const [time, width] = shapes[preset]![m]!;
      return { name: modality, time, width, masked: time > 1 };
    });
    const { task, classes } = presets[preset];
    const spec: InputSpec = {
      features,
      task: task === 'regression' ? { kind: task } : { kind: 'classification', classes: classes!.length },
    };
    const scope = new Scope({ training: true });
    const inputs = placeholders(spec, train.batchSize, { labels: true });
    const built = modelNamed(which)!;
    const { losses } = built.build(scope, inputs, built.config.parse(own));
    const weights = model['weights'] as Readonly<Record<string, number>>;
    const expected = ['task', ...Object.keys(weights).filter((term) => weights[term]! > 0)];
    expect(Object.keys(losses).sort()).toEqual(expected.sort());
    const total = Object.values(losses).reduce((sum, loss) => sum.add(loss));
    const parameters = [...scope.parameters.values()].map(({ value }) => value);
    const reached = gradients(total, parameters).filter(Boolean).length;
    // Without moments and MMD (mosei) the latent networks take no part.
    expect(reached).toBe(weights['homogeneity']! > 0 ? parameters.length : parameters.length - 12);
  });
});

test('docs/config.md has every key', async () => {
  await expect(configPage()).toMatchFileSnapshot('../docs/config.md');
});
