import { extname } from 'node:path';
import type { TextKind } from './delimiter.ts';

/** The formats of plain text, by the endings of names. */
export const kinds: Readonly<Record<string, TextKind>> = {
  '.csv': 'CSV',
  '.tsv': 'TSV',
  '.jsonl': 'JSON lines',
  '.ndjson': 'JSON lines',
};

/** The format that a name tells. */
export const kindOf = (file: string): TextKind => kinds[extname(file).toLowerCase()] ?? 'CSV';
