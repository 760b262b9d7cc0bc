import { type Dialect, dialectIn, isSample } from './delimiter.ts';
import { type Encoding, textOf } from './encoding.ts';
import type { TextKind } from './kinds.ts';

/** The dialect of a file of CSV or TSV, by its first lines. */
export async function dialectOf(path: string, encoding: Encoding, kind: TextKind): Promise<Dialect> {
  let sample = '';
  for await (const text of textOf(path, encoding)) {
    sample += text;
    if (isSample(sample)) return dialectIn(sample, false, kind);
  }
  return dialectIn(sample, true, kind);
}
