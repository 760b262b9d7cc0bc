import { expect, test } from 'vitest';
import { beside } from './part.ts';
import { reconstructions } from './reconstruction.ts';
import { mapped, normals } from './testing.ts';

const [shared, own, lost] = [normals('shared', 2), normals('own', 1), normals('lost', 1)];

test('R² of a modality is the share of its features that each part keeps', () => {
  const features = mapped(beside(beside(shared, own), lost), ([a, b, c, d]) => [a!, b! - 3 * a!, 5 * c! + 2, d!]);
  const [found] = reconstructions([{ modality: 'a', unique: own, common: shared }], { a: features });
  expect(found!.modality).toBe('a');
  expect(found!.both).toBeCloseTo(3 / 4, 2);
  expect(found!.common).toBeCloseTo(1 / 2, 2);
  expect(found!.unique).toBeCloseTo(1 / 4, 2);
});

test('a modality whose features are not given is left out', () => {
  expect(reconstructions([{ modality: 'text', unique: own, common: shared }], {})).toEqual([]);
});
