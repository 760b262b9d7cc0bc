import { textWidth } from './drawing/font.ts';
import type { Drawing, Spec } from './figure.ts';
import { textSizes } from './style.ts';

/**
 * A panel with a heading, centred above it, of one or several lines. A title of its own would stand the higher, the further
 * the axis reaches above the panel, and headings side by side would not be in line.
 */
export const headed = (
  text: string | readonly string[],
  { width, height, ...inside }: Spec & { readonly width: number },
): Spec => {
  const lines = [text].flat().flatMap((line, n) => {
    const fontSize = n === 0 ? textSizes.usual : textSizes.small;
    return inLines(line, width + beyond, fontSize).map((part) => ({ text: part, fontSize }));
  });
  const place = { x: width / 2, baseline: 'bottom' };
  // Each stands above those after it.
  const heightBelow = (n: number): number => lines.slice(n + 1).reduce((sum, { fontSize }) => sum + fontSize + 2, 0);
  return {
    ...{ width, height },
    layer: [
      inside,
      ...lines.map((line, n) => ({
        data: { values: [{}] },
        mark: { type: 'text', ...line, ...place, y: -6 - heightBelow(n) },
      })),
    ],
  };
};

/** A heading may reach so far beyond its panel, both sides together, without touching the next. */
const beyond = 12;

/**
 * A text in lines of at most that width, whole: names of variants differ anywhere. It is broken at a space; a word that no line
 * holds is broken after a mark such as a hyphen, and where there is none, between letters.
 */
function inLines(text: string, width: number, size: number): string[] {
  const fits = (line: string): boolean => textWidth(line.trim(), size) <= width;
  const within = (piece: string, parts: RegExp): string[] => (fits(piece) ? [piece] : (piece.match(parts) ?? []));
  const pieces = within(text, /\S+\s*|\s+/g)
    .flatMap((word) => within(word, /[^_:;,/@=.-]+[_:;,/@=.-]*\s*|[_:;,/@=.-]+\s*/g))
    .flatMap((part) => within(part, /./gu));
  const lines: string[] = [];
  for (const piece of pieces) {
    const longer = `${lines.at(-1) ?? ''}${piece}`;
    if (lines.length > 0 && fits(longer)) lines[lines.length - 1] = longer;
    else lines.push(piece);
  }
  return lines.map((line) => line.trim());
}

/** How panels, one for each of so many runs, are laid out. */
export function grid(count: number, most = 4): Pick<Drawing, 'columns' | 'across'> {
  if (count === 1) return { columns: 1, across: 1 };
  if (count === 2 && most > 1) return { columns: 1, across: 2 };
  return { columns: 2, across: Math.min(count, most) };
}
