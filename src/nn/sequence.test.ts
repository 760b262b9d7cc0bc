import { expect, test } from 'vitest';
import { gradientError } from '../runtime/testing.ts';
import { constant } from '../tensor/index.ts';
import { joinInTime, lastStep, masked, pool, withValue } from './sequence.ts';
import { runLayer } from './testing.ts';

const feeds = { x: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], mask: [1, 1, 0, 0, 0, 0] };

test('pool is the mean over the true steps; 0 where there are none', async () => {
  const { some, all, single } = await runLayer(
    (_, x) => ({
      some: pool({ value: x('x', [2, 3, 2]), mask: x('mask', [2, 3]) }),
      all: pool({ value: x('x', [2, 3, 2]) }),
      single: pool({ value: x('x', [6, 1, 2]) }),
    }),
    feeds,
  );
  expect(some).toEqual([2, 3, 0, 0]);
  expect(all).toEqual([3, 4, 9, 10]);
  expect(single).toEqual(feeds.x);
});

test('pool has the gradient of a mean', async () => {
  const mask = [1, 1, 0, 1, 0, 0];
  const error = await gradientError((x) => pool({ value: x, mask: constant(mask, [2, 3], x.dtype) }), [[2, 3, 2]]);
  expect(error).toBeLessThan(1e-6);
});

test('lastStep is the last true step, whatever is before and after it; 0 where there is none', async () => {
  const { some, all, late } = await runLayer(
    (_, x) => ({
      some: lastStep({ value: x('x', [2, 3, 2]), mask: x('mask', [2, 3]) }),
      all: lastStep({ value: x('x', [2, 3, 2]) }),
      late: lastStep({ value: x('x', [2, 3, 2]), mask: constant([0, 0, 1, 1, 0, 1], [2, 3], 'float64') }),
    }),
    feeds,
  );
  expect(some).toEqual([3, 4, 0, 0]);
  expect(all).toEqual([5, 6, 11, 12]);
  expect(late).toEqual([5, 6, 11, 12]);
});

test('masked zeroes padding, and leaves a sequence without a mask as it is', async () => {
  const { y } = await runLayer(
    (_, x) => ({ y: masked({ value: x('x', [2, 3, 2]), mask: x('mask', [2, 3]) }).value }),
    feeds,
  );
  expect(y).toEqual([1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0]);
  const bare = { value: constant([1], [1, 1, 1]) };
  expect(masked(bare).value).toBe(bare.value);
  expect(withValue(bare, bare.value)).not.toHaveProperty('mask');
});

test('sequences join in time, a missing mask being all ones', async () => {
  const { value, mask } = await runLayer(
    (_, x) => {
      const joined = joinInTime([{ value: x('x', [2, 3, 2]), mask: x('mask', [2, 3]) }, { value: x('y', [2, 1, 2]) }]);
      return { value: joined.value, mask: joined.mask! };
    },
    { ...feeds, y: [-1, -2, -3, -4] },
  );
  expect(value).toEqual([1, 2, 3, 4, 5, 6, -1, -2, 7, 8, 9, 10, 11, 12, -3, -4]);
  expect(mask).toEqual([1, 1, 0, 1, 0, 0, 0, 1]);
  expect(joinInTime([{ value: constant([1, 2], [1, 2, 1]) }])).not.toHaveProperty('mask');
});
