import { NdArray } from '../bytes/array.ts';
import { Cursor } from '../bytes/cursor.ts';
import { FormatError, quoted, reading } from '../../files/error.ts';
import { npyMark } from './mark.ts';
import { NumpyType } from '../bytes/numpy-type.ts';
import { type OpenedFile, openWith } from '../bytes/opened.ts';
import { readPickleFrom } from '../pickle/read.ts';
import { PartSource } from '../bytes/source.ts';
import { type Source, StoredBytes } from '../bytes/stored.ts';

// NumPy's own limit is 10,000 bytes; structured types, which have longer ones, are not read.
const longestHeader = 2 ** 20;

/** An array as `numpy.save` writes it: the header is read now, numbers when they are asked for. */
export const openNpy = (file: string): Promise<OpenedFile> =>
  openWith(file, 'NumPy array', (source) => ({ value: readNpyFrom(source) }));

/**
 * One array as `numpy.save` writes it, versions 1 to 3, of a file that must stay open while its numbers are read. Object
 * arrays hold a pickle, which is read, never executed.
 */
export function readNpyFrom(source: Source): NdArray {
  const { file } = source;
  return reading(file, () => {
    const input = new Cursor(source, file, { window: 1024 });
    if (source.size < 10 || input.latin1(6) !== npyMark)
      throw new FormatError(file, 'does not begin as a NumPy array does; write it with numpy.save.');
    const version = input.uint8();
    if (version < 1 || version > 3) throw input.fail(`npy version ${version} is unknown; versions 1 to 3 are read.`);
    input.uint8();
    const length = version === 1 ? input.uint16() : input.uint32();
    if (length > longestHeader) throw input.fail(`an npy header of ${length} bytes is announced; refused.`);
    const { type, columnMajor, shape } = parseHeader(input.utf8(length), file);
    const [position, size] = [input.offset, source.size - input.offset];
    if (type.name !== 'object')
      return type.array(new StoredBytes(source, position, size), shape, { columnMajor, file });
    const array = readPickleFrom(new PartSource(source, { position, size }), { file });
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
