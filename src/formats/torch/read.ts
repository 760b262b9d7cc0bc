import { isNumericData, NdArray, rowMajor, sizeOf } from '../bytes/array.ts';
import { FormatError, quoted, reading } from '../../files/error.ts';
import { inMemory } from '../bytes/in-memory.ts';
import { bytesPerElement, type NumericDType } from '../bytes/numbers.ts';
import { type OpenedFile, openWith } from '../bytes/opened.ts';
import { readPickleFrom } from '../pickle/read.ts';
import type { GlobalFunction, Globals, Machine } from '../pickle/machine.ts';
import { numpyGlobals } from '../pickle/numpy.ts';
import { BytesSource } from '../bytes/source.ts';
import { bytesNow, type Source, StoredBytes, StoredNumbers } from '../bytes/stored.ts';
import { strided } from '../bytes/stored-view.ts';
import { readZip, startsAsZip } from '../zip/read.ts';
import { isTorchPickle } from './archive.ts';

/** The type of a tensor's elements; undefined where a storage leaves it to its tensors. */
class ElementType {
  readonly dtype: NumericDType | undefined;

  constructor(dtype: NumericDType | undefined) {
    this.dtype = dtype;
  }
}

/** One file of the archive: the elements that one or more tensors are views of. */
class Storage {
  readonly type: ElementType;
  readonly content: Source;
  readonly bigEndian: boolean;

  constructor(type: ElementType, content: Source, bigEndian: boolean) {
    this.type = type;
    this.content = content;
    this.bigEndian = bigEndian;
  }
}

/** Types of elements, by the name of their storage (without its `Storage`) and by that of their dtype. */
const types: readonly (readonly [storage: string, dtype: string, NumericDType])[] = [
  ['Float', 'float32', 'float32'],
  ['Double', 'float64', 'float64'],
  ['Half', 'float16', 'float16'],
  ['BFloat16', 'bfloat16', 'bfloat16'],
  ['Long', 'int64', 'int64'],
  ['Int', 'int32', 'int32'],
  ['Short', 'int16', 'int16'],
  ['Char', 'int8', 'int8'],
  ['Byte', 'uint8', 'uint8'],
  ['Bool', 'bool', 'bool'],
  ['ComplexFloat', 'complex64', 'complex64'],
  ['ComplexDouble', 'complex128', 'complex128'],
  ['', 'uint16', 'uint16'],
  ['', 'uint32', 'uint32'],
  ['', 'uint64', 'uint64'],
];

interface View {
  readonly storage: unknown;
  readonly offset: unknown;
  readonly shape: unknown;
  readonly strides: unknown;
  readonly dtype: NumericDType | undefined;
  readonly marks: unknown;
}

/** The tensor that is a view of a storage: where it is in the file, to be read when it is asked for. */
function tensor({ storage, offset, shape, strides, dtype, marks }: View, machine: Machine): NdArray {
  if (!(storage instanceof Storage) || !isCount(offset) || !isCounts(shape) || !isCounts(strides) || !dtype)
    throw machine.fail('a tensor is not described as PyTorch does; the file is damaged, copy it again.');
  if (marks instanceof Map && [...marks.values()].includes(true))
    throw machine.fail('a tensor is a lazy conjugate or negative; save tensor.resolve_conj().resolve_neg().');
  const size = sizeOf(shape, machine.file);
  machine.charge(8 * size);
  const width = bytesPerElement(dtype);
  const count = Math.floor(storage.content.size / width);
  const reach = size === 0 ? 0 : shape.reduce((end, axis, i) => end + (axis - 1) * strides[i]!, 1);
  // A file may be damaged such that numbers are no longer exact, and then the comparison is false.
  if (strides.length !== shape.length || !(offset + reach <= count))
    throw machine.fail(`a tensor reaches element ${offset + reach} of a storage of ${count}; the file is damaged.`);
  const run = new StoredBytes(storage.content, offset * width, reach * width);
  // A complex number is two numbers.
  const part = dtype === 'complex64' ? 'float32' : dtype === 'complex128' ? 'float64' : dtype;
  const elements = new StoredNumbers(run, part, { bigEndian: storage.bigEndian });
  const contiguous = rowMajor(shape).every((stride, axis) => stride === strides[axis] || shape[axis] === 1);
  return contiguous || size === 0
    ? new NdArray(shape, dtype, elements)
    : strided(new NdArray([reach], dtype, elements), shape, strides);
}

/** `_rebuild_tensor_v2(storage, offset, shape, strides, requires_grad, hooks, marks)`. */
const rebuild: GlobalFunction = ([storage, offset, shape, strides, , , marks], machine) => {
  const dtype = storage instanceof Storage ? storage.type.dtype : undefined;
  return tensor({ storage, offset, shape, strides, dtype, marks }, machine);
};

/** `_rebuild_tensor_v3(storage, offset, shape, strides, requires_grad, hooks, dtype, marks)`: for types without storages. */
const rebuildTyped: GlobalFunction = ([storage, offset, shape, strides, , , type, marks], machine) => {
  const dtype = type instanceof ElementType ? type.dtype : undefined;
  return tensor({ storage, offset, shape, strides, dtype, marks }, machine);
};

const first: GlobalFunction = ([value]) => value;

/** `_rebuild_from_type_v2(function, type, arguments, state)`: a tensor with attributes, which are left out. */
const rebuildFromType: GlobalFunction = ([callee, , args], machine) => machine.call(callee, args);

const torchGlobals: Globals = new Map<string, unknown>([
  ...numpyGlobals,
  ['torch._utils _rebuild_tensor', rebuild],
  ['torch._utils _rebuild_tensor_v2', rebuild],
  ['torch._utils _rebuild_tensor_v3', rebuildTyped],
  ['torch._utils _rebuild_parameter', first],
  ['torch._utils _rebuild_parameter_with_state', first],
  ['torch._tensor _rebuild_from_type_v2', rebuildFromType],
  ['torch Size', first],
  ['torch device', first],
  // Named, never called: the type of a tensor with attributes.
  ['torch Tensor', null],
  ['torch.nn.parameter Parameter', null],
  ['torch.storage UntypedStorage', new ElementType(undefined)],
  ...types.flatMap(([storage, name, dtype]): [string, unknown][] => {
    const type = new ElementType(dtype);
    return [
      [`torch ${name}`, type],
      ...(storage === '' ? [] : [[`torch ${storage}Storage`, type] as [string, unknown]]),
    ];
  }),
]);

/**
 * A file that `torch.save` wrote, since version 1.6: tensors, however nested in dicts and lists, with NumPy arrays, numbers and
 * texts among them. Only the small pickle is read now; a tensor is read in place when it is asked for.
 */
export const openTorch = (file: string): Promise<OpenedFile> =>
  openWith(file, 'PyTorch', (source) => ({ value: readTorchFrom(source) }));

/**
 * The tensors of a PyTorch state dict (`torch.save` since 1.6: a zip archive with a pickle), by name. A checkpoint that
 * keeps its state dict under `state_dict`, `model_state_dict` or `model` is opened. Nothing is executed.
 */
export const readTorch = (bytes: Uint8Array, { file }: { readonly file: string }): Record<string, NdArray> =>
  reading(file, () => inMemory(stateDict(readTorchFrom(new BytesSource(bytes, file)), file), file));

/** The value that `torch.save` wrote to a file, which must stay open while its tensors are read. */
function readTorchFrom(source: Source): unknown {
  const { file } = source;
  return reading(file, () => {
    const start = new Uint8Array(Math.min(4, source.size));
    source.readNow(start, 0);
    if (!startsAsZip(start)) throw new FormatError(file, notZip(start));
    const entries = readZip(source);
    const pickle = [...entries.keys()].find(isTorchPickle);
    if (pickle === undefined)
      throw new FormatError(file, 'is a zip archive without data.pkl, so no PyTorch checkpoint; use torch.save.');
    const root = pickle.slice(0, -'data.pkl'.length);
    const bigEndian = textOf(entries.get(`${root}byteorder`)) === 'big';
    const persistentLoad = (id: unknown, machine: Machine): Storage => {
      const [kind, type, key] = Array.isArray(id) ? (id as unknown[]) : [];
      if (kind !== 'storage' || !(type instanceof ElementType) || typeof key !== 'string')
        throw machine.fail('a tensor refers to something that is no storage; the file is damaged, copy it again.');
      const content = entries.get(`${root}data/${key}`);
      if (content === undefined) throw machine.fail(`storage ${quoted(key)} is missing; copy the file again.`);
      return new Storage(type, content, bigEndian);
    };
    return readPickleFrom(entries.get(pickle)!, {
      file: `${file}:${pickle}`,
      globals: torchGlobals,
      persistentLoad,
      // The tensors are in the archive, not in its small pickle.
      allowance: source.size,
    });
  });
}

const textOf = (source: Source | undefined): string =>
  source === undefined || source.size > 16
    ? ''
    : new TextDecoder().decode(bytesNow(new StoredBytes(source, 0, source.size))).trim();

function stateDict(value: unknown, file: string): Record<string, NdArray> {
  for (const key of ['state_dict', 'model_state_dict', 'model']) {
    const inner: unknown = value instanceof Map ? value.get(key) : undefined;
    if (inner instanceof Map) value = inner;
  }
  if (!(value instanceof Map) || value.size === 0)
    throw new FormatError(file, 'holds no state dict; save model.state_dict() with torch.save.');
  for (const [name, tensor] of value)
    if (typeof name !== 'string' || !(tensor instanceof NdArray) || !isNumericData(tensor.data))
      throw new FormatError(file, `holds ${quoted(String(name))}, which is no tensor; save model.state_dict() alone.`);
  return Object.fromEntries(value as Map<string, NdArray>);
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const isCounts = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.length <= 64 && value.every(isCount);

function notZip(bytes: Uint8Array): string {
  return bytes[0] === 0x80
    ? "is in PyTorch's format from before 1.6 (or a plain pickle); load it there and torch.save it again."
    : 'is no PyTorch checkpoint: no zip archive, as torch.save writes since 1.6.';
}
