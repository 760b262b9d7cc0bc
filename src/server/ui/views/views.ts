/** What is made on demand of runs, by name: made in a process of its own, since it takes long and much. */
import { compareView } from './compare.ts';
import { embeddingView } from './embedding.ts';
import { factsView } from './facts.ts';
import { figureView } from './figures.ts';
import { predictionsView } from './predictions.ts';
import { robustnessView } from './robustness.ts';
import { sampleView } from './sample.ts';
import { transportView } from './transport.ts';

export const views = {
  facts: factsView,
  predictions: predictionsView,
  embedding: embeddingView,
  transport: transportView,
  robustness: robustnessView,
  sample: sampleView,
  compare: compareView,
  figure: figureView,
} as const;

export type Views = typeof views;
export type ViewName = keyof Views;

/** What the process that makes views is asked; arguments are JSON. */
export interface ViewRequest {
  readonly id: number;
  readonly view: ViewName;
  readonly args: readonly unknown[];
}

export type ViewReply =
  | { readonly id: number; readonly json: string }
  | {
      readonly id: number;
      readonly error: string;
      /** The runs lack what the view shows, or are none that can be shown: no fault of the server. */
      readonly expected: boolean;
    };
