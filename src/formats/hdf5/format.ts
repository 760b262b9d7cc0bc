import { beginsWith } from '../bytes/begins-with.ts';
import type { Format, UnknownFile } from '../format.ts';
import { hdf5Mark } from './types.ts';

export const hdf5: Format = {
  name: 'HDF5',
  endings: ['.h5', '.hdf5'],
  // Computational sequences of the CMU-MultimodalSDK.
  readEndings: ['.csd'],
  shownEndings: ['.h5', '.csd'],
  recognise: ({ start }) => beginsWith(start, hdf5Mark),
  guess: hasUserBlock,
  open: async (file, _, { signal }) => (await import('./read.ts')).openHdf5(file, { signal }),
  write: async (request) => (await import('./write.ts')).writeHdf5(request),
};

/** Before the mark there may be what HDF5 calls a user block, of any length that is a power of two. */
async function hasUserBlock({ source }: UnknownFile): Promise<boolean> {
  const mark = new Uint8Array(hdf5Mark.length);
  for (let position = 512; position <= 4096 && position + mark.length <= source.size; position *= 2) {
    await source.read(mark, position);
    if (beginsWith(mark, hdf5Mark)) return true;
  }
  return false;
}
