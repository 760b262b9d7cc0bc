import { describe, expect, test } from 'vitest';
import { decouplingText } from './decoupling.ts';
import type { DecouplingReport } from '../../runs/decoupling.ts';

const report: DecouplingReport = {
  ...{ split: 'test', samples: 90, paired: 90 },
  decoupling: {
    ...{ score: 0.5, agreement: 0.9, leak: 0.4, overlap: 0.1 },
    ...{ uniqueFromCommon: 0.4, commonFromUnique: -0.0001, uniqueFromUnique: 0.1 },
  },
  ...{ reading: 'In short.', notes: ['Few.', 'Wide.'], retrieval: undefined, gap: undefined, reconstruction: [] },
  dependence: [{ modality: 'text', hsic: 0.2, chance: { low: 0.01, high: 0.03 } }, { modality: 'audio' }],
  intervals: { groups: 4, score: { low: 0.4, high: 0.6 }, retrieval: undefined },
};
const linesOf = (change: Partial<DecouplingReport> = {}): string[] =>
  decouplingText('data.pkl', { ...report, ...change }).split('\n');

describe('what decoupling prints', () => {
  test('says how many samples have both modalities where some lack one', () => {
    expect(linesOf()[0]).toBe('data.pkl, test split (90 samples)');
    expect(linesOf({ paired: 60 })[0]).toBe('data.pkl, test split (90 samples, 60 with both modalities)');
    const three = [...report.dependence, { modality: 'vision' }];
    expect(linesOf({ paired: 60, dependence: three })[0]).toBe(
      'data.pkl, test split (90 samples, at least 60 with any two modalities)',
    );
  });

  test('has what D means and each note on lines of their own, after D and its interval', () => {
    const lines = linesOf();
    expect(lines[2]).toBe('D   0.500  A (1 - L)(1 - U), 95 % 0.400 to 0.600 over 4 groups');
    expect(lines.slice(7, 10)).toEqual(['In short.', 'Note: Few.', 'Note: Wide.']);
  });

  test('says what is absent, leaves groups out that there are not, and has no negative zero', () => {
    const text = linesOf().join('\n');
    expect(text).toMatch(/^retrieval at 10 +absent/m);
    expect(text).toMatch(/^audio +absent +absent$/m);
    expect(text).toMatch(/^common from unique +0\.000 /m);
    for (const group of ['Label from', 'Gap', 'R2 of features', 'information', 'R2 of true'])
      expect(text).not.toContain(group);
  });

  test('names the metric of labels and what it is to be held against', () => {
    const figures = { common: 0.5, unique: undefined, both: 0.6, constant: 0.1 };
    const text = linesOf({ labels: { metric: 'accuracy', ...figures } }).join('\n');
    expect(text).toMatch(
      /^Label from +common +unique +both +largest class\naccuracy +0\.500 +absent +0\.600 +0\.100$/m,
    );
    expect(linesOf({ labels: { metric: 'r2', ...figures } }).join('\n')).toMatch(/both +mean\nR2 +0\.500/);
  });
});
