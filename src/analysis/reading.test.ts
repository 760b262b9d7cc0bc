import { describe, expect, test } from 'vitest';
import { decouplingOf, type Decoupling } from './decoupling.ts';
import { notesOf, pairedSamples, readingOf } from './reading.ts';
import { partOf, type ModalityParts } from './part.ts';
import { mapped, normals } from './testing.ts';

const figures = (agreement: number, leak: number, overlap: number): Decoupling => ({
  ...{ agreement, leak, overlap, score: agreement * (1 - leak) * (1 - overlap) },
  ...{ uniqueFromCommon: leak, commonFromUnique: leak, uniqueFromUnique: overlap },
});
const own = { shared: false, retrieval: { low: 0.2, high: 0.3 } };

describe('what D says', () => {
  test('where all is as it should be', () => {
    expect(readingOf(figures(0.97, 0.05, 0.02), own)).toMatch(/^Decoupled: common features of a sample agree/);
  });

  test('names the figure that lowers it most', () => {
    expect(readingOf(figures(0.08, 0.13, 0.2), own)).toBe(
      'Not decoupled: common features of a sample agree too little across modalities (A 0.080).',
    );
    expect(readingOf(figures(0.9, 0.6, 0.2), own)).toContain('too much of the same (L 0.600).');
    expect(readingOf(figures(0.9, 0, 0.3), own)).toMatch(/^Decoupled in part: unique features .*\(U 0\.300\)\.$/);
  });

  test('says where retrieval is at chance', () => {
    expect(readingOf(figures(0.01, 0, 0), { shared: false, retrieval: { low: -0.01, high: 0.02 } })).toMatch(
      /; retrieval is not above chance\.$/,
    );
  });

  test('says why it is absent', () => {
    const absent = { ...figures(1, 0, 0), agreement: undefined, score: undefined };
    expect(readingOf(absent, { shared: true, retrieval: undefined })).toContain('one common part');
    expect(readingOf(absent, { shared: false, retrieval: undefined })).toContain('common features are constant');
  });
});

const shared = normals('shared', 3);
const parts: readonly ModalityParts[] = [
  { modality: 'a', unique: normals('a', 3), common: shared },
  { modality: 'b', unique: normals('b', 3), common: shared },
];
const notes = (of: readonly ModalityParts[], groups?: number): readonly string[] =>
  notesOf(of, decouplingOf(of)(), { groups });
const few = (count: number, columns: number): readonly ModalityParts[] =>
  ['a', 'b'].map((modality) => ({
    modality,
    unique: normals(`u${modality}`, columns, count),
    common: normals(`c${modality}`, columns, count),
  }));

describe('notes', () => {
  test('of many samples are none', () => {
    expect(notes(parts)).toEqual([]);
  });

  test('tell few samples, more features than these can bear, and probes that do worse than the mean', () => {
    const found = notes(few(12, 6));
    expect(found).toHaveLength(3);
    expect(found[0]).toMatch(/^Figures of 12 samples are mostly luck/);
    expect(found[1]).toMatch(/^Probes of 6 features are fitted to 12 samples: L and U are rather too low/);
    expect(found[2]).toMatch(/^Probes do worse than the mean \(R2 -\d\.\d{3}\)/);
  });

  test('tell few groups, and parts that are constant', () => {
    const still = mapped(shared, () => [2, 2, 2]);
    const [a, b] = parts as [ModalityParts, ModalityParts];
    expect(notes([a, { ...b, common: still }], 4)).toEqual([
      'Intervals over 4 groups say little; at least 10 are wanted.',
      'Constant on these samples, and left out: common.b.',
    ]);
  });
});

test('samples that two modalities both have are counted by the pair that shares fewest', () => {
  const present = Int32Array.from({ length: 400 }, (_, n) => Number(n < 150));
  const [a, b] = parts as [ModalityParts, ModalityParts];
  const absent = { ...shared, test: partOf(400, shared.test.data, present) };
  expect(pairedSamples([a, b])).toBe(400);
  expect(pairedSamples([a, b, { ...b, common: absent }])).toBe(150);
});
