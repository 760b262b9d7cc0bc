import type { Samples } from '../data/dataset.ts';

/**
 * JSON lines of predictions `[N]` or logits `[N, classes]`: a sample's id, its label, and its value or its logit per
 * class.
 */
export function predictionLines({ ids, labels }: Samples, prediction: Float32Array): string {
  const width = prediction.length / ids.length;
  return ids
    .map((id, n) => {
      const values = [...prediction.subarray(n * width, (n + 1) * width)];
      return `${JSON.stringify({ id, label: labels?.[n], prediction: width === 1 ? values[0] : values })}\n`;
    })
    .join('');
}
