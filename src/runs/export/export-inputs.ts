/** The inputs of an exported file for each modality: raw features, or token ids where the file holds a text encoder. */
import { inMemory as readWhole } from '../../data/features.ts';
import { applyStandardisation, leavesAsItIs, type ModalityStatistics } from '../../data/standardise.ts';
import type { Random } from '../../data/random.ts';
import type { ValueDescription } from '../../deploy/description.ts';
import type { BertConfig, Sequence } from '../../nn/index.ts';
import type { Values } from '../../runtime/node.ts';
import { concat, constant, input, where, type Tensor } from '../../tensor/index.ts';
import type { FeatureSpec } from '../../train/index.ts';
import type { OpenModel } from '../open-model.ts';

/** The same random samples twice: as inputs of the exported file, and as feeds of the model in memory. */
export interface RandomSamples {
  readonly exported: Readonly<Record<string, { readonly values: Values; readonly shape: readonly number[] }>>;
  readonly inMemory: Readonly<Record<string, Float32Array>>;
}

/** A modality as the network takes it. */
interface Taken {
  readonly sequence: Sequence;
  /** `[N]`: 1 for a sample that has the modality, else 0. */
  readonly present: Tensor;
}

/** One modality of an exported file. */
export interface ExportEntry {
  /** Declares the inputs, and computes from them what the model takes. */
  take(batch: number): Taken;
  describe(batch: number | string): readonly ValueDescription[];
  /** Random inputs of `count` samples. */
  sample(count: number, source: Random): RandomSamples;
}

/** The modalities of a model's exported file, by name. */
export const exportEntries = ({ data, standardisation }: OpenModel): Readonly<Record<string, ExportEntry>> =>
  Object.fromEntries(
    data.features.map((feature) => [
      feature.name,
      feature.tokens ? tokenEntry(feature, data.encoder!) : featureEntry(feature, standardisation[feature.name]),
    ]),
  );

const lengthsName = (modality: string): string => `${modality}_lengths`;

/** `[N, T]`: 1 for the steps within the lengths that the file is given; undefined for a modality of one step. */
function insideOf({ name, time, masked }: FeatureSpec, batch: number): Tensor | undefined {
  if (!masked) return undefined;
  const lengths = input(lengthsName(name), [batch], 'int64');
  const steps = constant(
    Array.from({ length: time }, (_, t) => t),
    [1, time],
    'int64',
  );
  return lengths.reshape([batch, 1]).greater(steps).cast('float32');
}

/**
 * The sequence of values `[N, T, D]` with zeros outside of `inside` `[N, T]`. Of a sample that is not `present` `[N]` one
 * step of zeros is left, as in a batch (`fillBatch`).
 */
function takenOf(value: Tensor, inside: Tensor | undefined, present: Tensor): Taken {
  const [batch, time] = value.shape as [number, number];
  const column = present.reshape([batch, 1]);
  if (!inside) return { sequence: { value: value.mul(column.reshape([batch, 1, 1])) }, present };
  const here = inside.mul(column);
  const first = constant(
    Array.from({ length: time }, (_, t) => Number(t === 0)),
    [1, time],
  );
  return { sequence: { value: value.mul(here.reshape([batch, time, 1])), mask: here.max(first) }, present };
}

const describedLengths = ({ name, time, masked }: FeatureSpec, batch: number | string): ValueDescription[] =>
  masked
    ? [
        {
          ...{ name: lengthsName(name), dtype: 'int64' as const, shape: [batch] as const },
          meaning: `true time steps of ${name}, 0..${time}; 0: the sample has no ${name}`,
        },
      ]
    : [];

/** Random lengths, 0 for a sample that lacks the modality. */
const drawnLengths = ({ time, masked }: FeatureSpec, count: number, source: Random): number[] =>
  Array.from({ length: count }, () => source.integer(time + 1)).map((length) =>
    masked || length === 0 ? length : time,
  );

/** What says lengths to the exported file. */
const exportedLengths = ({ name, masked }: FeatureSpec, lengths: readonly number[]): RandomSamples['exported'] =>
  masked ? { [lengthsName(name)]: { values: BigInt64Array.from(lengths, BigInt), shape: [lengths.length] } } : {};

/** What says lengths to the model in memory. */
const ownLengths = (
  { name, time, masked, optional }: FeatureSpec,
  lengths: readonly number[],
): RandomSamples['inMemory'] => ({
  ...(masked && {
    [`mask.${name}`]: Float32Array.from(
      lengths.flatMap((length) => Array.from({ length: time }, (_, t) => Number(t < Math.max(length, 1)))),
    ),
  }),
  ...(optional && { [`present.${name}`]: Float32Array.from(lengths, (length) => Number(length > 0)) }),
});

function featureEntry(feature: FeatureSpec, statistics: ModalityStatistics | undefined): ExportEntry {
  const { name, time, masked } = feature;
  const { mean, scale, low, high, fill, indicated } = statistics ?? {};
  const width = feature.width - (indicated?.length ?? 0);
  return {
    take(batch) {
      const raw = input(name, [batch, time, width]);
      const row = (data: Float32Array): Tensor => constant(data, [1, 1, width]);
      // x − x is 0 for every number, and NaN for NaN and infinities, which are missing.
      const isThere = raw.sub(raw).equal(0);
      let value = where(isThere, raw, fill ? row(fill) : 0);
      if (mean && scale && !leavesAsItIs({ mean, scale, ...(low && { low }) })) {
        if (low) value = value.max(row(low));
        if (high) value = value.min(row(high));
        value = value.sub(row(mean)).mul(row(scale));
      }
      const there = isThere.cast('float32');
      if (indicated)
        value = concat(
          [
            value,
            there
              .neg()
              .add(1)
              .gather(constant([...indicated], [indicated.length], 'int64'), 2),
          ],
          2,
        );
      const inside = insideOf(feature, batch);
      // A sample that has no number within its length lacks the modality, as one of length 0 does.
      const counted = inside ? there.mul(inside.reshape([batch, time, 1])) : there;
      return takenOf(value, inside, counted.maximum([1, 2]));
    },
    describe: (batch) => [
      {
        ...{ name, dtype: 'float32' as const, shape: [batch, time, width] as const },
        meaning: `raw features, as in the training file; ${
          masked ? 'steps beyond the length are ignored' : `all NaN: the sample has no ${name}`
        }`,
        optional: true as const,
      },
      ...describedLengths(feature, batch),
    ],
    sample(count, source) {
      const lengths = drawnLengths(feature, count, source);
      const raw = new Float32Array(count * time * width).map((_, i) => {
        const d = i % width;
        const x = (mean?.[d] ?? 0) + source.normal() * (scale?.[d] ? 1 / scale[d] : 1);
        const isMissing = source.uniform() < missingShare || lengths[Math.floor(i / (time * width))] === 0;
        return isMissing ? NaN : x;
      });
      const data = raw.slice();
      const held = lengths.map((length, n) => {
        const [start, end] = [n * time * width, (n + 1) * time * width];
        data.fill(0, start + length * width, end);
        return data.subarray(start, start + length * width).some(Number.isFinite) ? length : 0;
      });
      const samples = {
        ids: held.map(String),
        features: { [name]: { shape: [count, time, width], data } },
        lengths: { [name]: Int32Array.from(held) },
      };
      const ready = applyStandardisation(samples, statistics ? { [name]: statistics } : {}).features[name]!;
      return {
        exported: {
          ...exportedLengths(feature, lengths),
          [name]: { values: raw, shape: [count, time, width] },
        },
        inMemory: { ...ownLengths(feature, held), [`features.${name}`]: readWhole(ready).data },
      };
    },
  };
}

/** Of random numbers that are missing. */
const missingShare = 0.05;

/**
 * A modality of tokens: the exported file takes ids and segments as int64. The network holds them as two float32
 * features per step (`Modality.tokens`), which are exact below 2^24.
 */
function tokenEntry(feature: FeatureSpec, { vocabulary, segments }: BertConfig): ExportEntry {
  const { name, time } = feature;
  const [ids, kinds] = [`${name}_ids`, `${name}_segments`];
  const parts = [
    { name: ids, limit: vocabulary, meaning: `token ids of the encoder's vocabulary, 0..${vocabulary - 1}` },
    ...(segments > 1 ? [{ name: kinds, limit: segments, meaning: `segments of the tokens, 0..${segments - 1}` }] : []),
  ];
  return {
    take(batch) {
      const columns = parts.map((part) => input(part.name, [batch, time], 'int64').cast('float32'));
      const both = columns.length > 1 ? columns : [columns[0]!, columns[0]!.mul(0)];
      const value = concat(
        both.map((column) => column.reshape([batch, time, 1])),
        2,
      );
      // A text of tokens has steps besides the mark at its beginning, and therefore lengths.
      const inside = insideOf({ ...feature, masked: true }, batch)!;
      return takenOf(value, inside, inside.maximum([1]));
    },
    describe: (batch) => [
      ...parts.map(({ name: part, meaning }) => ({
        ...{ name: part, dtype: 'int64' as const, shape: [batch, time] as const, meaning },
        optional: true as const,
      })),
      ...describedLengths(feature, batch),
    ],
    sample(count, source) {
      const lengths = drawnLengths(feature, count, source);
      const drawn = parts.map(({ name: part, limit }) => ({
        name: part,
        values: Array.from({ length: count * time }, () => source.integer(limit)),
      }));
      const isInside = (i: number): boolean => i % time < lengths[Math.floor(i / time)]!;
      const pairs = drawn[0]!.values.flatMap((id, i) => (isInside(i) ? [id, drawn[1]?.values[i] ?? 0] : [0, 0]));
      const feeds = drawn.map(({ name: part, values }) => [
        part,
        { values: BigInt64Array.from(values, BigInt), shape: [count, time] },
      ]);
      return {
        exported: { ...exportedLengths(feature, lengths), ...(Object.fromEntries(feeds) as RandomSamples['exported']) },
        inMemory: { ...ownLengths(feature, lengths), [`features.${name}`]: Float32Array.from(pairs) },
      };
    },
  };
}
