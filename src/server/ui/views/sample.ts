/** One sample: what went into the model, what it predicts, and what that rests on. */
import type { Dataset, Samples, Split } from '../../../data/dataset.ts';
import { copySamples } from '../../../data/features.ts';
import { scoredNames } from '../../../data/task.ts';
import { pairsOf } from '../../../figures/explained/attention.ts';
import { CannotShow } from '../../../figures/figure.ts';
import { withModel } from '../../../figures/measured.ts';
import { isMade } from '../../../data/datasets/made.ts';
import { recordedData } from '../../../report/recorded.ts';
import { textsIn } from '../../../report/texts.ts';
import { worstSamples } from '../../../report/worst.ts';
import { explain } from '../../../runs/explain/explain.ts';
import type { ExplainedSample } from '../../../runs/explain/explanation.ts';
import type { OpenModel } from '../../../runs/open-model.ts';
import type { RunRow } from '../api/routes.ts';
import type { SampleModality, SampleView } from '../api/sample.ts';
import { predictionsOfRun } from './predictions-of-run.ts';
import { openRun, type OpenRun, type RunPlace } from './source-of-run.ts';

export interface AskedSample {
  readonly row: RunRow;
  readonly id: string;
  /** Where it is looked for first. */
  readonly split: string;
  readonly target?: string;
}

export function sampleView(place: RunPlace, { row, id, split: asked, target }: AskedSample): Promise<SampleView> {
  const run = openRun(place);
  return withModel(run.shown, run.source, async (model, dataset) => {
    const { split, samples, place: at } = found(dataset, id, asked);
    const { samples: all, notes } = await explain(model, dataset, { split, ids: [id], target });
    const explained = all[0]!;
    const text = await textOf(run, id);
    const attention = explained.attention.length === 0 ? [] : pairsOf(explained.attention);
    const { label, prediction, probabilities, output } = explained;
    return {
      ...{ run: row, id, split, prediction, output },
      ...(label !== undefined && { label }),
      ...(probabilities && { probabilities }),
      ...(await errorOf(run, id, split)),
      ...(text !== undefined && { text }),
      targets: scoredNames(model.data.task),
      modalities: modalitiesOf(model, { samples, at, explained, text }),
      ...{ attention, notes },
    };
  });
}

interface Found {
  readonly split: Split;
  readonly samples: Samples;
  readonly place: number;
}

/** The sample in the split that was asked for, or in another: of a fold it may be in any. */
function found({ name, splits }: Dataset, id: string, asked: string): Found {
  const all = (Object.entries(splits) as [Split, Samples][]).toSorted(
    ([a], [b]) => Number(b === asked) - Number(a === asked),
  );
  for (const [split, samples] of all) {
    const place = samples.ids.indexOf(id);
    if (place >= 0) return { split, samples, place };
  }
  throw new CannotShow(`${name} has no sample "${id}"`);
}

/** By file, the sentences of its samples, or why there are none; of the last few files. */
const sentences = new Map<string, ReadonlyMap<string, string> | undefined>();

async function textOf({ source, directory }: OpenRun, id: string): Promise<string | undefined> {
  const file = source.data ?? recordedData(directory).source;
  if (isMade(file)) return undefined;
  if (!sentences.has(file)) sentences.set(file, await textsIn(file).catch(() => undefined));
  return sentences.get(file)?.get(id);
}

/** How far the prediction is off, and its neighbours by that; nothing where the run kept no prediction of it. */
async function errorOf(
  run: OpenRun,
  id: string,
  split: string,
): Promise<Pick<SampleView, 'error' | 'before' | 'after'>> {
  const predictions = await predictionsOfRun(run, split).catch(() => undefined);
  if (!predictions) return {};
  const { unit, samples } = worstSamples(run.shown, [predictions], Infinity);
  const rank = samples.findIndex((each) => each.id === id);
  if (rank < 0) return {};
  const [before, after] = [samples[rank - 1]?.id, samples[rank + 1]?.id];
  return {
    error: { value: samples[rank]!.error, unit, rank: rank + 1, of: samples.length },
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
  };
}

interface Inputs {
  readonly samples: Samples;
  readonly at: number;
  readonly explained: ExplainedSample;
  readonly text: string | undefined;
}

/** So many numbers of a step are shown. */
const mostNumbers = 64;

const modalitiesOf = ({ data }: OpenModel, { samples, at, explained, text }: Inputs): readonly SampleModality[] =>
  data.features.map(({ name, tokens: isTokens }) => {
    const features = samples.features[name];
    const { present = false, contribution, without, assignment } = explained.modalities[name] ?? {};
    const steps = present ? (samples.lengths[name]?.[at] ?? 0) : 0;
    const [, time = 0, width = 0] = features?.shape ?? [];
    const every = Math.max(1, Math.ceil(width / mostNumbers));
    const numbers = new Float32Array(time * width);
    if (features) copySamples(features, at, numbers);
    const rows = Array.from({ length: isTokens ? 0 : steps }, (_, t) => numbers.subarray(t * width, (t + 1) * width));
    const words = text?.trim().split(/\s+/);
    return {
      ...{ name, present, steps, time, width, every },
      sizes: rows.map(rootMeanSquare),
      values: rows.map((row) =>
        Array.from(
          row.filter((_, d) => d % every === 0),
          short,
        ),
      ),
      ...(name === 'text' && words?.length === steps && { tokens: words }),
      ...(contribution && { contribution }),
      ...(without && { without: { prediction: without.prediction, value: without.value, change: without.change } }),
      ...(assignment && { assignment }),
    };
  });

const short = (x: number): number | null => (Number.isFinite(x) ? Number(x.toPrecision(4)) : null);

/** Of the numbers that are not missing. */
function rootMeanSquare(row: Float32Array): number {
  const known = row.filter(Number.isFinite);
  return known.length === 0
    ? 0
    : Number(Math.sqrt(known.reduce((sum, x) => sum + x * x, 0) / known.length).toPrecision(5));
}
