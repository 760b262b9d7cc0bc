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
  const lines = [text].flat();
  const place = { x: width / 2, baseline: 'bottom' };
  return {
    ...{ width, height },
    layer: [
      inside,
      ...lines.map((line, n) => {
        const rest = lines.length - 1 - n;
        const fontSize = n === 0 ? textSizes.usual : textSizes.small;
        return {
          data: { values: [{}] },
          mark: {
            type: 'text',
            text: shortened(line, width + beyond, fontSize),
            ...place,
            y: -6 - rest * (textSizes.small + 2),
            fontSize,
          },
        };
      }),
    ],
  };
};

/** A heading may reach so far beyond its panel, both sides together, without touching the next. */
const beyond = 12;

/** A text without its middle, where it is wider than there is room: names of runs differ at their ends. */
function shortened(text: string, width: number, size: number): string {
  const letters = Array.from(text);
  let kept = letters.length;
  const cut = (): string => {
    const first = Math.ceil(kept / 2);
    return kept === letters.length
      ? text
      : `${letters.slice(0, first).join('')}…${letters.slice(letters.length - (kept - first)).join('')}`;
  };
  while (kept > 2 && textWidth(cut(), size) > width) kept--;
  return cut();
}

/** How panels, one for each of so many runs, are laid out. */
export function grid(count: number, most = 4): Pick<Drawing, 'columns' | 'across'> {
  if (count === 1) return { columns: 1, across: 1 };
  if (count === 2 && most > 1) return { columns: 1, across: 2 };
  return { columns: 2, across: Math.min(count, most) };
}
