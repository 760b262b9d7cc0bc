/** Settings by modality are for modalities that the data has. */
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { defineModel, models } from '../models/index.ts';
import { perModality } from '../models/settings.ts';
import { checkModalityNames } from './modalities.ts';
import { resolveConfig, type ConfigSources } from './resolve.ts';

const problem =
  ({ model, ...sources }: ConfigSources, modalities = ['text', 'acoustic', 'vision']) =>
  (): void => {
    const own = typeof model === 'object' ? model : undefined;
    const config = own
      ? resolveConfig({ set: sources.set ?? [], model: own })
      : resolveConfig({ ...sources, ...(typeof model === 'string' && { model }) });
    checkModalityNames(config, modalities, own);
  };

describe('a modality that the data does not have is told, with the key', () => {
  test.each<[ConfigSources, string]>([
    [{ set: ['model.mixture.prototypes={txet: 3, other: 5}'] }, 'model.mixture.prototypes names the modality "txet"'],
    [{ set: ['model.kernel={acustic: 3, other: 1}'] }, 'model.kernel names the modality "acustic"'],
    [{ set: ['model.dropout.input={smell: 0.1, other: 0}'] }, 'model.dropout.input names the modality "smell"'],
    [{ model: 'mfm', set: ['model.dropout.factor={txet: 0, other: 0}'] }, 'model.dropout.factor names'],
    [{ model: 'self-mm', set: ['model.hidden={acustic: 8, other: 8}'] }, 'model.hidden names'],
    [{ set: ['data.standardise=[acustic]'] }, 'data.standardise names the modality "acustic"'],
  ])('%j', (sources, says) => {
    expect(problem(sources)).toThrow(says);
  });

  test('with the nearest name that it has, or all of them', () => {
    expect(problem({ set: ['model.kernel={acustic: 3, other: 1}'] })).toThrow(
      'which the data does not have; did you mean "acoustic"?',
    );
    expect(problem({ set: ['model.kernel={smell: 3, other: 1}'] })).toThrow(
      'which the data does not have; it has text, acoustic, vision.',
    );
  });

  test("in a model of one's own too, described or not", () => {
    const model = defineModel({
      name: 'late',
      config: z.strictObject({
        width: perModality(z.int()).describe('of each'),
        depth: perModality(z.int()).optional(),
      }),
      build: () => {
        throw new Error('is not built here');
      },
    });
    expect(problem({ model, set: ['model.width={text: 1, visoin: 2}'] })).toThrow('did you mean "vision"?');
    expect(problem({ model, set: ['model.width=3', 'model.depth={visoin: 2}'] })).toThrow('model.depth names');
    expect(problem({ model, set: ['model.width={text: 1, vision: 2}'] })).not.toThrow();
  });
});

describe('but a configuration may serve several choices of modalities', () => {
  test.each(Object.keys(models))('the defaults of %s', (model) => {
    expect(problem({ model }, ['left', 'right'])).not.toThrow();
  });

  test('and name the usual ones, and all others as "other"', () => {
    const set = ['model.kernel={text: 1, audio: 3, other: 5}', 'data.standardise=[audio]'];
    expect(problem({ set }, ['text', 'vision'])).not.toThrow();
  });
});
