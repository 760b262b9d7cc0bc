import { describe, expect, it } from 'vitest';
import { splits } from '../dataset.ts';
import { inMemory } from '../features.ts';
import { digits, digitsFrom } from './digits.ts';
import { digitImages, imageCounts, side, turned } from './digit-images.ts';
import { loadDataset } from './load.ts';

const few = { train: 60, valid: 20, test: 20 };
const perDigit = 24;
/** Images of one grey each, which turning leaves in the middle: which image a view shows can be read from it. */
const greys = Array.from({ length: 10 }, (_, digit) =>
  Float32Array.from(
    { length: perDigit * side ** 2 },
    (_, i) => (1 + digit * perDigit + Math.floor(i / side ** 2)) / 256,
  ),
);
const middle = 7 * 14 + 7;

describe('digits', () => {
  it('shows in each view another image of the class, and none in two splits', () => {
    const made = digitsFrom(greys, { samples: few, views: 3, noise: 0 });
    const shown = splits.map((split) => {
      const { features, labels } = made.splits[split]!;
      const images = Object.values(features).map((view) => {
        const { data } = inMemory(view);
        return Array.from(labels!, (_, n) => Math.round(data[n * 196 + middle]! * 256) - 1);
      });
      for (const [n, label] of labels!.entries()) {
        const own = images.map((each) => each[n]!);
        expect(new Set(own).size).toBe(3);
        expect(own.map((image) => Math.floor(image / perDigit))).toEqual([label, label, label]);
      }
      return new Set(images.flat());
    });
    const total = shown.reduce((sum, { size }) => sum + size, 0);
    expect(total).toBeGreaterThan(60);
    expect(new Set(shown.flatMap((each) => [...each])).size).toBe(total);
  });

  it('is the same for the same seed, and keeps class and angles as factors', async () => {
    const images = await digitImages();
    expect(imageCounts(images).reduce((sum, count) => sum + count)).toBe(10_000);
    const made = digitsFrom(images, { samples: few });
    expect(await digits({ samples: few, seed: 0 })).toEqual(made);
    expect(digitsFrom(images, { samples: few, seed: 1 }).splits.test!.labels).not.toEqual(made.splits.test!.labels);
    const { common, 'unique.first': first, 'unique.second': second } = made.factors!.train!;
    expect([common!.shape, first!.shape]).toEqual([
      [60, 10],
      [60, 2],
    ]);
    for (const [n, label] of made.splits.train!.labels!.entries())
      expect(common!.data.subarray(n * 10, n * 10 + 10).indexOf(1)).toBe(label);
    for (const { data } of [first!, second!])
      for (let n = 0; n < 60; n++) {
        const [sin, cos] = [data[2 * n]!, data[2 * n + 1]!];
        expect(sin ** 2 + cos ** 2).toBeCloseTo(1, 5);
        expect(cos).toBeGreaterThanOrEqual(0.5);
      }
    expect(first!.data).not.toEqual(second!.data);
  });

  it('turns an image by the angle that it says', () => {
    // A stroke to the right of the middle; where its weight lies tells by how much it was turned.
    const stroke = Float32Array.from({ length: side ** 2 }, (_, i) =>
      Number(i % side > 15 && i % side < 24 && [13, 14].includes(Math.floor(i / side))),
    );
    for (const angle of [-1, -0.3, 0, 0.7, 1]) {
      const out = new Float32Array(196);
      turned(stroke, angle, out);
      const moment = (of: (i: number) => number): number => out.reduce((sum, ink, i) => sum + ink * (of(i) - 6.5), 0);
      const [x, y] = [moment((i) => i % 14), moment((i) => Math.floor(i / 14))];
      expect(Math.atan2(y, x)).toBeCloseTo(angle, 1);
    }
  });

  it('has noise of the deviation asked for on all views but the first', () => {
    const [clean, noisy] = [0, 0.5].map((noise) => digitsFrom(greys, { samples: few, noise }).splits.train!.features);
    expect(noisy!['first']).toEqual(clean!['first']);
    const [a, b] = [clean!, noisy!].map((features) => inMemory(features['second']!).data);
    const variance = b!.reduce((sum, x, i) => sum + (x - a![i]!) ** 2, 0) / b!.length;
    expect(Math.abs(variance / 0.25 - 1)).toBeLessThan(0.05);
  });

  it('refuses other labels, groups and numbers of views', async () => {
    await expect(loadDataset('digits', { task: 'regression' })).rejects.toThrow('no labels for regression');
    await expect(loadDataset('digits', { group: 'hand' })).rejects.toThrow('"digits" has no columns to group by');
    await expect(digits({ views: 4 })).rejects.toThrow('two or three views, got 4');
  });
});
