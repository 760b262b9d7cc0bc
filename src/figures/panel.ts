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
          mark: { type: 'text', text: line, ...place, y: -6 - rest * (textSizes.small + 2), fontSize },
        };
      }),
    ],
  };
};

/** How panels, one for each of so many runs, are laid out. */
export function grid(count: number, most = 4): Pick<Drawing, 'columns' | 'across'> {
  if (count === 1) return { columns: 1, across: 1 };
  if (count === 2 && most > 1) return { columns: 1, across: 2 };
  return { columns: 2, across: Math.min(count, most) };
}
