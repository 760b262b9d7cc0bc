import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { detectPreset, knownOf, presetNames, presets } from './presets.ts';

it.each([
  ['data/MOSEI/mosei_aligned_50.pkl', 'mosei'],
  ['mosi_aligned_50.pkl', 'mosi'],
  ['CMU-MOSI.PKL', 'mosi'],
  ['data\\CH-SIMS\\chsims.pkl', 'sims'],
  ['SIMS/Processed/unaligned_39.pkl', 'sims'],
  ['ch_sims.pkl', 'sims'],
  ['IEMOCAP/iemocap_data.pkl', 'iemocap'],
  ['mosi/mosei.pkl', 'mosei'],
  ['MOSI/Processed/aligned_50.pkl', 'mosi'],
  ['MOSEI/Processed/unaligned_50.pkl', 'mosei'],
  ['SIMSv2/Processed/sims_unaligned.pkl', 'sims'],
  ['ch-sims-v2/SimsLargeV6.pkl', 'sims'],
  ['mosei_senti_data.pkl', 'mosei'],
  ['mosi_data_noalign.pkl', 'mosi'],
  ['MOSI_16_sentilare_unaligned_data.pkl', 'mosi'],
  ['CMUMOSEI_features_raw_2way.pkl', 'mosei'],
  ['IEMOCAP_features_raw_4way.pkl', 'iemocap'],
  ['mosei_emo_data.pkl', 'mosei-emotions'],
  ['data/MOSEI-emotions/aligned_50.pkl', 'mosei-emotions'],
  ['features.pkl', undefined],
  ['glassims.pkl', undefined],
  ['mosi/runs/2026/01/features.pkl', undefined],
])('detectPreset(%s) is %s', (path, name) => {
  expect(detectPreset(path)).toBe(name);
});

it('is known by its name, and the page on datasets lists every preset', () => {
  expect(knownOf('iemocap')).toMatchObject({ name: 'iemocap', metrics: 'classification' });
  expect([knownOf('none'), knownOf(undefined)]).toEqual([{}, {}]);
  const page = readFileSync(new URL('../../../docs/datasets.md', import.meta.url), 'utf8');
  expect(page).toContain(`(${presetNames.map((name) => `\`${name}\``).join(', ')})`);
});

it('has the scales and the classes that the datasets were published with', () => {
  expect(
    presetNames.map((name) => [name, presets[name].range ?? presets[name].names ?? presets[name].classes]),
  ).toEqual([
    ['mosi', [-3, 3]],
    ['mosei', [-3, 3]],
    ['mosei-emotions', ['happy', 'sad', 'anger', 'surprise', 'disgust', 'fear']],
    ['sims', [-1, 1]],
    ['iemocap', ['happy', 'sad', 'neutral', 'angry', 'excited', 'frustrated']],
  ]);
});
