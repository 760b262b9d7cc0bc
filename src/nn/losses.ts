import { constant, type Tensor } from '../tensor/index.ts';

/** Mean squared error of `[N]` and `[N]`. */
export const meanSquaredError = (prediction: Tensor, label: Tensor): Tensor => prediction.sub(label).square().mean();

/** Mean absolute error of `[N]` and `[N]`. */
export const meanAbsoluteError = (prediction: Tensor, label: Tensor): Tensor => prediction.sub(label).abs().mean();

/** Quadratic within ±beta, linear beyond (Huber's loss over beta, as PyTorch's SmoothL1Loss). */
export function smoothL1(prediction: Tensor, label: Tensor, { beta = 1 } = {}): Tensor {
  const error = prediction.sub(label).abs();
  const near = error.min(beta);
  // Within beta: e²/2β. Beyond: e − β/2. Both at once, with no branch.
  return near
    .square()
    .mul(0.5 / beta)
    .add(error.sub(near))
    .mean();
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

/** Cross-entropy of the sign: logits `[N]` against label > 0, where the label is not 0 (0 if none is). */
export function signCrossEntropy(logit: Tensor, label: Tensor): Tensor {
  const counted = label.equal(0).not().cast(label.dtype);
  const positive = label.greater(0).cast(label.dtype);
  // log(1 + eˣ) with its gradient at 0: (x + |x|)/2 has ½ there, max(x, 0) has not.
  const softplus = logit.add(logit.abs()).mul(0.5).add(logit.abs().neg().exp().add(1).log());
  return softplus.sub(logit.mul(positive)).mul(counted).sum().div(counted.sum().max(1));
}
