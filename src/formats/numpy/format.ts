import { extname } from 'node:path';
import { beginsWith } from '../bytes/begins-with.ts';
import type { Format } from '../format.ts';
import { isTorchPickle } from '../torch/archive.ts';
import { npyMark } from './mark.ts';

/** One array (`.npy`), or several in a zip archive (`.npz`). */
export const numpy: Format = {
  name: 'NumPy',
  endings: ['.npz', '.npy'],
  shownEndings: ['.npy', '.npz'],
  recognise: ({ start, members }) => beginsWith(start, npyMark) || (members !== undefined && isNpz(members)),
  open: async (file, { members }) =>
    members === undefined
      ? (await import('./read-npy.ts')).openNpy(file)
      : (await import('./read-npz.ts')).openNpz(file),
  write: async (request) =>
    extname(request.file).toLowerCase() === '.npy'
      ? (await import('./write-npy.ts')).writeNpy(request)
      : (await import('./write-npz.ts')).writeNpz(request),
};

/** An archive without arrays is one of none. PyTorch's may hold `.npy` files too, beside its pickle. */
const isNpz = (members: readonly string[]): boolean =>
  members.length === 0 || (members.some((path) => path.endsWith('.npy')) && !members.some(isTorchPickle));
