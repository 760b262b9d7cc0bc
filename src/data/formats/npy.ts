import { NdArray } from './array.ts';
import { Cursor } from './cursor.ts';
import { FormatError, quoted, reading } from './error.ts';
import { NumpyType } from './numpy-type.ts';
import { readPickle } from './pickle.ts';

const magic = '\x93NUMPY';

/** One array as `numpy.save` writes it, versions 1 to 3. Object arrays hold a pickle, which is read, never executed. */
export function readNpy(bytes: Uint8Array, { file }: { readonly file: string }): NdArray {
  return reading(file, () => {
    const input = new Cursor(bytes, file);
    if (bytes.length < 10 || input.latin1(6) !== magic)
      throw new FormatError(file, 'does not begin as a NumPy array does; write it with numpy.save.');
    const version = input.uint8();
    if (version < 1 || version > 3) throw input.fail(`npy version ${version} is unknown; versions 1 to 3 are read.`);
    input.uint8();
    const header = input.utf8(version === 1 ? input.uint16() : input.uint32());
    const { type, columnMajor, shape } = parseHeader(header, file);
    const rest = input.take(bytes.length - input.offset);
    if (type.name !== 'object') return type.array(rest, shape, { columnMajor, file });
    const array = readPickle(rest, { file });
    if (!(array instanceof NdArray)) throw new FormatError(file, 'holds objects but no array of them; write it again.');
    return array;
  });
}

/** The header is a Python dict literal with three keys that NumPy always writes the same way. */
function parseHeader(header: string, file: string): { type: NumpyType; columnMajor: boolean; shape: number[] } {
  const type = /'descr'\s*:\s*'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(header)?.[1];
  const axes = /'shape'\s*:\s*\(([\d\s,L]*)\)/.exec(header)?.[1];
  if (/'descr'\s*:\s*\[/.test(header))
    throw new FormatError(file, 'holds a structured array; save each field as an array of its own.');
  if (type === undefined || order === undefined || axes === undefined)
    throw new FormatError(file, `has the npy header ${quoted(header.trim())}, which cannot be read; write it again.`);
  const shape = axes
    .split(',')
    .map((axis) => axis.trim().replace(/L$/, ''))
    .filter((axis) => axis !== '')
    .map(Number);
  return { type: NumpyType.parse(type, file), columnMajor: order === 'True', shape };
}
