import { expect, test } from 'vitest';
import { openRoom } from './room.ts';

test('a room holds so much and no more, and what is left is free again', () => {
  const room = openRoom(100);
  const [a, b] = [room.enter(), room.enter()];
  a.resize(60);
  b.resize(40);
  expect(() => b.resize(41)).toThrow('The server is busy');
  expect(room.taken).toBe(100);
  a.resize(10);
  b.resize(90);
  b.leave();
  b.leave();
  expect(room.taken).toBe(10);
  a.leave();
  expect(room.taken).toBe(0);
});
