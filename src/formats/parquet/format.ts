import { beginsWith } from '../bytes/begins-with.ts';
import type { Format } from '../format.ts';

export const parquet: Format = {
  name: 'Parquet',
  endings: ['.parquet'],
  recognise: ({ start }) => beginsWith(start, 'PAR1'),
  open: async (file, _, { signal }) => (await import('./read.ts')).openParquet(file, { signal }),
  write: async (request) => (await import('./write.ts')).writeParquet(request),
};
