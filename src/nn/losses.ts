import { constant, where, type Tensor } from '../tensor/index.ts';

/** Labels with 0 in place of those that are absent (NaN), and which are there, as 1 and 0. */
export function knownLabels(label: Tensor): { readonly values: Tensor; readonly known: Tensor } {
  const isKnown = label.equal(label);
  return { values: where(isKnown, label, 0), known: isKnown.cast(label.dtype) };
}

/** The mean of `values` where `known` is 1; 0 where it is so nowhere. */
export const meanOfKnown = (values: Tensor, known: Tensor): Tensor => values.mul(known).sum().div(known.sum().max(1));

/** Mean squared error of `[N]` and `[N]`. */
export const meanSquaredError = (prediction: Tensor, label: Tensor): Tensor => prediction.sub(label).square().mean();

/** Mean absolute error of `[N]` and `[N]`. */
export const meanAbsoluteError = (prediction: Tensor, label: Tensor): Tensor => prediction.sub(label).abs().mean();

/** Quadratic within ±beta, linear beyond (Huber's loss over beta, as PyTorch's SmoothL1Loss). */
export const smoothL1 = (prediction: Tensor, label: Tensor, { beta = 1 } = {}): Tensor =>
  smoothL1Errors(prediction, label, beta).mean();

/** The errors whose mean is `smoothL1`, in the shape of the predictions. */
export function smoothL1Errors(prediction: Tensor, label: Tensor, beta: number): Tensor {
  const error = prediction.sub(label).abs();
  const near = error.min(beta);
  // Within beta: e²/2β. Beyond: e − β/2. Both at once, with no branch.
  return near
    .square()
    .mul(0.5 / beta)
    .add(error.sub(near));
}

/** Rows of an identity matrix: class indices `[N]` (as floats) to `[N, classes]`. */
export function oneHot(label: Tensor, classes: number): Tensor {
  const index = constant(
    Array.from({ length: classes }, (_, c) => c),
    [1, classes],
    label.dtype,
  );
  return label.reshape([label.shape[0]!, 1]).equal(index).cast(label.dtype);
}

/** Softmax cross-entropy of logits `[N, classes]` and class indices `[N]`; weighted as PyTorch weights it. */
export function crossEntropy(logits: Tensor, label: Tensor, { weights }: { weights?: readonly number[] } = {}): Tensor {
  const classes = logits.shape[1]!;
  const target = oneHot(label, classes);
  const surprise = logits.logSoftmax().mul(target).neg();
  if (!weights) return surprise.sum([1]).mean();
  if (weights.length !== classes)
    throw new RangeError(`${weights.length} class weights were given for ${classes} classes.`);
  const weight = constant(weights, [1, classes], logits.dtype);
  return surprise.mul(weight).sum().div(target.mul(weight).sum().max(1e-12));
}

/** log(1 + eˣ) with no overflow, and with its gradient at 0: (x + |x|)/2 has ½ there, max(x, 0) has not. */
const softplus = (x: Tensor): Tensor => x.add(x.abs()).mul(0.5).add(x.abs().neg().exp().add(1).log());

/**
 * Binary cross-entropy of logits `[N, L]` against labels `[N, L]` of 0 and 1, in the log domain:
 *
 *   −mean over the labels that are there of  w_l y log σ(x) + (1 − y) log(1 − σ(x))
 *
 * A label that is NaN is absent. `weights` `[L]` are the w_l (PyTorch's pos_weight); default: 1.
 */
export function binaryCrossEntropy(
  logits: Tensor,
  label: Tensor,
  { weights }: { readonly weights?: readonly number[] } = {},
): Tensor {
  const labels = logits.shape[1]!;
  if (weights && weights.length !== labels)
    throw new RangeError(`${weights.length} label weights were given for ${labels} labels.`);
  const { values, known } = knownLabels(label);
  const missed = softplus(logits.neg()).mul(values);
  const weighted = weights ? missed.mul(constant(weights, [1, labels], logits.dtype)) : missed;
  return meanOfKnown(weighted.add(softplus(logits).mul(values.neg().add(1))), known);
}

/** Cross-entropy of the sign: logits `[N]` against label > 0, where the label is not 0 (0 if none is). */
export function signCrossEntropy(logit: Tensor, label: Tensor): Tensor {
  const counted = label.equal(0).not().cast(label.dtype);
  const positive = label.greater(0).cast(label.dtype);
  return softplus(logit).sub(logit.mul(positive)).mul(counted).sum().div(counted.sum().max(1));
}
