import { expect, it } from 'vitest';
import { detectPreset } from './presets.ts';

it.each([
  ['data/MOSEI/mosei_aligned_50.pkl', 'mosei'],
  ['mosi_aligned_50.pkl', 'mosi'],
  ['CMU-MOSI.PKL', 'mosi'],
  ['data\\CH-SIMS\\chsims.pkl', 'sims'],
  ['SIMS/Processed/unaligned_39.pkl', 'sims'],
  ['ch_sims.pkl', 'sims'],
  ['IEMOCAP/iemocap_data.pkl', 'iemocap'],
  ['mosi/mosei.pkl', 'mosei'],
  ['features.pkl', undefined],
  ['glassims.pkl', undefined],
  ['mosi/runs/2026/01/features.pkl', undefined],
])('detectPreset(%s) is %s', (path, name) => {
  expect(detectPreset(path)).toBe(name);
});
