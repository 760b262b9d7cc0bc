import type { Format } from '../format.ts';
import { nestedBySplit } from '../writing/nested.ts';
import { isTorchPickle, openTorch } from './read.ts';
import { writeTorch } from './write.ts';

export const torch: Format = {
  name: 'PyTorch',
  endings: ['.pt', '.pth'],
  shownEndings: ['.pt', '.pth'],
  recognise: ({ members = [] }) => members.some(isTorchPickle),
  open: openTorch,
  write: (request) => writeTorch({ ...request, value: nestedBySplit(request.value) }),
};
