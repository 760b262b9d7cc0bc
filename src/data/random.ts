/**
 * Counter-based random numbers: Threefry-2x32 with 13 rounds (Salmon et al., "Parallel random numbers: as easy as
 * 1, 2, 3", SC 2011). A number is a pure function of (seed, path, counter), so streams need no saved state:
 * resuming at step s redraws exactly what step s drew.
 */
import { allocate, fillMask } from '../kernels/index.ts';

export interface Random {
  /** A uniform number in [0, 1), a multiple of 2^-32. Stored as float32, the largest values round to 1. */
  uniform(): number;
  /** A number of the standard normal distribution. */
  normal(): number;
  /** Goes on as if `count` numbers of `normal` had been drawn, in a time that does not grow with `count`. */
  skipNormals(count: number): void;
  /** A uniform integer in 0..n-1, without modulo bias; n at most 2^32. */
  integer(n: number): number;
  /** The integers 0..n-1 in random order, `[n]`. */
  permutation(n: number): Int32Array;
}

/** The stream named by `path` under `seed`: `random(7, 'shuffle', epoch)`. Different paths give independent streams. */
export function random(seed: number, ...path: readonly (string | number)[]): Random {
  const [key0, key1] = streamKey(seed, path);
  const block = new Int32Array(2);
  let counter = 0;
  let spare = Number.NaN;

  const fillBlock = (): void => threefry(block, key0, key1, Math.floor(counter / 2), Math.floor(counter / 2 ** 33));
  const word = (): number => {
    const half = counter & 1;
    if (half === 0) fillBlock();
    counter += 1;
    return block[half]! >>> 0;
  };
  const uniform = (): number => word() * 2 ** -32;
  const normal = (): number => {
    if (!Number.isNaN(spare)) {
      const second = spare;
      spare = Number.NaN;
      return second;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  const skipNormals = (count: number): void => {
    const held = count > 0 && !Number.isNaN(spare) ? 1 : 0;
    if (held) spare = Number.NaN;
    // Two words make two normals.
    counter += 2 * Math.floor((count - held) / 2);
    // The next word may be the second of a block, whose first was never drawn.
    if (counter % 2 === 1) fillBlock();
    if ((count - held) % 2 === 1) normal();
  };
  const integer = (n: number): number => {
    if (!Number.isInteger(n) || n < 1 || n > 2 ** 32) throw new RangeError(`integer(n) needs n in 1..2^32, got ${n}.`);
    const limit = 2 ** 32 - (2 ** 32 % n);
    for (;;) {
      const draw = word();
      if (draw < limit) return draw % n;
    }
  };
  const permutation = (n: number): Int32Array => {
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = integer(i + 1);
      const held = order[i]!;
      order[i] = order[j]!;
      order[j] = held;
    }
    return order;
  };
  return { uniform, normal, skipNormals, integer, permutation };
}

/**
 * Fills `mask` with 0 (probability `rate`) or 1/(1-rate), a pure function of (seed, site, step).
 * Each block of the generator decides four elements by 16 bits each, so the rate is exact to 2^-17.
 * Fastest for an array of `dropoutMasks`.
 */
export function fillDropoutMask(
  mask: Float32Array,
  rate: number,
  seed: number,
  site: string | number,
  step: number,
): void {
  if (!(rate >= 0 && rate < 1)) throw new RangeError(`A dropout rate is in [0, 1), got ${rate}.`);
  if (rate === 0) return void mask.fill(1);
  const threshold = Math.round(rate * 65536);
  // No number of 16 bits reaches this threshold, so that every element is dropped.
  if (threshold === 65536) return void mask.fill(0);
  fillMask(mask, { key: streamKey(seed, ['dropout', site, step]), threshold, kept: 1 / (1 - rate) });
}

/** Arrays by name in which `fillDropoutMask` draws in place, since the kernel that fills them shares their memory. */
export function dropoutMasks(
  sites: readonly { readonly name: string; readonly length: number }[],
): Record<string, Float32Array> {
  const masks = allocate(sites.map(({ length }) => length));
  return Object.fromEntries(sites.map(({ name }, i) => [name, masks[i]!]));
}

const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const;

/** One block: two 32-bit words into `out`, from a 64-bit key and a 64-bit counter. */
export function threefry(out: Int32Array, key0: number, key1: number, counter0: number, counter1: number): void {
  const keys = [key0 | 0, key1 | 0, 0x1bd11bda ^ key0 ^ key1];
  let a = (counter0 + key0) | 0;
  let b = (counter1 + key1) | 0;
  for (let round = 0; round < 13; round++) {
    if (round > 0 && round % 4 === 0) {
      const injection = round / 4;
      a = (a + keys[injection % 3]!) | 0;
      b = (b + keys[(injection + 1) % 3]! + injection) | 0;
    }
    const rotation = rotations[round % 8]!;
    a = (a + b) | 0;
    b = ((b << rotation) | (b >>> (32 - rotation))) ^ a;
  }
  out[0] = a;
  out[1] = b;
}

/** The key of a stream: a hash of seed and path, for which the generator itself is chained over the parts of the path. */
function streamKey(seed: number, path: readonly (string | number)[]): readonly [number, number] {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`A seed is an integer of at most 53 bits, got ${seed}.`);
  const key = Int32Array.of(seed, Math.floor(seed / 2 ** 32));
  const absorb = (word0: number, word1: number): void => threefry(key, key[0]!, key[1]!, word0, word1);
  for (const part of path) {
    if (typeof part === 'number') {
      if (!Number.isSafeInteger(part)) throw new RangeError(`A stream is named by integers and strings, got ${part}.`);
      absorb(1, 0);
      absorb(part, Math.floor(part / 2 ** 32));
    } else {
      absorb(2, part.length);
      for (let i = 0; i < part.length; i += 2)
        absorb(part.charCodeAt(i), i + 1 < part.length ? part.charCodeAt(i + 1) : 0);
    }
  }
  return [key[0]!, key[1]!];
}
