/** The card of a model: what it is, how well it does, and what nobody should use it for. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { splits } from '../data/dataset.ts';
import { scoredNames } from '../data/task.ts';
import { labelOf } from '../metrics/headings.ts';
import { metrics as known, metricsOf, type MetricKind } from '../metrics/metric.ts';
import { titleOf, type Model } from '../models/index.ts';
import { limits } from '../report/card.ts';
import {
  recordedData,
  recordedReferences,
  recordedResult,
  recordedWarnings,
  type RecordedResult,
} from '../report/recorded.ts';
import { behindIn, behindText } from '../report/ridge.ts';
import { redaction, withoutExamples, withoutUnknown } from '../report/shareable.ts';
import { rawWidth } from '../runs/network.ts';
import { placeInRecord } from '../runs/record/epochs.ts';
import type { OpenModel } from '../runs/open-model.ts';
import type { DemoCard, DemoScore } from './content.ts';

/**
 * The card of the model of a run, which is a directory or a model's file: of a file there is but what it holds itself. It holds
 * no path of this machine and no id of a sample. Throws an Error for a run whose record is damaged.
 */
export function cardOf(model: OpenModel, run: string, own?: Model): DemoCard {
  const { data, network, parameters, trained } = model;
  const title = titleOf(network.name, own);
  const directory = existsSync(path.join(run, 'config.json')) ? run : undefined;
  const result =
    directory !== undefined && existsSync(path.join(directory, 'result.json')) ? recordedResult(directory) : undefined;
  const ends = endsOf(data.metrics);
  return {
    ...{ title, dataset: data.name, task: data.task },
    ...(ends && { ends }),
    modalities: data.features.map((feature) => ({
      ...{ name: feature.name, time: feature.time, width: rawWidth(feature, model) },
      ...(feature.tokens && { tokens: data.encoder!.vocabulary }),
    })),
    parameters: Object.values(parameters).reduce((sum, { length }) => sum + length, 0),
    counts: result?.samples ?? {},
    ...(trained && { seed: trained.seed }),
    // A model's file alone counts epochs of pretraining with the others, and does not say how many these are.
    ...(trained && directory !== undefined && { kept: placeInRecord(directory, trained.epoch) }),
    scores: scoresOf(data.metrics, trained?.valid ?? {}, result?.test ?? {}),
    limits,
    warnings: directory === undefined ? [] : warningsIn(directory, model, { title, result }),
  };
}

/** What the ends and the middle of a scale are called, by the conventions that labels follow. */
const endsOf = (kind: MetricKind): DemoCard['ends'] =>
  kind === 'mosi' || kind === 'sims' ? ['negative', 'neutral', 'positive'] : undefined;

/** The figures of a kind's metrics, without those of single classes and labels. */
const scoresOf = (
  kind: MetricKind,
  valid: Readonly<Record<string, number>>,
  test: Readonly<Record<string, number>>,
): readonly DemoScore[] =>
  metricsOf(kind).flatMap((name) => {
    const figures = {
      ...(Number.isFinite(valid[name]) && { valid: valid[name]! }),
      ...(Number.isFinite(test[name]) && { test: test[name]! }),
    };
    if (Object.keys(figures).length === 0) return [];
    return [{ label: labelOf(kind, name), better: known[name].better, ...figures }];
  });

/** What the run of a directory warned of, and whether ridge regression is as good. */
function warningsIn(
  directory: string,
  { data, trained }: OpenModel,
  { title, result }: { readonly title: string; readonly result: RecordedResult | undefined },
): readonly string[] {
  const { metrics, task, features } = data;
  const settings = { train: { ...trained?.config.train } };
  const ridge = recordedReferences(directory)['ridge']?.valid;
  const behind = behindIn({ settings, metrics }, result ? [result] : [], ridge);
  const change = redaction({ paths: [directory, recordedData(directory).source] });
  const shown = new Set([...splits, ...features.map(({ name }) => name), ...scoredNames(task)]);
  return [
    ...[behindText([{ name: title, metrics, ...(behind && { behind }) }]) ?? []].flat(),
    ...recordedWarnings(directory).map((warning) => change(withoutUnknown(withoutExamples(warning), shown))),
  ];
}
