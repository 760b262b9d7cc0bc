import protobuf from 'protobufjs/minimal.js';

/** How the value of a field is laid out (Protocol Buffers' wire types). */
const varint = 0;
const fixed64 = 1;
const delimited = 2;
const fixed32 = 5;

/** A Protocol Buffers message being written, field by field, by number (ONNX's are in its public `onnx.proto`). */
export class Message {
  private readonly writer = protobuf.Writer.create();

  int(field: number, value: number): this {
    this.writer.uint32((field << 3) | varint).int64(value);
    return this;
  }

  ints(field: number, values: Iterable<number>): this {
    for (const value of values) this.int(field, value);
    return this;
  }

  float(field: number, value: number): this {
    this.writer.uint32((field << 3) | fixed32).float(value);
    return this;
  }

  double(field: number, value: number): this {
    this.writer.uint32((field << 3) | fixed64).double(value);
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.writer.uint32((field << 3) | delimited).bytes(value);
    return this;
  }

  text(field: number, value: string): this {
    this.writer.uint32((field << 3) | delimited).string(value);
    return this;
  }

  add(field: number, message: Message): this {
    return this.bytes(field, message.finish());
  }

  finish(): Uint8Array {
    return this.writer.finish();
  }
}
