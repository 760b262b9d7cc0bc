import { columnMajor as columnMajorStrides, isNumericData, NdArray, sizeOf } from './array.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { bytesPerElement, decodeNumbers, type NumericDType } from './numbers.ts';
import { bytesNow, StoredNumbers, type StoredRun } from './stored.ts';
import { strided } from './stored-view.ts';

const names: Readonly<Record<string, NumericDType>> = {
  b1: 'bool',
  i1: 'int8',
  u1: 'uint8',
  i2: 'int16',
  u2: 'uint16',
  i4: 'int32',
  u4: 'uint32',
  i8: 'int64',
  u8: 'uint64',
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
  f16: 'longdouble',
  c8: 'complex64',
  c16: 'complex128',
};

/** A NumPy dtype, as pickles (`f4` and a byte order) and `.npy` headers (`<f4`) write it. */
export class NumpyType {
  readonly name: NumericDType | 'text' | 'bytes' | 'object';
  /** Bytes per element; 0 for objects. */
  readonly size: number;
  readonly bigEndian: boolean;

  private constructor(name: NumpyType['name'], size: number, bigEndian: boolean) {
    this.name = name;
    this.size = size;
    this.bigEndian = bigEndian;
  }

  static readonly object = new NumpyType('object', 0, false);

  static parse(text: string, file: string): NumpyType {
    const [, order, code, digits] = /^([<>|=]?)([a-zA-Z?])(\d{0,9})$/.exec(text) ?? [];
    const bigEndian = order === '>';
    if (code === 'O') return NumpyType.object;
    if (code === '?') return new NumpyType('bool', 1, false);
    if (code === 'U') return new NumpyType('text', 4 * Number(digits), bigEndian);
    if (code === 'S') return new NumpyType('bytes', Number(digits), bigEndian);
    const key = `${code}${digits}`;
    if (code === undefined || !Object.hasOwn(names, key))
      throw new FormatError(file, `holds an array of NumPy type ${quoted(text)}; save numbers, text or objects.`);
    return new NumpyType(names[key]!, bytesPerElement(names[key]!), bigEndian);
  }

  withByteOrder(bigEndian: boolean): NumpyType {
    return new NumpyType(this.name, this.size, bigEndian);
  }

  /** The array whose elements are in `bytes`, which must be exactly as long as the shape asks. */
  array(
    bytes: Uint8Array | StoredRun,
    shape: readonly number[],
    { columnMajor, file }: { readonly columnMajor: boolean; readonly file: string },
  ): NdArray {
    const count = sizeOf(shape, file);
    const wanted = count * this.size;
    if (wanted !== bytes.length || (this.size === 0 && count > 0))
      throw new FormatError(
        file,
        `an array of shape [${shape.join(',')}] needs ${wanted} bytes and has ${bytes.length}; ` +
          'the file is damaged, copy it again.',
      );
    const { name, bigEndian } = this;
    if (name === 'object') return new NdArray(shape, name, []);
    // A complex number is two numbers.
    const part = name === 'complex64' ? 'float32' : name === 'complex128' ? 'float64' : name;
    const inMemory = bytes instanceof Uint8Array;
    const array = !isNumber(part)
      ? new NdArray(shape, 'string', this.texts(inMemory ? bytes : bytesNow(bytes), count))
      : inMemory
        ? new NdArray(shape, name as NumericDType, decodeNumbers(part, bytes, { bigEndian }))
        : new NdArray(shape, name as NumericDType, new StoredNumbers(bytes, part, { bigEndian }));
    return columnMajor && shape.length > 1 ? strided(array, shape, columnMajorStrides(shape)) : array;
  }

  /** One element, as a JavaScript value. */
  scalar(bytes: Uint8Array | StoredRun, file: string): unknown {
    const { data } = this.array(bytes, [], { columnMajor: false, file });
    if (this.name === 'bool') return data[0] !== 0;
    if (!isNumericData(data) || data.length === 1) {
      const value: unknown = data[0];
      return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value;
    }
    return data;
  }

  private texts(bytes: Uint8Array, count: number): string[] {
    const { name, size, bigEndian } = this;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return Array.from({ length: count }, (_, i) => {
      let text = '';
      for (let at = i * size; at < (i + 1) * size; at += name === 'text' ? 4 : 1) {
        const code = name === 'text' ? view.getUint32(at, !bigEndian) : view.getUint8(at);
        text += code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code);
      }
      return text.replace(/\0+$/u, '');
    });
  }
}

const isNumber = (name: NumpyType['name']): name is NumericDType =>
  name !== 'text' && name !== 'bytes' && name !== 'object';
