/** Whether probabilities are what they say: of classes that are predicted with so much confidence, how many are right. */
import { wilson } from '../metrics/wilson.ts';
import type { Predictions } from '../runs/record/predictions.ts';
import { CannotShow, type Drawing, type Spec } from './figure.ts';
import { grid, headed } from './panel.ts';
import { predictionsBySeed, trained, type Source } from './source.ts';
import { faint, palette, quiet } from './style.ts';

export interface CalibrationData {
  readonly panels: readonly {
    readonly name: string;
    /** Expected calibration error: mean distance of confidence and accuracy, by samples. */
    readonly error: number;
    readonly samples: number;
    readonly bins: readonly CalibrationBin[];
  }[];
}

/** The predictions whose confidence lies in one tenth. */
export interface CalibrationBin {
  /** Which of them, from 0. */
  readonly tenth: number;
  /** The mean confidence. */
  readonly confidence: number;
  readonly accuracy: number;
  /** The 95 % interval of the accuracy. */
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

export async function readCalibration(source: Source): Promise<CalibrationData> {
  const shown = trained(source).filter(({ metrics }) => metrics === 'classification');
  if (shown.length === 0) throw new CannotShow('there are no classes, and so no probabilities of them');
  if (shown.every(({ classes }) => classes.length < 2)) throw new CannotShow('there is one class alone');
  const panels: CalibrationData['panels'][number][] = [];
  for (const each of shown) {
    const bins = binsOf(each.classes.length, await predictionsBySeed(each, source), each.name);
    const samples = bins.reduce((sum, { count }) => sum + count, 0);
    const error = bins.reduce(
      (sum, { confidence, accuracy, count }) => sum + Math.abs(confidence - accuracy) * count,
      0,
    );
    panels.push({ name: each.name, error: error / samples, samples, bins });
  }
  return { panels };
}

const tenths = 10;

function binsOf(classes: number, seeds: readonly Predictions[], name: string): CalibrationBin[] {
  const bins = Array.from({ length: tenths }, () => ({ confidence: 0, hits: 0, count: 0 }));
  for (const { values, labels } of seeds)
    for (const [n, label] of labels.entries()) {
      if (Number.isNaN(label)) continue;
      const row = values.slice(n * classes, (n + 1) * classes);
      // Benchmarks of earlier releases kept logits.
      if (Math.abs(row.reduce((sum, x) => sum + x, 0) - 1) > 0.01 || row.some((x) => x < 0))
        throw new CannotShow(`${name} kept no probabilities: name its data by --data`);
      const confidence = Math.max(...row);
      const bin = bins[Math.min(tenths - 1, Math.floor(confidence * tenths))]!;
      bin.confidence += confidence;
      bin.hits += Number(row.indexOf(confidence) === label);
      bin.count += 1;
    }
  return bins.flatMap(({ confidence, hits, count }, tenth) =>
    count === 0
      ? []
      : [{ ...{ tenth, confidence: confidence / count, accuracy: hits / count, count }, ...wilson(hits, count) }],
  );
}

export function calibration({ panels }: CalibrationData): Drawing {
  const { columns, across } = grid(panels.length);
  return {
    title: 'Calibration',
    notes: [
      'Points: share of right predictions by how confident the model was, in tenths, with 95 % intervals (Wilson). Below the line, confidence is too high. Grey: share of the test samples. ECE: mean distance from the line, by samples.',
    ],
    description: `Accuracy by confidence. ${panels.map(({ name, error, samples }) => `${name}: expected calibration error ${error.toFixed(3)} over ${samples} samples`).join('; ')}.`,
    ...{ columns, across },
    spec: (panel) => ({
      ...{ columns: across, spacing: { row: 10, column: 10 } },
      concat: panels.map((each) => panelSpec(each, panel)),
    }),
  };
}

function panelSpec({ name, error, samples, bins }: CalibrationData['panels'][number], width: number): Spec {
  const share = { type: 'quantitative', scale: { domain: [0, 1] } } as const;
  const exact = [0, 1].map((confidence) => ({ confidence, accuracy: confidence }));
  return headed([name, `ECE ${error.toFixed(3)}`], {
    ...{ width, height: Math.min(width, 130) },
    data: {
      values: bins.map((bin) => ({
        ...bin,
        share: bin.count / samples,
        from: bin.tenth / 10,
        to: (bin.tenth + 1) / 10,
      })),
    },
    encoding: {
      x: { field: 'confidence', ...share, axis: { title: 'confidence', tickCount: 5, grid: false } },
      y: { field: 'accuracy', ...share, axis: { title: 'accuracy', tickCount: 5 } },
    },
    layer: [
      {
        mark: { type: 'rect', color: faint, stroke: 'white', strokeWidth: 0.6 },
        encoding: {
          x: { field: 'from', ...share },
          x2: { field: 'to' },
          y: { field: 'share', ...share },
          y2: { datum: 0 },
        },
      },
      { data: { values: exact }, mark: { type: 'line', strokeWidth: 0.6, color: quiet } },
      {
        mark: { type: 'rule', color: palette[2], strokeWidth: 0.8 },
        encoding: { y: { field: 'low', ...share }, y2: { field: 'high' } },
      },
      { mark: { type: 'point', size: 20, color: palette[2] } },
    ],
  });
}
