import { terminalWidth } from './terminal.ts';

/**
 * A text broken into lines that fit the terminal, and are at most so long elsewhere, with `mark` before the first and as much
 * space before the others.
 */
export function wrapped(text: string, mark = '', { most = 100 } = {}): string {
  const width = Math.min(most, terminalWidth());
  const [first = '', ...words] = text.split(' ');
  const lines = [`${mark}${first}`];
  for (const word of words) {
    const longer = `${lines.at(-1)!} ${word}`;
    if (longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(`${' '.repeat(mark.length)}${word}`);
  }
  return lines.join('\n');
}
