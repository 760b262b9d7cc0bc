import type { Format } from '../format.ts';

export const safetensors: Format = {
  name: 'safetensors',
  endings: ['.safetensors'],
  recognise: ({ start, source }) => beginsWithHeader(start, source.size),
  open: async (file) => (await import('./read.ts')).openSafetensors(file),
  write: async (request) => (await import('./write.ts')).writeAsSafetensors(request),
};

/** The length of the header, which the file is long enough for, and the brace that the header begins with. */
function beginsWithHeader(start: Uint8Array, fileSize: number): boolean {
  if (start.length < 10 || start[8] !== 0x7b) return false;
  const length = Number(new DataView(start.buffer, start.byteOffset).getBigUint64(0, true));
  return length >= 2 && length <= fileSize - 8;
}
