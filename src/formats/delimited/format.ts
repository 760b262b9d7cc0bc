import type { Format } from '../format.ts';
import { kinds } from './kinds.ts';
import { openDelimited } from './read.ts';
import { writeDelimited } from './write.ts';

/** A row per sample, as text: without any sign in it, so that only its name tells which it is. */
export const delimited: Format = {
  name: 'CSV, TSV and JSON lines',
  endings: Object.keys(kinds),
  open: openDelimited,
  write: writeDelimited,
};
