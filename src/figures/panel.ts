import type { Spec } from './figure.ts';
import { textSizes } from './style.ts';

/**
 * A panel with a heading, centred above it. A title of its own would stand the higher, the further the axis reaches above
 * the panel, and headings side by side would not be in line.
 */
export const headed = (text: string, { width, height, ...inside }: Spec & { readonly width: number }): Spec => ({
  ...{ width, height },
  layer: [
    inside,
    {
      data: { values: [{}] },
      mark: { type: 'text', text, x: width / 2, y: -6, baseline: 'bottom', fontSize: textSizes.usual },
    },
  ],
});
