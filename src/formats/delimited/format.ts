import type { Format } from '../format.ts';
import { kinds } from './kinds.ts';

/** A row per sample, as text: without any sign in it, so that only its name tells which it is. */
export const delimited: Format = {
  name: 'CSV, TSV and JSON lines',
  endings: Object.keys(kinds),
  open: async (file, _, options) => (await import('./read.ts')).openDelimited(file, options),
  write: async (request) => (await import('./write.ts')).writeDelimited(request),
};
