/** Tells whether a dataset is the one that a run was begun on. */
import { createHash } from 'node:crypto';
import type { Dataset } from '../data/dataset.ts';
import { blocksOf } from '../data/features.ts';

/** Bytes that are hashed in one call: OpenSSL takes at most 2 GiB. */
const hashedAtOnce = 2 ** 28;

/**
 * The first 16 hexadecimal digits of the SHA-256 of all samples as they were read: ids, features, lengths and labels.
 */
export function hashOf(dataset: Dataset): string {
  const known = hashes.get(dataset);
  if (known !== undefined) return known;
  const made = hashOfSamples(dataset);
  hashes.set(dataset, made);
  return made;
}

/** A dataset may be larger than memory, and each of several runs on it asks for its hash. */
const hashes = new WeakMap<Dataset, string>();

function hashOfSamples({ splits }: Dataset): string {
  const hash = createHash('sha256');
  const add = ({ buffer, byteOffset, byteLength }: Float32Array | Int32Array): void => {
    for (let done = 0; done < byteLength; done += hashedAtOnce)
      hash.update(new Uint8Array(buffer, byteOffset + done, Math.min(hashedAtOnce, byteLength - done)));
  };
  for (const { ids, features, lengths, labels, ownLabels = {} } of Object.values(splits)) {
    hash.update(ids.join('\n'));
    for (const array of Object.values(features)) for (const { data } of blocksOf(array)) add(data);
    for (const each of Object.values(lengths)) add(each);
    if (labels) add(labels);
    for (const each of Object.values(ownLabels)) add(each);
  }
  return hash.digest('hex').slice(0, 16);
}
