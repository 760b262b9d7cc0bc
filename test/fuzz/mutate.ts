/** Whole numbers below a bound, the same for the same seed. */
export type Random = (below: number) => number;

export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return Math.floor((((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32) * below);
  };
}

type Mutation = (bytes: Uint8Array<ArrayBuffer>, random: Random, other: Uint8Array) => Uint8Array<ArrayBuffer>;

/** Lengths, counts and offsets that no sound file has, or only a very large one. */
const absurd = [0n, 1n, 0x7fn, 0xffn, 0xffffn, 0x7fffffffn, 0x80000000n, 0xffffffffn, 2n ** 40n, 2n ** 53n, 2n ** 63n];

const joined = (...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.concat(parts));

/** Two places in the bytes, the lower first. */
function range({ length }: Uint8Array, random: Random): [number, number] {
  const [a, b] = [random(length + 1), random(length + 1)];
  return a < b ? [a, b] : [b, a];
}

const mutations: readonly Mutation[] = [
  function truncated(bytes, random) {
    return bytes.slice(0, random(bytes.length));
  },
  function flipped(bytes, random) {
    for (let i = random(8); i >= 0; i--) bytes[random(bytes.length)]! ^= 1 + random(255);
    return bytes;
  },
  function oneBit(bytes, random) {
    bytes[random(bytes.length)]! ^= 1 << random(8);
    return bytes;
  },
  function absurdNumber(bytes, random) {
    const width = 1 << random(4);
    const at = random(bytes.length);
    const value = absurd[random(absurd.length)]! - BigInt(random(2));
    const bigEndian = random(2) === 1;
    for (let i = 0; i < width && at + i < bytes.length; i++)
      bytes[at + i] = Number((value >> BigInt(8 * (bigEndian ? width - 1 - i : i))) & 0xffn);
    return bytes;
  },
  function absurdDigits(bytes, random) {
    const text = Buffer.from(bytes).toString('latin1');
    const numbers = [...text.matchAll(/\d+/g)];
    const chosen = numbers[random(numbers.length)];
    if (chosen === undefined) return bytes;
    const digits = ['-1', '0', '4294967296', '9007199254740993', '9'.repeat(25), 'NaN', '1e9'][random(7)]!;
    const end = chosen.index + chosen[0].length;
    return joined(Buffer.from(text.slice(0, chosen.index) + digits, 'latin1'), bytes.subarray(end));
  },
  function copied(bytes, random) {
    const [from, to] = range(bytes, random);
    bytes.copyWithin(random(bytes.length), from, to);
    return bytes;
  },
  function removed(bytes, random) {
    const [from, to] = range(bytes, random);
    return joined(bytes.subarray(0, from), bytes.subarray(to));
  },
  function repeated(bytes, random) {
    const [from, to] = range(bytes, random);
    const part = bytes.subarray(from, to);
    return joined(bytes.subarray(0, to), ...Array.from({ length: 1 + random(20) }, () => part), bytes.subarray(to));
  },
  function filled(bytes, random) {
    const [from, to] = range(bytes, random);
    return bytes.fill([0, 0xff, 0x28, 0x5d][random(4)]!, from, Math.min(to, from + 64));
  },
  function spliced(bytes, random, other) {
    return joined(bytes.subarray(0, random(bytes.length)), other.subarray(random(other.length)));
  },
  function grown(bytes, random, other) {
    return joined(bytes, other.subarray(0, random(other.length)));
  },
];

export interface Mutant {
  readonly bytes: Uint8Array;
  /** What was done. */
  readonly damage: string;
}

/** One damaged file made of `seed`, by one mutation or several. */
export function mutant(seed: Uint8Array, other: Uint8Array, random: Random): Mutant {
  let bytes = new Uint8Array(seed);
  const done: string[] = [];
  do {
    const mutation = mutations[random(mutations.length)]!;
    done.push(mutation.name);
    if (bytes.length > 0) bytes = mutation(bytes, random, other);
  } while (random(3) === 0 && done.length < 4);
  return { bytes, damage: done.join(', ') };
}
