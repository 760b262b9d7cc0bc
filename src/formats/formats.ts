/** The table of file formats. Whoever adds one writes its room and a line here. */

import type { Format } from './format.ts';
import { delimited } from './delimited/format.ts';
import { hdf5 } from './hdf5/format.ts';
import { numpy } from './numpy/format.ts';
import { parquet } from './parquet/format.ts';
import { pickle } from './pickle/format.ts';
import { safetensors } from './safetensors/format.ts';
import { torch } from './torch/format.ts';

/**
 * In the order in which they are asked for what they recognise (safetensors before pickles, as the length that a file of
 * it begins with may look like the mark of a pickle), and in which their endings are listed.
 */
export const formats: readonly Format[] = [numpy, safetensors, pickle, hdf5, parquet, delimited, torch];

/** The endings of the names of files that are written. */
export const writableEndings: readonly string[] = formats.flatMap(({ write, endings }) => (write ? endings : []));

/** The endings of the names of files that are read. */
export const readableEndings: readonly string[] = formats.flatMap(({ endings, readEndings = [] }) => [
  ...endings,
  ...readEndings,
]);
