import type { Samples } from '../data/dataset.ts';

/** A line per sample: its id, its label, and the value or one score per class, of predictions `[N]` or `[N * classes]`. */
export function predictionLines({ ids, labels }: Samples, prediction: Float32Array): string {
  const width = prediction.length / ids.length;
  return ids
    .map((id, n) => {
      const scores = [...prediction.subarray(n * width, (n + 1) * width)];
      return `${JSON.stringify({ id, label: labels?.[n], prediction: width === 1 ? scores[0] : scores })}\n`;
    })
    .join('');
}
