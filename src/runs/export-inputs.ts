/** The inputs of an exported file for each modality: raw features, or token ids where the file holds a text encoder. */
import type { ModalityStatistics } from '../data/standardise.ts';
import type { Random } from '../data/random.ts';
import type { BertConfig, Sequence } from '../nn/index.ts';
import type { Values } from '../runtime/node.ts';
import { concat, constant, input, where, type Tensor } from '../tensor/index.ts';
import type { FeatureSpec } from '../train/index.ts';
import type { OpenModel } from './open-model.ts';

/** An input or output of an exported file; a text in `shape` names an axis of any size. */
export interface ValueDescription {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly (string | number)[];
  readonly meaning: string;
}

/** The same random samples twice: as inputs of the exported file, and as feeds of the model in memory. */
export interface RandomSamples {
  readonly exported: Readonly<Record<string, { readonly values: Values; readonly shape: readonly number[] }>>;
  readonly inMemory: Readonly<Record<string, Float32Array>>;
}

/** One modality of an exported file. */
export interface ExportEntry {
  /** Declares the inputs, and computes from them the sequence `[batch, T, D]` that the model takes. */
  sequence(batch: number): Sequence;
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

/** The mask `[N, T]` of a modality: 1 for time steps within the length of the sample, 0 beyond it. */
function maskOf({ name, time }: FeatureSpec, batch: number): Tensor {
  const lengths = input(lengthsName(name), [batch], 'int64');
  const steps = constant(
    Array.from({ length: time }, (_, t) => t),
    [1, time],
    'int64',
  );
  return lengths.reshape([batch, 1]).greater(steps).cast('float32');
}

const describedLengths = ({ name, time, masked }: FeatureSpec, batch: number | string): ValueDescription[] =>
  masked
    ? [{ name: lengthsName(name), dtype: 'int64', shape: [batch], meaning: `true time steps of ${name}, 1..${time}` }]
    : [];

/**
 * Random lengths of `count` sequences, as numbers, as an input of the exported file and as a mask for the model in
 * memory.
 */
function sampledLengths(
  { name, time, masked }: FeatureSpec,
  count: number,
  source: Random,
): RandomSamples & { readonly lengths: readonly number[] } {
  const lengths = Array.from({ length: count }, () => (masked ? 1 + source.integer(time) : time));
  if (!masked) return { lengths, exported: {}, inMemory: {} };
  const mask = lengths.flatMap((length) => Array.from({ length: time }, (_, t) => Number(t < length)));
  return {
    lengths,
    exported: { [lengthsName(name)]: { values: BigInt64Array.from(lengths, BigInt), shape: [count] } },
    inMemory: { [`mask.${name}`]: Float32Array.from(mask) },
  };
}

function featureEntry(feature: FeatureSpec, statistics: ModalityStatistics | undefined): ExportEntry {
  const { name, time, width, masked } = feature;
  return {
    sequence(batch) {
      const raw = input(name, [batch, time, width]);
      // NaN and infinities count as 0: x − x is 0 for a finite x and NaN for any other.
      const clean = where(raw.sub(raw).equal(0), raw, 0);
      const row = (data: Float32Array): Tensor => constant(data, [1, 1, width]);
      let value = clean;
      if (statistics) {
        const { mean, scale, low, high } = statistics;
        if (low) value = value.max(row(low));
        if (high) value = value.min(row(high));
        value = value.sub(row(mean)).mul(row(scale));
      }
      if (!masked) return { value };
      const mask = maskOf(feature, batch);
      return { value: value.mul(mask.reshape([batch, time, 1])), mask };
    },
    describe: (batch) => [
      {
        name,
        dtype: 'float32',
        shape: [batch, time, width],
        meaning: 'raw features, as in the training file; steps beyond the length are ignored',
      },
      ...describedLengths(feature, batch),
    ],
    sample(count, source) {
      const { mean, scale, low, high } = statistics ?? {};
      const { lengths, exported, inMemory } = sampledLengths(feature, count, source);
      const raw = new Float32Array(count * time * width);
      const ready = new Float32Array(raw.length);
      for (let i = 0; i < raw.length; i++) {
        const d = i % width;
        const spread = scale?.[d] ? 1 / scale[d] : 1;
        raw[i] = (mean?.[d] ?? 0) + source.normal() * spread;
        const kept = Math.min(Math.max(raw[i]!, low?.[d] ?? -Infinity), high?.[d] ?? Infinity);
        const inside = Math.floor(i / width) % time < lengths[Math.floor(i / (width * time))]!;
        ready[i] = inside ? (kept - (mean?.[d] ?? 0)) * (scale?.[d] ?? 1) : 0;
      }
      return {
        exported: { ...exported, [name]: { values: raw, shape: [count, time, width] } },
        inMemory: { ...inMemory, [`features.${name}`]: ready },
      };
    },
  };
}

/**
 * A modality of tokens: the exported file takes ids and segments as int64. The network holds them as two float32
 * features per step (`Modality.tokens`), which are exact below 2^24.
 */
function tokenEntry(feature: FeatureSpec, { vocabulary, segments }: BertConfig): ExportEntry {
  const { name, time, masked } = feature;
  const [ids, kinds] = [`${name}_ids`, `${name}_segments`];
  const parts = [
    { name: ids, limit: vocabulary, meaning: `token ids of the encoder's vocabulary, 0..${vocabulary - 1}` },
    ...(segments > 1 ? [{ name: kinds, limit: segments, meaning: `segments of the tokens, 0..${segments - 1}` }] : []),
  ];
  return {
    sequence(batch) {
      const columns = parts.map((part) => input(part.name, [batch, time], 'int64').cast('float32'));
      const both = columns.length > 1 ? columns : [columns[0]!, columns[0]!.mul(0)];
      const value = concat(
        both.map((column) => column.reshape([batch, time, 1])),
        2,
      );
      return masked ? { value, mask: maskOf(feature, batch) } : { value };
    },
    describe: (batch) => [
      ...parts.map(({ name: part, meaning }) => ({ name: part, dtype: 'int64', shape: [batch, time], meaning })),
      ...describedLengths(feature, batch),
    ],
    sample(count, source) {
      const { exported, inMemory } = sampledLengths(feature, count, source);
      const drawn = parts.map(({ name: part, limit }) => ({
        name: part,
        values: Array.from({ length: count * time }, () => source.integer(limit)),
      }));
      const pairs = drawn[0]!.values.flatMap((id, i) => [id, drawn[1]?.values[i] ?? 0]);
      const feeds = drawn.map(({ name: part, values }) => [
        part,
        { values: BigInt64Array.from(values, BigInt), shape: [count, time] },
      ]);
      return {
        exported: { ...exported, ...(Object.fromEntries(feeds) as RandomSamples['exported']) },
        inMemory: { ...inMemory, [`features.${name}`]: Float32Array.from(pairs) },
      };
    },
  };
}
