import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EventWriter, crc32c } from './tensorboard.ts';

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'decalign-events-'))));
afterEach(() => rmSync(dir, { recursive: true }));

test('the checksum of 123456789, and of the iSCSI standard (RFC 3720, B.4)', () => {
  expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
});

test('every scalar is read back by an independent parser', () => {
  const before = Date.now() / 1000;
  const writer = EventWriter.open(dir);
  const scalars = [
    ['train/loss', 1.5, 0],
    ['valid/mae', -0.25, 300],
    ['perte/é', 1e-30, 5_000_000_000],
    ['train/loss', Infinity, 2],
  ] as const;
  for (const [tag, value, step] of scalars) writer.scalar(tag, value, step);
  const events = records(readFileSync(writer.path)).map((data) => fields(data));
  writer.close();

  expect(events[0]).toMatchObject({ 3: Buffer.from('brain.Event:2') });
  const read = events.slice(2).map((event) => {
    const value = fields(fields(event[5] as Buffer)[1] as Buffer);
    expect(event[1]).toBeGreaterThanOrEqual(before);
    return [(value[1] as Buffer).toString(), value[2], Number(event[2])];
  });
  expect(read).toEqual(scalars.map(([tag, value, step]) => [tag, Math.fround(value), step]));
});

test('what a resumed run does again replaces what an earlier file holds of it', () => {
  const writer = EventWriter.open(dir, { from: 301 });
  writer.close();
  const [, start] = records(readFileSync(writer.path)).map((data) => fields(data));
  // At Event.session_log { status: START }, TensorBoard drops the points that it read at that step and later.
  expect(start).toMatchObject({ 2: 301n, 7: Buffer.of(8, 1) });
});

test('a file of its own for every writer, by the name TensorBoard looks for', () => {
  for (const writer of [EventWriter.open(dir), EventWriter.open(dir)]) writer.close();
  const names = readdirSync(dir);
  expect(names).toHaveLength(2);
  for (const name of names) expect(name).toMatch(/^events\.out\.tfevents\.\d{10}\..+\.\d+\.\d+$/);
});

test('a folder that is not there is an error that says so', () => {
  expect(() => EventWriter.open(join(dir, 'missing'))).toThrow(/its folder does not exist; create it first/);
});

/**
 * The data of the TFRecords in a file; checks both checksums of each with a bitwise CRC that does not use the writer's
 * table.
 */
function records(file: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let offset = 0; offset < file.length;) {
    const length = Number(file.readBigUInt64LE(offset));
    const data = file.subarray(offset + 12, offset + 12 + length);
    expect(file.readUInt32LE(offset + 8)).toBe(maskedBitwise(file.subarray(offset, offset + 8)));
    expect(file.readUInt32LE(offset + 12 + length)).toBe(maskedBitwise(data));
    found.push(data);
    offset += 16 + length;
  }
  return found;
}

function maskedBitwise(bytes: Buffer): number {
  let crc = 0xffffffffn;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0x82f63b78n : crc >> 1n;
  }
  crc ^= 0xffffffffn;
  return Number(((((crc >> 15n) | (crc << 17n)) & 0xffffffffn) + 0xa282ead8n) & 0xffffffffn);
}

/**
 * The fields of a protocol buffer message by number: varints as bigint, doubles and floats as numbers, others as bytes.
 */
function fields(message: Buffer): Record<number, bigint | number | Buffer> {
  const found: Record<number, bigint | number | Buffer> = {};
  let offset = 0;
  const varint = (): bigint => {
    for (let value = 0n, shift = 0n; ; shift += 7n) {
      const byte = message[offset++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (offset < message.length) {
    const key = Number(varint());
    const [field, wire] = [key >> 3, key & 7];
    if (wire === 0) {
      found[field] = varint();
      continue;
    }
    const size = wire === 1 ? 8 : wire === 5 ? 4 : Number(varint());
    const bytes = message.subarray(offset, offset + size);
    found[field] = wire === 1 ? bytes.readDoubleLE() : wire === 5 ? bytes.readFloatLE() : bytes;
    offset += size;
  }
  return found;
}
