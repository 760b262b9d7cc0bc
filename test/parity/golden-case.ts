/** One golden case: NAME.config.json, NAME.pth, NAME.npz, NAME.trajectory.npz and NAME.trained.pth of a folder. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { isNumericData, toFloat32, type NdArray } from '../../src/formats/bytes/array.ts';
import { FormatError } from '../../src/files/error.ts';
import { readBytes } from '../../src/files/read.ts';
import { readNpz } from '../../src/formats/numpy/read-npz.ts';
import type { InputSpec } from '../../src/train/network.ts';
import { authorsModalities } from '../../src/interop/authors-config.ts';
import { openAuthorsModel, type AuthorsModel, type TimeSteps } from '../../src/interop/authors-model.ts';
import type { Nudge } from './rows.ts';

/** The arrays of a `.npz`, and where they come from. */
export interface Arrays {
  readonly file: string;
  readonly byName: Readonly<Record<string, NdArray>>;
}

export interface GoldenCase {
  readonly model: AuthorsModel;
  /** One batch, and everything computed from it. */
  readonly golden: Arrays;
  readonly trajectory: Arrays;
  readonly trainedFile: string;
}

const suffix = '.config.json';

/** Names of the cases in a folder. */
export function casesIn(directory: string): string[] {
  let files: string[];
  try {
    files = readdirSync(directory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such folder' : code === 'ENOTDIR' ? 'is not a folder' : code;
    throw new FormatError(directory, `${reason}.`, { cause: error });
  }
  return files
    .filter((file) => file.endsWith(suffix))
    .map((file) => file.slice(0, -suffix.length))
    .sort();
}

export function openCase(directory: string, name: string): GoldenCase {
  const at = (end: string): string => path.join(directory, `${name}${end}`);
  return {
    // Golden values are made without dropout, whatever rates a configuration keeps from a published one.
    model: openAuthorsModel(at('.pth'), at(suffix), { dropout: false }),
    golden: readArrays(at('.npz')),
    trajectory: readArrays(at('.trajectory.npz')),
    trainedFile: at('.trained.pth'),
  };
}

const readArrays = (file: string): Arrays => ({ file, byName: readNpz(readBytes(file), { file }) });

export function array({ file, byName }: Arrays, key: string): NdArray {
  const found = byName[key];
  if (!found) throw new FormatError(file, `lacks "${key}".`);
  return found;
}

export function values(arrays: Arrays, key: string): Float32Array {
  const { data } = array(arrays, key);
  if (!isNumericData(data)) throw new FormatError(arrays.file, `"${key}" does not hold numbers.`);
  return toFloat32(data);
}

/** A batch of a golden file, as a network is fed. */
export interface Batch {
  readonly size: number;
  readonly spec: InputSpec;
  feeds(nudge: Nudge): Record<string, Float32Array>;
}

/** The batch whose features and labels are under `key('x_t')`, `key('x_a')`, `key('x_v')` and `key('y')`. */
export function batchOf({ model }: GoldenCase, arrays: Arrays, key: (part: string) => string): Batch {
  const labels = values(arrays, key('y'));
  const shapes = authorsModalities.map(({ batch }) => array(arrays, key(`x_${batch}`)).shape);
  const spec = model.spec(shapes.map((shape) => shape[1] ?? 0) as unknown as TimeSteps);
  const features = authorsModalities.map(({ batch }, m) => {
    const feature = spec.features[m]!;
    const expected = [labels.length, feature.time, feature.width];
    if (String(shapes[m]) !== String(expected))
      throw new FormatError(arrays.file, `"${key(`x_${batch}`)}" is [${shapes[m]}], expected [${expected}].`);
    return { ...feature, data: values(arrays, key(`x_${batch}`)) };
  });
  return {
    size: labels.length,
    spec,
    feeds(nudge) {
      const feeds: Record<string, Float32Array> = { labels };
      for (const { name, masked, width, data } of features) {
        feeds[`features.${name}`] = nudge(data);
        if (masked) feeds[`mask.${name}`] = nonZeroRows(data, width);
      }
      return feeds;
    },
  };
}

const nonZeroRows = (data: Float32Array, width: number): Float32Array =>
  Float32Array.from({ length: data.length / width }, (_, row) =>
    Number(data.subarray(row * width, (row + 1) * width).some((x) => x !== 0)),
  );
