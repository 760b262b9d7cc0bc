/** Where attention looks in one sample: the weights between the steps of every two modalities, a mean over layers and heads. */
import type { AttentionLayer } from '../../runs/explain/explanation.ts';
import { explainedSample, predictedWords } from './sample.ts';
import { CannotShow, type Drawing, type Spec } from '../figure.ts';
import { headed } from '../panel.ts';
import { trained, type Source } from '../source.ts';
import { ramp } from '../style.ts';

export interface AttentionData {
  readonly id: string;
  /** What is predicted, in words. */
  readonly says: string;
  readonly pairs: readonly AttentionPair[];
}

export interface AttentionPair {
  readonly queries: string;
  readonly keys: string;
  readonly layers: number;
  readonly heads: number;
  /** `[Tq][Tk]`, means over layers and heads. */
  readonly weights: readonly (readonly number[])[];
}

export async function readAttention(source: Source, id?: string): Promise<AttentionData> {
  const shown = trained(source);
  if (shown.length > 1)
    throw new CannotShow(`it is of one run, and there are ${shown.length}: name the one that is wanted`);
  const sample = await explainedSample(shown[0]!, source, id);
  if (sample.attention.length === 0)
    throw new CannotShow(
      `${shown[0]!.name} has no attention between the steps of modalities (docs/explain.md says which models have)`,
    );
  return { id: sample.id, says: predictedWords(sample), pairs: pairsOf(sample.attention) };
}

/** By modality that attends, then by what it attends to, in the order in which the model has them. */
export function pairsOf(layers: readonly AttentionLayer[]): AttentionPair[] {
  const names = [...new Set(layers.map(({ queries }) => queries))];
  return names.flatMap((queries) => {
    const own = layers.filter((layer) => layer.queries === queries);
    const keys = [...new Set(own.flatMap((layer) => layer.keys.map(({ modality }) => modality)))];
    return keys.map((name): AttentionPair => {
      const found = own.flatMap((layer) => layer.keys.filter(({ modality }) => modality === name));
      const heads = found.flatMap(({ weights }) => weights);
      const weights = heads[0]!.map((row, q) =>
        row.map((_, k) => heads.reduce((sum, head) => sum + head[q]![k]! / heads.length, 0)),
      );
      return { queries, keys: name, layers: found.length, heads: found[0]!.weights.length, weights };
    });
  });
}

export function attention({ id, says, pairs }: AttentionData): Drawing {
  const names = [...new Set(pairs.map(({ queries }) => queries))];
  const across = Math.max(...names.map((name) => pairs.filter(({ queries }) => queries === name).length));
  const most = Math.max(...pairs.flatMap(({ weights }) => weights.flat()));
  return {
    title: `Where attention looks in ${id}`,
    notes: [
      `${says[0]!.toUpperCase()}${says.slice(1)}. Colour: weight of a step that is attended to, from 0 to ${most.toFixed(2)}, a mean over layers and heads. Percent: of the attention of a step, what all steps of the other have. Weights say where a layer looks, not what it makes of it.`,
    ],
    description: `Attention in ${id}: ${pairs.map((pair) => `${pair.queries} to ${pair.keys} ${share(pair)}`).join('; ')}.`,
    columns: across > 2 ? 2 : 1,
    across,
    spec: (width) => ({
      ...{ columns: across, spacing: { row: 14, column: 10 } },
      concat: pairs.map((pair) => panelSpec(pair, { most, width })),
    }),
  };
}

const share = ({ weights }: AttentionPair): string => {
  const mean = weights.reduce((sum, row) => sum + row.reduce((a, b) => a + b, 0), 0) / weights.length;
  return `${(100 * mean).toFixed(0)} %`;
};

function panelSpec(pair: AttentionPair, { most, width }: { readonly most: number; readonly width: number }): Spec {
  const { queries, keys, weights } = pair;
  const [rows, columns] = [weights.length, weights[0]!.length];
  const values = weights.flatMap((row, q) =>
    row.map((weight, k) => ({
      left: k - 0.5,
      right: k + 0.5,
      top: q - 0.5,
      bottom: q + 0.5,
      weight: Number(weight.toPrecision(4)),
    })),
  );
  const along = (count: number, title: string, more: Spec): Spec => ({
    type: 'quantitative',
    scale: { domain: [-0.5, count - 0.5], nice: false, zero: false, ...more },
    axis: { title, grid: false, domain: false, tickMinStep: 1, tickCount: Math.min(5, count), format: 'd' },
  });
  return headed([`${queries} to ${keys}`, share(pair)], {
    ...{ width, height: Math.min(110, Math.max(45, 6 * rows)) },
    data: { values },
    mark: { type: 'rect' },
    encoding: {
      x: { field: 'left', ...along(columns, `step of ${keys}`, {}) },
      x2: { field: 'right' },
      y: { field: 'top', ...along(rows, `step of ${queries}`, { reverse: true }) },
      y2: { field: 'bottom' },
      color: {
        ...{ field: 'weight', type: 'quantitative', legend: null },
        scale: { domain: [0, most], range: ramp, interpolate: 'rgb' },
      },
    },
  });
}
