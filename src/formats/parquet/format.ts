import { beginsWith } from '../bytes/begins-with.ts';
import type { Format } from '../format.ts';
import { openParquet } from './read.ts';

export const parquet: Format = {
  name: 'Parquet',
  endings: ['.parquet'],
  recognise: ({ start }) => beginsWith(start, 'PAR1'),
  open: (file) => openParquet(file),
  // The library that writes is large, and loaded where it is needed.
  write: async (request) => (await import('./write.ts')).writeParquet(request),
};
