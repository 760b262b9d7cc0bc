import type { Format } from '../format.ts';
import { nestedBySplit } from '../writing/nested.ts';
import { isTorchPickle } from './archive.ts';

export const torch: Format = {
  name: 'PyTorch',
  endings: ['.pt', '.pth'],
  shownEndings: ['.pt', '.pth'],
  recognise: ({ members = [] }) => members.some(isTorchPickle),
  open: async (file) => (await import('./read.ts')).openTorch(file),
  write: async (request) =>
    (await import('./write.ts')).writeTorch({ ...request, value: nestedBySplit(request.value) }),
};
