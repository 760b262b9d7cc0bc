import { gather, isNumericData, NdArray, rowMajor, sizeOf } from './array.ts';
import { FormatError, quoted, reading } from './error.ts';
import { bytesPerElement, decodeNumbers, type NumericDType } from './numbers.ts';
import { readPickle } from './pickle.ts';
import type { GlobalFunction, Globals, Machine } from './pickle/machine.ts';
import { plainGlobals } from './pickle/numpy.ts';
import { readZip } from './zip.ts';

/** The type of a storage, as the pickle names it. */
class StorageType {
  readonly dtype: NumericDType;

  constructor(dtype: NumericDType) {
    this.dtype = dtype;
  }
}

/** One file of the archive: the elements that one or more tensors are views of. */
interface Storage {
  readonly type: StorageType;
  readonly array: NdArray;
}

const storageTypes: Readonly<Record<string, NumericDType>> = {
  FloatStorage: 'float32',
  DoubleStorage: 'float64',
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  LongStorage: 'int64',
  IntStorage: 'int32',
  ShortStorage: 'int16',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  BoolStorage: 'bool',
};

/** `_rebuild_tensor_v2(storage, offset, shape, strides, requires_grad, hooks)`: a view, gathered into its own array. */
const rebuildTensor: GlobalFunction = ([storage, offset, shape, strides], machine) => {
  if (!isStorage(storage) || typeof offset !== 'number' || !isCounts(shape) || !isCounts(strides))
    throw machine.fail('a tensor is not described as PyTorch does; the file is damaged, copy it again.');
  const { data, dtype } = storage.array;
  const size = sizeOf(shape, machine.file);
  machine.charge(8 * size);
  const last = shape.reduce((end, axis, i) => end + (axis - 1) * strides[i]!, offset);
  if (strides.length !== shape.length || offset < 0 || (size > 0 && last >= data.length))
    throw machine.fail(`a tensor reaches element ${last} of a storage of ${data.length}; the file is damaged.`);
  const contiguous = rowMajor(shape).every((stride, axis) => stride === strides[axis] || shape[axis] === 1);
  const view = contiguous ? data.slice(offset, offset + size) : gather(data, shape, strides, offset);
  return new NdArray(shape, dtype, view);
};

const rebuildParameter: GlobalFunction = ([tensor]) => tensor;

const torchGlobals: Globals = new Map<string, unknown>([
  ...plainGlobals,
  ['torch._utils _rebuild_tensor_v2', rebuildTensor],
  ['torch._utils _rebuild_parameter', rebuildParameter],
  ['torch Size', (([shape]) => shape) satisfies GlobalFunction],
  ...Object.entries(storageTypes).map(([name, dtype]): [string, unknown] => [`torch ${name}`, new StorageType(dtype)]),
]);

/**
 * The tensors of a PyTorch state dict (`torch.save` since 1.6: a zip archive with a pickle), by name. A checkpoint that
 * keeps its state dict under `state_dict`, `model_state_dict` or `model` is opened. Nothing is executed.
 */
export function readTorch(bytes: Uint8Array, { file }: { readonly file: string }): Record<string, NdArray> {
  return reading(file, () => {
    if (bytes[0] !== 0x50 || bytes[1] !== 0x4b) throw new FormatError(file, notZip(bytes));
    const entries = readZip(bytes, { file });
    const pickle = [...entries.keys()].find((path) => path === 'data.pkl' || path.endsWith('/data.pkl'));
    if (pickle === undefined)
      throw new FormatError(file, 'is a zip archive without data.pkl, so no PyTorch checkpoint; use torch.save.');
    const root = pickle.slice(0, -'data.pkl'.length);
    const byteOrder = entries.get(`${root}byteorder`);
    const bigEndian = byteOrder !== undefined && new TextDecoder().decode(byteOrder).trim() === 'big';
    const storages = new Map<string, Storage>();
    const persistentLoad = (id: unknown, machine: Machine): Storage => {
      const [kind, type, key] = Array.isArray(id) ? (id as unknown[]) : [];
      if (kind !== 'storage' || !(type instanceof StorageType) || typeof key !== 'string')
        throw machine.fail('a tensor refers to something that is no storage; the file is damaged, copy it again.');
      const known = storages.get(key);
      if (known?.type === type) return known;
      const content = entries.get(`${root}data/${key}`);
      if (content === undefined) throw machine.fail(`storage ${quoted(key)} is missing; copy the file again.`);
      const count = Math.floor(content.length / bytesPerElement(type.dtype));
      machine.charge(2 * content.length);
      const own = content.subarray(0, count * bytesPerElement(type.dtype));
      const storage = { type, array: new NdArray([count], type.dtype, decodeNumbers(type.dtype, own, { bigEndian })) };
      storages.set(key, storage);
      return storage;
    };
    const content = entries.get(pickle)!;
    const value = readPickle(content, {
      file: `${file}:${pickle}`,
      globals: torchGlobals,
      persistentLoad,
      // For what the archive holds, not for its small pickle.
      allowance: bytes.length,
    });
    return stateDict(value, file);
  });
}

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

const isStorage = (value: unknown): value is Storage & { array: { data: Float32Array } } =>
  typeof value === 'object' && value !== null && 'array' in value && value.array instanceof NdArray;

const isCounts = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.length <= 64 && value.every((n) => Number.isSafeInteger(n) && (n as number) >= 0);

function notZip(bytes: Uint8Array): string {
  return bytes[0] === 0x80
    ? "is in PyTorch's format from before 1.6 (or a plain pickle); load it there and torch.save it again."
    : 'is no PyTorch checkpoint: no zip archive, as torch.save writes since 1.6.';
}
