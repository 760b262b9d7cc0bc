/**
 * What a training step computes on the host, four float32 at a time. AssemblyScript: `npm run build:kernels` compiles it
 * into src/kernels/wasm.ts; src/kernels/ is how the rest of the code calls it. Addresses are in bytes. What a kernel
 * computes in one turn of its loop is its stride, and counts of elements are multiples of it.
 */

/** Σ x² in float64, in eight sums that are added at the end. Stride 8. */
export function sumOfSquares(start: usize, count: usize): f64 {
  let a = f64x2.splat(0);
  let b = f64x2.splat(0);
  let c = f64x2.splat(0);
  let d = f64x2.splat(0);
  const end = start + (count << 2);
  for (let at = start; at < end; at += 32) {
    const x = f64x2.promote_low_f32x4(v128.load64_zero(at));
    const y = f64x2.promote_low_f32x4(v128.load64_zero(at, 8));
    const z = f64x2.promote_low_f32x4(v128.load64_zero(at, 16));
    const w = f64x2.promote_low_f32x4(v128.load64_zero(at, 24));
    a = f64x2.add(a, f64x2.mul(x, x));
    b = f64x2.add(b, f64x2.mul(y, y));
    c = f64x2.add(c, f64x2.mul(z, z));
    d = f64x2.add(d, f64x2.mul(w, w));
  }
  const sums = f64x2.add(f64x2.add(a, b), f64x2.add(c, d));
  return f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
}

/** Whether all of an array's numbers are finite: of those that are not, all bits of the exponent are set. Stride 16. */
export function allFinite(start: usize, count: usize): bool {
  const exponent = i32x4.splat(0x7f800000);
  let a = i32x4.splat(0);
  let b = i32x4.splat(0);
  const end = start + (count << 2);
  for (let at = start; at < end; at += 64) {
    const x = i32x4.eq(v128.and(v128.load(at), exponent), exponent);
    const y = i32x4.eq(v128.and(v128.load(at, 16), exponent), exponent);
    const z = i32x4.eq(v128.and(v128.load(at, 32), exponent), exponent);
    const w = i32x4.eq(v128.and(v128.load(at, 48), exponent), exponent);
    a = v128.or(a, v128.or(x, y));
    b = v128.or(b, v128.or(z, w));
  }
  return !v128.any_true(v128.or(a, b));
}

/**
 * A step of Adam in place, with g = factor · gradient + l2 · parameter:
 *
 *   mean ← β₁ mean + (1 − β₁) g,   variance ← β₂ variance + (1 − β₂) g²
 *   parameter ← shrink · parameter − rate · mean / (correction · √variance + ε)
 *
 * Stride 8: two at once keep the divider busy, which is what bounds the loop.
 */
export function adam(
  parameter: usize,
  gradient: usize,
  mean: usize,
  variance: usize,
  count: usize,
  factor: f32,
  l2: f32,
  beta1: f32,
  rest1: f32,
  beta2: f32,
  rest2: f32,
  correction: f32,
  epsilon: f32,
  rate: f32,
  shrink: f32,
): void {
  const factors = f32x4.splat(factor);
  const l2s = f32x4.splat(l2);
  const beta1s = f32x4.splat(beta1);
  const rest1s = f32x4.splat(rest1);
  const beta2s = f32x4.splat(beta2);
  const rest2s = f32x4.splat(rest2);
  const corrections = f32x4.splat(correction);
  const epsilons = f32x4.splat(epsilon);
  const rates = f32x4.splat(rate);
  const shrinks = f32x4.splat(shrink);
  const end = count << 2;
  for (let at: usize = 0; at < end; at += 32) {
    const p0 = v128.load(parameter + at);
    const p1 = v128.load(parameter + at, 16);
    const g0 = f32x4.add(f32x4.mul(factors, v128.load(gradient + at)), f32x4.mul(l2s, p0));
    const g1 = f32x4.add(f32x4.mul(factors, v128.load(gradient + at, 16)), f32x4.mul(l2s, p1));
    const m0 = f32x4.add(f32x4.mul(beta1s, v128.load(mean + at)), f32x4.mul(rest1s, g0));
    const m1 = f32x4.add(f32x4.mul(beta1s, v128.load(mean + at, 16)), f32x4.mul(rest1s, g1));
    const v0 = f32x4.add(f32x4.mul(beta2s, v128.load(variance + at)), f32x4.mul(f32x4.mul(rest2s, g0), g0));
    const v1 = f32x4.add(f32x4.mul(beta2s, v128.load(variance + at, 16)), f32x4.mul(f32x4.mul(rest2s, g1), g1));
    const pace0 = f32x4.div(rates, f32x4.add(f32x4.mul(corrections, f32x4.sqrt(v0)), epsilons));
    const pace1 = f32x4.div(rates, f32x4.add(f32x4.mul(corrections, f32x4.sqrt(v1)), epsilons));
    v128.store(mean + at, m0);
    v128.store(mean + at, m1, 16);
    v128.store(variance + at, v0);
    v128.store(variance + at, v1, 16);
    v128.store(parameter + at, f32x4.sub(f32x4.mul(shrinks, p0), f32x4.mul(pace0, m0)));
    v128.store(parameter + at, f32x4.sub(f32x4.mul(shrinks, p1), f32x4.mul(pace1, m1)), 16);
  }
}

/** Makes 0 of whatever is smaller than `least` in size; NaN stays. Stride 4. */
export function flush(start: usize, count: usize, least: f32): void {
  const leasts = f32x4.splat(least);
  const end = start + (count << 2);
  for (let at = start; at < end; at += 16) {
    const x = v128.load(at);
    v128.store(at, v128.andnot(x, f32x4.lt(f32x4.abs(x), leasts)));
  }
}

/** mean ← mean + rate (value − mean). Stride 4. */
export function approach(mean: usize, value: usize, count: usize, rate: f32): void {
  const rates = f32x4.splat(rate);
  const end = count << 2;
  for (let at: usize = 0; at < end; at += 16) {
    const m = v128.load(mean + at);
    v128.store(mean + at, f32x4.add(m, f32x4.mul(rates, f32x4.sub(v128.load(value + at), m))));
  }
}

/**
 * `kept` or 0 by random numbers of 16 bits, 0 where below the threshold (at most 65535). Blocks of Threefry-2x32-13 of
 * four numbers each, from block `first` on, so that word `a` decides elements 0 and 1 of four and word `b` 2 and 3: the
 * same as `threefry` in src/data/random.ts, for eight blocks at once. Stride 32. Two chains of rounds, since one waits
 * for itself most of the time.
 */
export function mask(start: usize, count: usize, first: u32, key0: u32, key1: u32, threshold: i16, kept: f32): void {
  const key2 = 0x1bd11bda ^ key0 ^ key1;
  const key0s = i32x4.splat(key0);
  const key1s = i32x4.splat(key1);
  const key2s = i32x4.splat(key2);
  const key2Plus1 = i32x4.splat(key2 + 1);
  const key0Plus2 = i32x4.splat(key0 + 2);
  const key1Plus3 = i32x4.splat(key1 + 3);
  const thresholds = i16x8.splat(threshold);
  const kepts = f32x4.splat(kept);
  // The first round begins alike in every block but for the counter.
  const begun = rotate(key1s, 13);
  let counters = i32x4.add(i32x4(0, 1, 2, 3), i32x4.splat(first + key0 + key1));
  const end = start + (count << 2);
  for (let at = start; at < end; at += 128) {
    let a = counters;
    let c = i32x4.add(counters, i32x4.splat(4));
    counters = i32x4.add(counters, i32x4.splat(8));
    let b = v128.xor(begun, a);
    let d = v128.xor(begun, c);
    a = i32x4.add(a, b);
    c = i32x4.add(c, d);
    b = v128.xor(rotate(b, 15), a);
    d = v128.xor(rotate(d, 15), c);
    a = i32x4.add(a, b);
    c = i32x4.add(c, d);
    b = v128.xor(rotate(b, 26), a);
    d = v128.xor(rotate(d, 26), c);
    a = i32x4.add(a, b);
    c = i32x4.add(c, d);
    b = v128.xor(rotate(b, 6), a);
    d = v128.xor(rotate(d, 6), c);
    a = i32x4.add(a, key1s);
    c = i32x4.add(c, key1s);
    b = i32x4.add(b, key2Plus1);
    d = i32x4.add(d, key2Plus1);
    a = i32x4.add(a, b);
    c = i32x4.add(c, d);
    b = v128.xor(rotate(b, 17), a);
    d = v128.xor(rotate(d, 17), c);
    a = i32x4.add(a, b);
    c = i32x4.add(c, d);
    b = v128.xor(rotate(b, 29), a);
    d = v128.xor(rotate(d, 29), c);
    a = i32x4.add(a, b);
    c = i32x4.add(c, d);
    b = v128.xor(rotate16(b), a);
    d = v128.xor(rotate16(d), c);
    a = i32x4.add(a, b);
    c = i32x4.add(c, d);
    b = v128.xor(rotate24(b), a);
    d = v128.xor(rotate24(d), c);
    a = i32x4.add(a, key2s);
    c = i32x4.add(c, key2s);
    b = i32x4.add(b, key0Plus2);
    d = i32x4.add(d, key0Plus2);
    a = i32x4.add(a, b);
    c = i32x4.add(c, d);
    b = v128.xor(rotate(b, 13), a);
    d = v128.xor(rotate(d, 13), c);
    a = i32x4.add(a, b);
    c = i32x4.add(c, d);
    b = v128.xor(rotate(b, 15), a);
    d = v128.xor(rotate(d, 15), c);
    a = i32x4.add(a, b);
    c = i32x4.add(c, d);
    b = v128.xor(rotate(b, 26), a);
    d = v128.xor(rotate(d, 26), c);
    a = i32x4.add(a, b);
    c = i32x4.add(c, d);
    b = v128.xor(rotate(b, 6), a);
    d = v128.xor(rotate(d, 6), c);
    a = i32x4.add(a, key0s);
    c = i32x4.add(c, key0s);
    b = i32x4.add(b, key1Plus3);
    d = i32x4.add(d, key1Plus3);
    a = i32x4.add(a, b);
    c = i32x4.add(c, d);
    b = v128.xor(rotate(b, 17), a);
    d = v128.xor(rotate(d, 17), c);
    decide(at, i32x4.shuffle(a, b, 0, 4, 1, 5), thresholds, kepts);
    decide(at + 32, i32x4.shuffle(a, b, 2, 6, 3, 7), thresholds, kepts);
    decide(at + 64, i32x4.shuffle(c, d, 0, 4, 1, 5), thresholds, kepts);
    decide(at + 96, i32x4.shuffle(c, d, 2, 6, 3, 7), thresholds, kepts);
  }
}

/** Eight elements by eight numbers: each comparison, 16 bits of ones or zeros, is doubled to the 32 of an element. */
function decide(at: usize, numbers: v128, thresholds: v128, kepts: v128): void {
  const keep = i16x8.ge_u(numbers, thresholds);
  v128.store(at, v128.and(kepts, i16x8.shuffle(keep, keep, 0, 8, 1, 9, 2, 10, 3, 11)));
  v128.store(at, v128.and(kepts, i16x8.shuffle(keep, keep, 4, 12, 5, 13, 6, 14, 7, 15)), 16);
}

function rotate(x: v128, left: i32): v128 {
  return v128.or(i32x4.shl(x, left), i32x4.shr_u(x, 32 - left));
}

// By whole bytes, a rotation is one instruction.
function rotate16(x: v128): v128 {
  return i8x16.shuffle(x, x, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
}

function rotate24(x: v128): v128 {
  return i8x16.shuffle(x, x, 1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12);
}
