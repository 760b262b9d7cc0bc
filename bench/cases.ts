import type { BenchCase } from './case.ts';

/** Where each family of cases is, in the order they run. Loaded one by one: what is imported counts as memory. */
export const families: readonly (() => Promise<readonly BenchCase[]>)[] = [
  async () => [(await import('./ceiling.ts')).ceilingCase],
  async () => (await import('./step.ts')).stepCases,
  async () => [(await import('./recipes.ts')).recipesCase],
  async () => [(await import('./device.ts')).deviceCase],
  async () => (await import('./predict.ts')).predictCases,
  async () => [(await import('./serve.ts')).serveCase],
  async () => [(await import('./bert.ts')).bertCase],
  async () => [(await import('./optimizer.ts')).optimizerCase],
  async () => [(await import('./masks.ts')).masksCase],
  async () => [(await import('./load.ts')).loadCase],
  async () => [(await import('./read.ts')).readCase],
  async () => [(await import('./large.ts')).largeCase],
  async () => [(await import('./start.ts')).startCase],
  async () => [(await import('./growth.ts')).growthCase],
  async () => [(await import('./memory.ts')).memoryCase],
  async () => [(await import('./estimate.ts')).estimateCase],
  async () => [(await import('./web.ts')).webCase],
  async () => [(await import('./peer.ts')).peerCase],
  async () => [(await import('./ranks.ts')).ranksCase],
  async () => [(await import('./ui.ts')).uiCase],
];
