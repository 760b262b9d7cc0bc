import { countOf } from '../bytes/array.ts';
import { bytesIn, type Encoded, encoded, numbersIn } from '../writing/arrays.ts';
import { writeWholeFile } from '../../files/atomic.ts';
import type { Sink } from '../../files/output.ts';
import { bytesPerElement, type NumericDType } from '../bytes/numbers.ts';
import type { SupportedTypes } from '../writing/numbers.ts';
import { Pickler } from '../pickle/write.ts';
import type { WriteRequest, WriteResult } from '../writing/request.ts';
import { ZipWriter } from '../zip/write.ts';

/** PyTorch's names of the storages of numbers, without their `Storage`. */
const storages: Readonly<Partial<Record<NumericDType, string>>> = {
  float32: 'Float',
  float64: 'Double',
  float16: 'Half',
  bfloat16: 'BFloat16',
  int64: 'Long',
  int32: 'Int',
  int16: 'Short',
  int8: 'Char',
  uint8: 'Byte',
  bool: 'Bool',
  complex64: 'ComplexFloat',
  complex128: 'ComplexDouble',
};

const supported: SupportedTypes = { format: '.pt', dtypes: new Set(Object.keys(storages) as NumericDType[]) };

/** A value as `torch.save` writes it: its arrays as tensors, in a file of the archive each. */
export function writeTorch(request: WriteRequest): Promise<WriteResult> {
  const { file, value, signal } = request;
  return writeWholeFile(
    file,
    async (output) => {
      const memory = new MemorySink();
      const tensors: Encoded[] = [];
      const pickler = new Pickler(memory, request, async (to, array, name) => {
        if (array.dtype === 'string' || array.dtype === 'object') {
          await to.value(lists(array.data as readonly unknown[], array.shape), name);
          return;
        }
        const tensor = encoded(name, numbersIn(array), supported, request);
        await pickleTensor(to, tensor, String(tensors.length));
        tensors.push(tensor);
      });
      await pickler.dump(value, { protocol: 2 });
      const zip = new ZipWriter(output);
      const add = (path: string, content: Uint8Array): Promise<void> =>
        zip.add({ path: `archive/${path}`, size: content.length, bytes: once(content), align: 64 });
      await add('data.pkl', memory.content());
      await add('byteorder', Buffer.from('little'));
      for (const [index, { shape, dtype, pieces }] of tensors.entries()) {
        const size = bytesPerElement(dtype) * countOf(shape);
        await zip.add({ path: `archive/data/${index}`, size, bytes: bytesIn(pieces), align: 64 });
      }
      await add('version', Buffer.from('3\n'));
      await zip.end();
      const { arrays, leftOut } = pickler;
      return { format: 'PyTorch', arrays, bytes: output.position, leftOut };
    },
    { signal },
  );
}

/** `_rebuild_tensor_v2(storage, offset, shape, strides, requires_grad, hooks)`, the storage by its number in the archive. */
async function pickleTensor(to: Pickler, { shape, dtype }: Encoded, key: string): Promise<void> {
  const strides = shape.map((_, axis) => countOf(shape.slice(axis + 1)));
  const numbers = (values: readonly number[]) => to.tuple(values.map((value) => () => to.number(value)));
  await to.global('torch._utils', '_rebuild_tensor_v2');
  await to.tuple([
    async () => {
      await to.tuple([
        () => to.text('storage'),
        () => to.global('torch', `${storages[dtype]!}Storage`),
        () => to.text(key),
        () => to.text('cpu'),
        () => to.number(countOf(shape)),
      ]);
      await to.code('Q');
    },
    () => to.number(0),
    () => numbers(shape),
    () => numbers(strides),
    () => to.code('\x89'),
    async () => {
      await to.global('collections', 'OrderedDict');
      await to.tuple([]);
      await to.code('R');
    },
  ]);
  await to.code('R');
}

/** Texts and objects as lists: PyTorch has no tensors of them. */
function lists(items: readonly unknown[], [count, ...rest]: readonly number[]): unknown {
  if (count === undefined) return items[0];
  const size = countOf(rest);
  return Array.from({ length: count }, (_, i) => lists(items.slice(i * size, (i + 1) * size), rest));
}

async function* once(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(content);
}

class MemorySink implements Sink {
  readonly #parts: Uint8Array[] = [];
  position = 0;

  write(bytes: Uint8Array): Promise<void> {
    this.#parts.push(bytes);
    this.position += bytes.length;
    return Promise.resolve();
  }

  content(): Uint8Array {
    return Buffer.concat(this.#parts);
  }
}
