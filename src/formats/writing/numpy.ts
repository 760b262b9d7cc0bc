/** How NumPy names types and lays out texts, which `.npy` files and pickles write alike. */

import type { TextArray } from './arrays.ts';
import { FormatError, quoted } from '../../files/error.ts';
import type { NumericDType } from '../bytes/numbers.ts';

/** NumPy's names of the types that are written. */
export const numpyCodes: Readonly<Partial<Record<NumericDType, string>>> = {
  bool: '|b1',
  int8: '|i1',
  uint8: '|u1',
  int16: '<i2',
  uint16: '<u2',
  int32: '<i4',
  uint32: '<u4',
  int64: '<i8',
  uint64: '<u8',
  float16: '<f2',
  float32: '<f4',
  float64: '<f8',
  complex64: '<c8',
  complex128: '<c16',
};

export const numpyTypes: ReadonlySet<NumericDType> = new Set(Object.keys(numpyCodes) as NumericDType[]);

/** Characters of the longest text: NumPy gives every text of an array the same room. */
export function textWidth(name: string, { texts }: TextArray, file: string): number {
  let width = 1;
  for (const text of texts()) {
    if (text.endsWith('\0'))
      throw new FormatError(file, `cannot hold ${quoted(name)}: a text ends with a zero, which NumPy drops; .pkl can.`);
    let length = 0;
    for (let i = 0; i < text.length; i++)
      if ((text.charCodeAt(i) & 0xfc00) !== 0xdc00 || !isPair(text, i - 1)) length++;
    width = Math.max(width, length);
  }
  return width;
}

const isPair = (text: string, at: number): boolean => at >= 0 && text.codePointAt(at)! > 0xffff;

/** Texts as UTF-32 of `width` characters each, a few MiB at a time. */
export function* textBlocks(texts: readonly string[], width: number): Generator<Uint8Array> {
  const rows = Math.max(1, Math.floor(2 ** 20 / width));
  for (let from = 0; from < texts.length; from += rows) {
    const block = texts.slice(from, from + rows);
    const characters = new Uint32Array(block.length * width);
    for (const [row, text] of block.entries()) {
      let at = row * width;
      for (const character of text) characters[at++] = character.codePointAt(0)!;
    }
    yield new Uint8Array(characters.buffer);
  }
}
