/**
 * The probabilities `[N, classes]` of logits `[N, classes]`: each row is e^x over the sum of e^x. They are doubles, so that
 * logits that differ do not come to equal probabilities.
 */
export function softmax(logits: Float32Array, classes: number): Float64Array {
  const out = new Float64Array(logits.length);
  for (let at = 0; at < logits.length; at += classes) {
    const row = logits.subarray(at, at + classes);
    const peak = row.reduce((a, b) => Math.max(a, b), -Infinity);
    const total = row.reduce((sum, x) => sum + Math.exp(x - peak), 0);
    row.forEach((x, c) => (out[at + c] = Math.exp(x - peak) / total));
  }
  return out;
}

/** The probabilities of labels that are true or not each, which logits stand for: 1 / (1 + e^-x). */
export const sigmoid = (logits: ArrayLike<number>): Float64Array =>
  Float64Array.from(logits, (logit) => 1 / (1 + Math.exp(-logit)));
