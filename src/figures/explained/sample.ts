/** The explanation of one test sample by a trained model, for figures that show one sample. */
import type { Samples } from '../../data/dataset.ts';
import { explain } from '../../runs/explain/explain.ts';
import type { ExplainedSample } from '../../runs/explain/explanation.ts';
import { CannotShow } from '../figure.ts';
import { withModel } from '../measured.ts';
import type { Shown, Source } from '../source.ts';

/** Explains the sample of that id; by default the first of the test split that has all modalities, or the first. */
export const explainedSample = (shown: Shown, source: Source, id?: string): Promise<ExplainedSample> =>
  withModel(shown, source, async (model, dataset) => {
    const { test } = dataset.splits;
    if (!test || test.ids.length === 0) throw new CannotShow(`${dataset.name} has no test sample`);
    const found = await explain(model, dataset, { ids: [id ?? firstWhole(test)] });
    return found.samples[0]!;
  });

function firstWhole({ ids, lengths }: Samples): string {
  const whole = ids.findIndex((_, row) => Object.values(lengths).every((each) => each[row]! > 0));
  return ids[Math.max(0, whole)]!;
}

/** What is predicted and what is explained of a sample, in words. */
export function predictedWords({ prediction, label, output }: ExplainedSample): string {
  const known = typeof label === 'number' || typeof label === 'string' ? `, label ${shown(label)}` : '';
  if (typeof prediction === 'number') return `predicted ${shown(prediction)}${known}`;
  const explained = `${output.kind} of ${output.name} ${shown(output.value)}`;
  return typeof prediction === 'string'
    ? `predicted ${prediction}${known}; shown: ${explained}`
    : `shown: ${explained}`;
}

const shown = (x: number | string): string => (typeof x === 'string' ? x : x.toFixed(2).replace('-', '−'));
