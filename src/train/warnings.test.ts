import { expect, test } from 'vitest';
import { Warnings } from './warnings.ts';

const about = (told: readonly { readonly about?: string }[]): (string | undefined)[] => told.map((each) => each.about);

test('a plan that misses a marginal is told of once, at its first step', () => {
  const warnings = new Warnings();
  expect(warnings.ofStep({ transportError: 9e-4 }, 1)).toEqual([]);
  const [first, ...more] = warnings.ofStep({ transportError: 0.0123 }, 2);
  expect(first!.message).toMatch(/^The transport plan of epoch 2 misses a marginal by 0\.012:/);
  expect(more).toEqual([]);
  expect(warnings.ofStep({ transportError: 0.5 }, 3)).toEqual([]);
});

test('of each modality half of whose prototypes have collapsed over an epoch, once', () => {
  const warnings = new Warnings();
  expect(warnings.ofStep({ 'collapsed.audio': 1 }, 1)).toEqual([]);
  expect(warnings.ofEpoch({ 'collapsed.audio': 0.49, 'collapsed.text': 0, transport: 7 }, 1)).toEqual([]);
  const [audio, ...more] = warnings.ofEpoch({ 'collapsed.audio': 0.5, 'collapsed.text': 0.2 }, 2);
  expect(audio!.message).toMatch(/^In epoch 2, 50 % of the prototypes of "audio" have collapsed:.*prototypes.*batch/);
  expect(more).toEqual([]);
  expect(about(warnings.ofEpoch({ 'collapsed.audio': 1, 'collapsed.text': 1 }, 3))).toEqual(['collapsed.text']);
});

test('of nothing where a diagnostic is not there, or is none', () => {
  const warnings = new Warnings();
  expect(warnings.ofStep({}, 1)).toEqual([]);
  expect(warnings.ofEpoch({ 'collapsed.audio': NaN }, 1)).toEqual([]);
});
