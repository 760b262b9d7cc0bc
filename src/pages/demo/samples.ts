/** The samples that can be looked at: those of the data, what a visitor gives, and what is made up. */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { ExportedModel } from '../../deploy/exported-model.ts';
import type { Prediction } from '../../deploy/predictions.ts';
import { Preparing } from '../../deploy/preparing.ts';
import type { PreparedSample } from '../../deploy/sample.ts';
import { samplesIn } from '../../deploy/samples.ts';
import type { DemoContent, DemoSample } from '../../demo/content.ts';
import { madeUp, type Row } from './made-up.ts';

export const sources = ['data', 'yours', 'made up'] as const;
export type Source = (typeof sources)[number];

/** A sample that can be chosen. */
export interface Entry extends Pick<DemoSample, 'label' | 'text'> {
  readonly source: Source;
  readonly sample: PreparedSample;
  /** A row that it can be made of. */
  readonly row: Row;
}

export interface SampleLists {
  readonly entries: ReadonlySignal<readonly Entry[]>;
  /** What is predicted of each, as far as that was done. */
  readonly predictions: ReadonlySignal<ReadonlyMap<Entry, Prediction>>;
  /** Makes another sample up, in the place of the one before. */
  another(): Entry;
  /**
   * Takes the rows of a text, which errors call by `name`, in the place of those before. Throws an Error, one sentence, for a
   * text whose rows are not what the model takes.
   */
  give(text: string, name: string): Promise<Given>;
  /** Predicts all that was not yet. */
  predict(): Promise<void>;
}

/** What became of a text that a visitor gave. */
export interface Given {
  readonly entries: readonly Entry[];
  /** What a person should know of it, a sentence each. */
  readonly notes: readonly string[];
}

/** What a page reads of a visitor at most: a list of more samples helps nobody, and takes long. */
const mostRows = 1000;

/** Samples that are predicted before the page answers again. */
const together = 16;

export function sampleLists(
  model: ExportedModel,
  { card: { modalities }, statistics, samples }: DemoContent,
  description: ExportedModel['description'],
): SampleLists {
  const preparing = new Preparing(description);
  const entries = signal<readonly Entry[]>(
    samples.map(({ row, ...about }, n) => ({ source: 'data', row, ...about, sample: preparing.prepared(row, n) })),
  );
  const predictions = signal<ReadonlyMap<Entry, Prediction>>(new Map());
  const replace = (source: Source, by: readonly Entry[]): void => {
    const rest = entries.value.filter((entry) => entry.source !== source);
    entries.value = [...rest, ...by].toSorted((a, b) => sources.indexOf(a.source) - sources.indexOf(b.source));
  };
  let made = 0;
  return {
    entries,
    predictions,
    another() {
      const row = madeUp(`made up ${++made}`, { description, modalities, statistics, random: Math.random });
      const entry: Entry = { source: 'made up', row, sample: new Preparing(description).prepared(row, 0) };
      replace('made up', [entry]);
      return entry;
    },
    async give(text, name) {
      const warnings: string[] = [];
      const found = await samplesIn(text, description, { name, warn: (line) => warnings.push(line) });
      const given = found.slice(0, mostRows).map((sample): Entry => ({ source: 'yours', sample, row: rowOf(sample) }));
      replace('yours', given);
      if (given.length < found.length) warnings.push(`the first ${mostRows} of ${found.length} samples are taken`);
      // How a library is told to refuse is nothing for a page.
      return { entries: given, notes: warnings.map((line) => line.replace(/; long: .*$/, '')) };
    },
    async predict() {
      for (;;) {
        const waiting = entries.value.filter(
          (entry) => !predictions.value.has(entry) && Object.values(entry.sample.steps).some((each) => each.length > 0),
        );
        const next = waiting.slice(0, together);
        if (next.length === 0) return;
        const found = await model.predict(
          next.map(({ sample }) => sample),
          { warn: () => undefined },
        );
        const known = new Map(predictions.value);
        next.forEach((entry, n) => known.set(entry, found[n]!));
        predictions.value = known;
        // The page is drawn, and keys are heard.
        await new Promise((resolve) => setTimeout(resolve));
      }
    },
  };
}

/** A sample as a row: the sequences that it has. */
const rowOf = ({ id, steps }: PreparedSample): Row => ({
  id,
  ...Object.fromEntries(Object.entries(steps).filter(([, each]) => each.length > 0)),
});
