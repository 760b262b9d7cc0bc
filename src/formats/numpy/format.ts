import { extname } from 'node:path';
import { beginsWith } from '../bytes/begins-with.ts';
import type { Format } from '../format.ts';
import { npyMark, openNpy } from './read-npy.ts';
import { openNpz } from './read-npz.ts';
import { writeNpy } from './write-npy.ts';
import { writeNpz } from './write-npz.ts';

/** One array (`.npy`), or several in a zip archive (`.npz`). */
export const numpy: Format = {
  name: 'NumPy',
  endings: ['.npz', '.npy'],
  shownEndings: ['.npy', '.npz'],
  recognise: ({ start, members }) => beginsWith(start, npyMark) || (members !== undefined && isNpz(members)),
  open: (file, { members }) => (members === undefined ? openNpy(file) : openNpz(file)),
  write: (request) => (extname(request.file).toLowerCase() === '.npy' ? writeNpy(request) : writeNpz(request)),
};

/** An archive of no arrays is one too. PyTorch's may hold `.npy` files, and has a pickle that NumPy's has not. */
const isNpz = (members: readonly string[]): boolean =>
  members.length === 0 ||
  (members.some((path) => path.endsWith('.npy')) && !members.some((path) => /(^|\/)data\.pkl$/.test(path)));
