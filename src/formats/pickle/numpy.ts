import { NdArray, rowMajor, sizeOf } from '../bytes/array.ts';
import { latin1 } from '../bytes/cursor.ts';
import { NumpyType } from '../bytes/numpy-type.ts';
import { StoredBytes, type StoredRun } from '../bytes/stored.ts';
import { StoredLatin1 } from '../bytes/stored-latin1.ts';
import { strided } from '../bytes/stored-view.ts';
import { OpaqueName } from './opaque.ts';
import { build, type GlobalFunction, type Globals, type Machine } from './machine.ts';

/** A dtype: its byte order arrives as state, after it was named. That of dates or of records is not read. */
class PickledType {
  type: NumpyType | OpaqueName;

  constructor(type: NumpyType | OpaqueName) {
    this.type = type;
  }

  [build](state: unknown): void {
    if (Array.isArray(state) && this.type instanceof NumpyType) this.type = this.type.withByteOrder(state[1] === '>');
  }
}

/** An array as `__reduce__` makes it: empty until its state (version, shape, dtype, order, data) arrives. */
class PickledArray extends NdArray {
  constructor() {
    super([0], 'uint8', new Uint8Array(0));
  }

  [build](state: unknown, machine: Machine): void {
    const [, shape, type, columnMajor, data] = Array.isArray(state) ? (state as unknown[]) : [];
    Object.assign(this, array(machine, { shape, type, columnMajor: columnMajor === true || columnMajor === 1, data }));
  }
}

interface ArrayParts {
  readonly shape: unknown;
  readonly type: unknown;
  readonly columnMajor: boolean;
  readonly data: unknown;
}

function array(machine: Machine, { shape, type, columnMajor, data }: ArrayParts): NdArray {
  const { file } = machine;
  if (!isShape(shape) || !(type instanceof PickledType)) throw machine.fail(damaged);
  machine.charge(8 * sizeOf(shape, file));
  if (type.type instanceof OpaqueName)
    return new NdArray(shape, 'object', new Array<unknown>(sizeOf(shape, file)).fill(machine.opaque(type.type)));
  if (type.type.name !== 'object') return type.type.array(bytesOf(data, machine), shape, { columnMajor, file });
  if (!Array.isArray(data) || data.length !== sizeOf(shape, file)) throw machine.fail(damaged);
  // NumPy lists objects in row-major order whatever their layout.
  return new NdArray(shape, 'object', [...(data as unknown[])]);
}

const damaged = 'an array is not described as NumPy does; the file is damaged, copy it again.';

const isShape = (shape: unknown): shape is readonly number[] =>
  Array.isArray(shape) && shape.length <= 64 && shape.every((axis) => typeof axis === 'number');

// Python 2 wrote bytes as text, one character each.
function bytesOf(data: unknown, machine: Machine): Uint8Array | StoredRun {
  if (data instanceof Uint8Array || data instanceof StoredBytes || data instanceof StoredLatin1) return data;
  if (typeof data === 'string') return encoded(data, machine);
  throw machine.fail(damaged);
}

/** `_codecs.encode`, with which protocols 0 to 2 write the bytes of Python 3. */
const encode: GlobalFunction = ([text, encoding], machine) => {
  const isText = typeof text === 'string' || text instanceof StoredBytes;
  if (!isText || !(encoding === 'latin1' || encoding === 'latin-1'))
    throw machine.fail('text is encoded as something other than latin1; the file is damaged.');
  if (typeof text === 'string') return encoded(text, machine);
  machine.charge(text.length);
  return new StoredLatin1(text);
};

function encoded(text: string, machine: Machine): Uint8Array {
  machine.charge(text.length);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

const dtype: GlobalFunction = ([name], machine) => {
  const text = name instanceof Uint8Array ? latin1(name) : name;
  if (typeof text !== 'string') throw machine.fail('a NumPy type is not named; structured arrays are not read.');
  return new PickledType(/^[mMV]/.test(text) ? new OpaqueName(`numpy ${text}`) : NumpyType.parse(text, machine.file));
};

/** Protocol 5: `(buffer, dtype, shape, order, axis_order)`. */
const fromBuffer: GlobalFunction = ([data, type, shape, order, axes], machine) => {
  const stored = array(machine, { shape, type, columnMajor: order === 'F', data });
  if (order !== 'K' || !Array.isArray(axes)) return stored;
  const permutation = axes.map(Number);
  if (new Set(permutation).size !== stored.shape.length || permutation.some((a) => stored.shape[a] === undefined))
    throw machine.fail(damaged);
  const strides = rowMajor(stored.shape);
  const transposed = permutation.map((axis) => stored.shape[axis]!);
  return strided(
    stored,
    transposed,
    permutation.map((axis) => strides[axis]!),
  );
};

const scalar: GlobalFunction = ([type, data], machine) => {
  if (!(type instanceof PickledType)) throw machine.fail(damaged);
  if (type.type instanceof OpaqueName) return machine.opaque(type.type);
  machine.charge(type.type.size);
  return type.type.name === 'object' ? data : type.type.scalar(bytesOf(data, machine), machine.file);
};

const iterable = (value: unknown, machine: Machine): readonly unknown[] => {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw machine.fail('a container is made from something that is no list.');
  machine.charge(16 * value.length + 128);
  return value as unknown[];
};

const dict: GlobalFunction = ([pairs], machine) => {
  // `collections.Counter` is made from a dict.
  if (pairs instanceof Map)
    return new Map(iterable([...(pairs as Map<unknown, unknown>)], machine) as [unknown, unknown][]);
  const entries = iterable(pairs, machine);
  if (!entries.every((pair) => Array.isArray(pair) && pair.length === 2))
    throw machine.fail('a dict is made from something that is no list of pairs.');
  return new Map(entries as [unknown, unknown][]);
};

const set: GlobalFunction = ([values], machine) => new Set(iterable(values, machine));
const list: GlobalFunction = ([values], machine) => [...iterable(values, machine)];
/** How protocols 0 and 1 make an object of a class that says nothing of it: an empty one, whose state follows. */
const reconstruct: GlobalFunction = ([made], machine) => machine.call(made, []);

const bytes: GlobalFunction = (args, machine) =>
  args.length === 0
    ? new Uint8Array(0)
    : typeof args[0] === 'string'
      ? encode(args, machine)
      : bytesOf(args[0], machine);

/** Python 2 called the module of the built-in names `__builtin__`. */
const builtin = (name: string, value: unknown): [string, unknown][] => [
  [`builtins ${name}`, value],
  [`__builtin__ ${name}`, value],
];

/** NumPy 2 renamed `numpy.core` to `numpy._core`. */
const core = (name: string, value: unknown): [string, unknown][] => [
  [`numpy.core.${name}`, value],
  [`numpy._core.${name}`, value],
];

/** The containers of Python that are plain data. */
const plainGlobals: Globals = new Map([
  ['collections OrderedDict', dict],
  ['collections Counter', dict],
  ['collections deque', list],
  ['copyreg _reconstructor', reconstruct],
  ['copy_reg _reconstructor', reconstruct],
  ['collections defaultdict', ((_args, machine) => dict([], machine)) satisfies GlobalFunction],
  ['_codecs encode', encode],
  ...builtin('dict', dict),
  ...builtin('set', set),
  ...builtin('frozenset', set),
  ...builtin('list', list),
  ...builtin('tuple', list),
  ...builtin('bytes', bytes),
  ...builtin('bytearray', bytes),
  // Named, never called: the factory of a defaultdict.
  ...builtin('int', null),
  ...builtin('float', null),
  ...builtin('str', null),
]);

export const numpyGlobals: Globals = new Map([
  ...plainGlobals,
  ...core('multiarray _reconstruct', (() => new PickledArray()) satisfies GlobalFunction),
  ...core('multiarray scalar', scalar),
  ...core('numeric _frombuffer', fromBuffer),
  ...core('_internal _convert_to_stringdtype_kwargs', () => new PickledType(NumpyType.object)),
  ['numpy ndarray', null],
  ['numpy dtype', dtype],
]);
