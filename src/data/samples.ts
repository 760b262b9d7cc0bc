/** Samples put together and taken apart, with all that belongs to them. */
import { sampleCount, type Samples } from './dataset.ts';
import { type FeatureArray, isInMemory, storedRows, storedTogether } from './features.ts';

/** The samples of one or more `parts`, one part after the other; labels and groups only where all of them have some. */
export function concatSamples(parts: readonly Samples[]): Samples {
  const ids = parts.flatMap((part) => part.ids);
  const names = Object.keys(parts[0]!.features);
  const floats = (of: (part: Samples) => Float32Array | undefined): Float32Array | undefined => {
    const arrays = parts.map(of);
    return arrays.every((array) => array !== undefined) ? joined(arrays, (n) => new Float32Array(n)) : undefined;
  };
  const labels = floats((part) => part.labels);
  const own = names.flatMap((modality) => {
    const values = floats((part) => part.ownLabels?.[modality]);
    return values ? [[modality, values] as const] : [];
  });
  const groups = parts.every((part) => part.groups) ? parts.flatMap((part) => part.groups!) : undefined;
  return {
    ids,
    features: Object.fromEntries(
      names.map((modality): [string, FeatureArray] => {
        const arrays = parts.map((part) => part.features[modality]!);
        if (!arrays.every(isInMemory)) return [modality, storedTogether(arrays)];
        const data = joined(
          arrays.map((array) => array.data),
          (n) => new Float32Array(n),
        );
        return [modality, { shape: [ids.length, ...arrays[0]!.shape.slice(1)], data }];
      }),
    ),
    lengths: Object.fromEntries(
      names.map((modality) => [
        modality,
        joined(
          parts.map((part) => part.lengths[modality]!),
          (n) => new Int32Array(n),
        ),
      ]),
    ),
    ...(labels && { labels }),
    ...(own.length > 0 && { ownLabels: Object.fromEntries(own) }),
    ...(groups && { groups }),
  };
}

/** What MMSA puts between the video and the clip in an id. */
const clipMark = '$_$';

/** The group of each sample, as far as it is known: as it was read, or else the video that ids tell. */
export const groupsKnown = ({ groups, ids }: Pick<Samples, 'groups' | 'ids'>): readonly string[] | undefined =>
  groups ?? videosOf(ids);

/** The video of each id, where all ids are of the form `video$_$clip`. */
export const videosOf = (ids: readonly string[]): string[] | undefined =>
  ids.every((id) => id.includes(clipMark)) ? ids.map((id) => id.slice(0, id.indexOf(clipMark))) : undefined;

/** Some of the samples, in the order of `rows`; features that are stored stay so. */
export function pickSamples(samples: Samples, rows: readonly number[]): Samples {
  const count = sampleCount(samples);
  const picked = <T extends Float32Array | Int32Array>(data: T, into: T): T => {
    const size = data.length / count;
    rows.forEach((row, i) => into.set(data.subarray(row * size, (row + 1) * size), i * size));
    return into;
  };
  const floats = (data: Float32Array): Float32Array =>
    picked(data, new Float32Array((data.length / count) * rows.length));
  const { ids, features, lengths, labels, ownLabels, groups } = samples;
  return {
    ids: rows.map((row) => ids[row]!),
    features: mapped(features, (array) =>
      isInMemory(array)
        ? { shape: [rows.length, ...array.shape.slice(1)], data: floats(array.data) }
        : storedRows(array, rows),
    ),
    lengths: mapped(lengths, (each) => picked(each, new Int32Array(rows.length))),
    ...(labels && { labels: floats(labels) }),
    ...(ownLabels && { ownLabels: mapped(ownLabels, floats) }),
    ...(groups && { groups: rows.map((row) => groups[row]!) }),
  };
}

const mapped = <T, R>(record: Readonly<Record<string, T>>, of: (value: T) => R): Record<string, R> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, of(value)]));

function joined<T extends Float32Array | Int32Array>(parts: readonly T[], make: (length: number) => T): T {
  const whole = make(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
