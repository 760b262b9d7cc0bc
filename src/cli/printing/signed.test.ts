import { expect, test } from 'vitest';
import { signed } from './signed.ts';

test('a difference has its sign and three decimals, and two digits where these would be zeros', () => {
  expect([0.1234, -0.0316, 0, -1.5].map(signed)).toEqual(['+0.123', '-0.032', '0.000', '-1.500']);
  expect([0.0005, 0.0004999, -0.000102, 3.3e-9].map(signed)).toEqual(['+0.001', '+0.00050', '-0.00010', '+3.3e-9']);
});
