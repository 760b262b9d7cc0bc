import type { Samples } from '../data/dataset.ts';

/**
 * JSON lines of predictions `[N]` or logits `[N, classes]`: a sample's id, its label, and its value or its logit per
 * class. Of several labels `[N, L]` label and prediction are lists; null is a label that the sample lacks.
 */
export function predictionLines({ ids, labels }: Samples, prediction: Float32Array): string {
  const width = prediction.length / ids.length;
  return ids
    .map((id, n) => {
      const values = [...prediction.subarray(n * width, (n + 1) * width)];
      return `${JSON.stringify({ id, label: labels && labelAt(labels, n, ids.length), prediction: width === 1 ? values[0] : values })}\n`;
    })
    .join('');
}

/** The label of sample `n` of `count`: one number, or several. */
function labelAt(labels: Float32Array, n: number, count: number): number | readonly number[] {
  const width = labels.length / count;
  return width === 1 ? labels[n]! : [...labels.subarray(n * width, (n + 1) * width)];
}
