/** What a person should know of how training goes, though it goes on: told once each, however often it is seen. */
import type { TrainEvent } from './train-event.ts';

type Warning = Extract<TrainEvent, { type: 'warning' }>;
type Diagnostics = Readonly<Record<string, number>>;

/** A marginal further off than this is worth a warning. */
const transportWarning = 1e-3;

/** Before the name of a modality: the share of its prototypes that have collapsed (`alignment/prototypes.ts`). */
const collapse = 'collapsed.';
/** As the mean of an epoch. Some prototypes that own a single sample are nothing unusual in a small batch. */
const collapseWarning = 0.5;

export class Warnings {
  private readonly told = new Set<string>();

  ofStep(diagnostics: Diagnostics, epoch: number): Warning[] {
    const error = diagnostics['transportError'] ?? 0;
    return error > transportWarning ? this.once('transport', transportMessage(error, epoch)) : [];
  }

  /** Of the means over an epoch. */
  ofEpoch(diagnostics: Diagnostics, epoch: number): Warning[] {
    return Object.entries(diagnostics).flatMap(([name, share]) =>
      name.startsWith(collapse) && share >= collapseWarning
        ? this.once(name, collapseMessage(name.slice(collapse.length), share, epoch))
        : [],
    );
  }

  private once(about: string, message: string): Warning[] {
    if (this.told.has(about)) return [];
    this.told.add(about);
    return [{ type: 'warning', about, message }];
  }
}

const transportMessage = (error: number, epoch: number): string =>
  `The transport plan of epoch ${epoch} misses a marginal by ${error.toPrecision(2)}: λ is small for these costs. ` +
  'Raise model.transport.lambda or model.transport.sweeps.';

const collapseMessage = (modality: string, share: number, epoch: number): string =>
  `In epoch ${epoch}, ${Math.round(100 * share)} % of the prototypes of "${modality}" have collapsed: they own no sample of their batch, ` +
  'or such as vary by no more than model.mixture.varianceFloor. Take fewer (model.mixture.prototypes) or larger ' +
  'batches (train.batchSize), and see whether the modality varies.';
