import { expect, test } from 'vitest';
import { Message } from './message.ts';

const bytes = (message: Message): number[] => [...message.finish()];

// By the public encoding: a key is the field's number times 8 plus its wire type.
test('integers are varints, negative ones of ten bytes', () => {
  expect(bytes(new Message().int(1, 150))).toEqual([8, 0x96, 1]);
  expect(bytes(new Message().int(1, -1))).toEqual([8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]);
  expect(bytes(new Message().int(1, 2 ** 40))).toEqual([8, 128, 128, 128, 128, 128, 32]);
});
test('several integers repeat their field', () => {
  expect(bytes(new Message().ints(2, [3, 4]))).toEqual([16, 3, 16, 4]);
});
test('floats are four bytes', () => {
  expect(bytes(new Message().float(2, 1))).toEqual([21, 0, 0, 128, 63]);
});
test('doubles are eight bytes', () => {
  expect(bytes(new Message().double(1, 1))).toEqual([9, 0, 0, 0, 0, 0, 0, 240, 63]);
});
test('text and bytes carry their length', () => {
  expect(bytes(new Message().text(2, 'hé'))).toEqual([18, 3, 104, 195, 169]);
  expect(bytes(new Message().bytes(3, Uint8Array.of(7)))).toEqual([26, 1, 7]);
});
test('a message holds another', () => {
  expect(bytes(new Message().add(3, new Message().int(1, 150)))).toEqual([26, 3, 8, 0x96, 1]);
});
