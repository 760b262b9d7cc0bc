import type { Format, UnknownFile } from '../format.ts';
import { nestedBySplit } from '../writing/nested.ts';

export const pickle: Format = {
  name: 'Python pickle',
  endings: ['.pkl', '.pickle'],
  readEndings: ['.p'],
  shownEndings: ['.pkl'],
  recognise: ({ start: [code, protocol = 0] }) => code === 0x80 && protocol >= 2 && protocol <= 5,
  guess: mayBeOfFirstProtocols,
  open: async (file, _, { signal }) => (await import('./read.ts')).openPickle(file, { signal }),
  write: async (request) =>
    (await import('./write.ts')).writePickle({ ...request, value: nestedBySplit(request.value) }),
};

/** Pickles of protocols 0 and 1 begin with the opcode of whatever they hold, and all end with the same. */
async function mayBeOfFirstProtocols({ start, ending, source }: UnknownFile): Promise<boolean> {
  if ([...pickle.endings, ...pickle.readEndings!].includes(ending)) return true;
  const end = new Uint8Array(1);
  await source.read(end, source.size - 1);
  return '(]}c'.includes(String.fromCharCode(start[0]!)) && String.fromCharCode(end[0]!) === '.';
}
