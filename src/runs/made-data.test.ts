/** The options of datasets that are made, from the keys of a configuration to a run's record and back. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { recordedConfig, resolveConfig } from '../config/index.ts';
import { synthetic } from '../data/datasets/synthetic.ts';
import { fit } from './fit.ts';
import { loadForModel } from './load-for-model.ts';
import { loadRunData } from './load.ts';
import { openModel } from './open-model.ts';
import { hashOf } from './data-hash.ts';
import { readRecord } from './record/run-record.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'made-data-'));
const mmsa = path.resolve(import.meta.dirname, '../../test/fixtures/data/mmsa.pkl');
afterAll(() => rmSync(folder, { recursive: true }));

const set = ['seed=3', 'noise=0.8', 'modalities=2', 'samples=40'].map((pair) => `data.synthetic.${pair}`);

describe('data.synthetic', () => {
  it('makes the data that the library makes with these options', async () => {
    const made = await loadRunData('synthetic', resolveConfig({ set }));
    expect(hashOf(made)).toBe(hashOf(synthetic({ seed: 3, noise: 0.8, modalities: 2, samples: 40 })));
    expect(hashOf(await loadRunData('synthetic', resolveConfig({})))).toBe(hashOf(synthetic()));
  });

  it('is no key of a configuration that does not ask for it, and whole in one that does', () => {
    expect(resolveConfig({}).data).not.toHaveProperty('synthetic');
    const config = resolveConfig({ set: set.slice(0, 1) });
    expect(config.data.synthetic).toMatchObject({ seed: 3, noise: 0.5, modalities: 3, samples: 1200 });
    expect(recordedConfig({ ...config }, 'config.json')).toEqual(config);
  });

  it('is refused in one line where it is wrong', () => {
    const wrong = (pair: string) => (): unknown => resolveConfig({ set: [`data.synthetic.${pair}`] });
    expect(wrong('modalities=1')).toThrow('data.synthetic.modalities');
    expect(wrong('noise=-1')).toThrow('data.synthetic.noise');
    expect(wrong('samples=0')).toThrow('data.synthetic.samples');
    expect(wrong('nois=1')).toThrow('did you mean "data.synthetic.noise"?');
  });

  it('is kept by a run, whose model finds the same samples again', async () => {
    const options = { seed: 3, noise: 0.8, modalities: 2, samples: 40 };
    const config = { data: { synthetic: options }, train: { epochs: 1 }, model: { width: 8 } };
    const dataset = synthetic(options);
    const out = path.join(folder, 'run');
    await fit(dataset, { config, out });
    expect(readRecord(path.join(out, 'config.json')).config.data.synthetic).toMatchObject(options);
    const again = await loadForModel(openModel(out), 'synthetic', { split: 'test' });
    expect(again.splits.test!.features).toEqual(dataset.splits.test!.features);
    // That the file is not made by these options goes without saying.
    const other = await loadForModel(openModel(out), mmsa, { split: 'test' });
    expect(other.notes).toBeUndefined();
  });
});
