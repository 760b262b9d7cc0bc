/** Checksums of bytes from those of their parts: CRC-32, as zip archives have it, in arithmetic modulo its polynomial. */

// The polynomial and all values are reflected: the highest bit is the coefficient of x^0.
const polynomial = 0xedb88320;
const one = 0x80000000;

function product(a: number, b: number): number {
  let sum = 0;
  for (let bit = one; bit !== 0; bit >>>= 1) {
    if (a & bit) sum ^= b;
    b = b & 1 ? (b >>> 1) ^ polynomial : b >>> 1;
  }
  return sum >>> 0;
}

/** x^(2^k) for k from 0 to 31; of which the next would be the first again. */
const powers = (() => {
  const all = [one >>> 1];
  while (all.length < 32) all.push(product(all.at(-1)!, all.at(-1)!));
  return all;
})();

/** The checksum of bytes that are followed by `length` others, from those of both: crc(A)·x^(8·length) + crc(B). */
export function joinedCrc32(first: number, second: number, length: number): number {
  let shift = one;
  for (let k = 3, rest = length; rest > 0; k++, rest = Math.floor(rest / 2))
    if (rest % 2 === 1) shift = product(powers[k % 32]!, shift);
  return (product(shift, first) ^ second) >>> 0;
}
