/** What is trained over ranks, by the names that are told to their processes. */
import { bertBase, fineTuning } from './bert.ts';
import { configuration, type Configuration } from './configurations.ts';

export const rankedSubjects = {
  /** The default model at the size of `synthetic`. */
  default: () => configuration({ name: 'small', recipe: 'decoupled', sizes: {} }),
  mosi: () => configuration({ name: 'step-mosi', recipe: 'decoupled' }),
  'bert-base': () => fineTuning(bertBase),
} satisfies Readonly<Record<string, () => Omit<Configuration, 'model'>>>;

export interface RanksTold {
  readonly subject: keyof typeof rankedSubjects;
  /** Samples of a step, over all ranks. */
  readonly batch: number;
  readonly steps: number;
  readonly warmUp: number;
}

/** Milliseconds of a step, and of these in sums over the ranks, waiting for others among them. */
export interface RanksTook {
  readonly step: number;
  readonly communicating: number;
}
