/** The way out to a terminal: names and values come from files, and a terminal obeys what some characters say. */

// All that moves a cursor, colours, or turns text around: controls but for tab and line feed, and the marks of direction.
// eslint-disable-next-line no-control-regex -- these are what is looked for
const obeyed = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Text as JSON would write such characters, `\u001b`, so that JSON stays the same JSON. */
export const printable = (text: string): string =>
  text.replace(obeyed, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** As `printable`, on one line: a name that is to stand among others. */
export const onOneLine = (text: string): string => printable(text).replaceAll('\n', '\\n').replaceAll('\t', '\\t');

/**
 * Columns of the terminal that results are printed to: what the variable COLUMNS says, or else the terminal itself. A file or
 * a pipe has no limit.
 */
export function terminalWidth(): number {
  const said = Number(process.env['COLUMNS']);
  if (Number.isInteger(said) && said > 0) return said;
  return process.stdout.isTTY ? process.stdout.columns || 80 : Infinity;
}

// What Node writes to move the cursor for a line of progress, and nothing beside it.
// eslint-disable-next-line no-control-regex -- as above
const cursorMove = /^(?:\u001b\[\d*(?:;\d+)?[A-K])+$/;

/** From now on all text that is written to a stream is printable, whoever writes it. */
export function escapeControls(stream: NodeJS.WriteStream): void {
  const write = stream.write.bind(stream);
  type Done = (error?: Error | null) => void;
  stream.write = (chunk: Uint8Array | string, encoding?: BufferEncoding | Done, done?: Done): boolean => {
    const safe = typeof chunk === 'string' && !cursorMove.test(chunk) ? printable(chunk) : chunk;
    if (typeof encoding === 'string' && typeof safe === 'string') return write(safe, encoding, done);
    return write(safe, typeof encoding === 'function' ? encoding : done);
  };
}
