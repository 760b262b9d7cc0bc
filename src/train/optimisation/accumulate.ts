import type { BatchResult } from '../programs/compile-training.ts';

type Numbers = Readonly<Record<string, number>>;

/**
 * The result of a step over several batches: means of their losses, diagnostics and gradients, as one batch of all
 * their samples would have, and the running states as the last of them left them.
 */
export function meanOf(results: readonly BatchResult[]): BatchResult {
  const [first] = results;
  if (results.length === 1) return first!;
  const share = 1 / results.length;
  const mean = (of: (result: BatchResult) => Numbers): Numbers =>
    Object.fromEntries(
      Object.keys(of(first!)).map((name) => [name, results.reduce((sum, r) => sum + of(r)[name]! * share, 0)]),
    );
  const gradients = Object.fromEntries(
    Object.entries(first!.gradients).map(([name, { length }]) => [
      name,
      Float32Array.from({ length }, (_, i) => results.reduce((sum, r) => sum + r.gradients[name]![i]! * share, 0)),
    ]),
  );
  const [losses, diagnostics] = [mean((r) => r.losses), mean((r) => r.diagnostics)];
  return { losses, diagnostics, gradients, states: results.at(-1)!.states };
}
