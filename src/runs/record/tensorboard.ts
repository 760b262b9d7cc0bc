/**
 * TensorBoard event files: scalars over steps.
 *
 * A file is a sequence of TFRecords, and a record is
 *
 *   length (uint64) | masked CRC-32C of length (uint32) | data | masked CRC-32C of data (uint32)      all little-endian
 *
 * where data is an `Event` message (tensorflow/core/util/event.proto): wall_time = 1 (double), step = 2 (int64),
 * file_version = 3 (string, in the first record only), session_log = 7 { status = 1 }, summary = 5 { value = 1 { tag = 1, simple_value = 2 (float) } }.
 */

import { closeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { appendBytes, openNew } from '../../files/append.ts';
import { Message } from '../../onnx/message.ts';

/** Writes one event file. Each scalar reaches the file at once, so a killed run keeps all it logged. */
export class EventWriter {
  readonly path: string;
  readonly #descriptor: number;

  private constructor(path: string, descriptor: number) {
    this.path = path;
    this.#descriptor = descriptor;
  }

  /**
   * Starts a new file in `dir`, which must exist. TensorBoard joins the files of a folder, so a resumed run continues
   * its curves. TensorBoard drops what earlier files hold at step `from` and later, because those steps are done again.
   */
  static open(dir: string, { from = 0 }: { readonly from?: number } = {}): EventWriter {
    const seconds = Math.floor(Date.now() / 1000);
    const prefix = join(dir, `events.out.tfevents.${String(seconds).padStart(10, '0')}.${hostname()}.${process.pid}`);
    for (let n = 0; ; n++) {
      const path = `${prefix}.${n}`;
      const descriptor = openNew(path);
      if (descriptor === undefined) continue;
      const writer = new EventWriter(path, descriptor);
      writer.#append(event().text(3, 'brain.Event:2'));
      writer.#append(event().int(2, from).add(7, new Message().int(1, sessionStart)));
      return writer;
    }
  }

  /** Writes one point of the curve `tag`, as in `valid/mae`; TensorBoard groups curves by the part before the slash. */
  scalar(tag: string, value: number, step: number): void {
    const summary = new Message().add(1, new Message().text(1, tag).float(2, value));
    this.#append(event().int(2, step).add(5, summary));
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #append(message: Message): void {
    appendBytes(this.#descriptor, record(message.finish()), this.path);
  }
}

/** An `Event` message of the current time, to which fields are added. */
const event = (): Message => new Message().double(1, Date.now() / 1000);

/** `data` framed as a TFRecord. */
function record(data: Uint8Array): Uint8Array {
  const framed = new Uint8Array(data.length + 16);
  const view = new DataView(framed.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, masked(crc32c(framed.subarray(0, 8))), true);
  framed.set(data, 12);
  view.setUint32(12 + data.length, masked(crc32c(data)), true);
  return framed;
}

/** The checksum CRC-32C (Castagnoli polynomial 0x1EDC6F41, reflected), from 0 to 2^32 − 1. */
export function crc32c(bytes: Uint8Array): number {
  let remainder = 0xffffffff;
  for (const byte of bytes) remainder = crcTable[(remainder ^ byte) & 0xff]! ^ (remainder >>> 8);
  return (remainder ^ 0xffffffff) >>> 0;
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++)
    remainder = (remainder & 1) === 1 ? (remainder >>> 1) ^ 0x82f63b78 : remainder >>> 1;
  return remainder;
});

/** The masked form of a checksum that TFRecord stores: rotated right by 15 bits, plus a constant, modulo 2^32. */
const masked = (crc: number): number => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;

/** The number of `START` in TensorFlow's enum `SessionLog.SessionStatus`. */
const sessionStart = 1;
