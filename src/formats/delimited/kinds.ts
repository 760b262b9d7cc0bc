export type TextKind = 'CSV' | 'TSV' | 'JSON lines';

/** The formats of plain text, by the endings of names. */
export const kinds: Readonly<Record<string, TextKind>> = {
  '.csv': 'CSV',
  '.tsv': 'TSV',
  '.jsonl': 'JSON lines',
  '.ndjson': 'JSON lines',
};

/** The format that the ending of a name tells, if it tells one of these. */
export const kindByName = (file: string): TextKind | undefined => kinds[/\.\w+$/.exec(file)?.[0].toLowerCase() ?? ''];

/** The format of a file that is known to be of these. */
export const kindOf = (file: string): TextKind => kindByName(file) ?? 'CSV';
