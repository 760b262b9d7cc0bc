/** Whether the page is being printed: paper has a width of its own, which what is drawn on a canvas cannot follow by itself. */
import { signal } from '@preact/signals';

export const isPrinting = signal(false);

addEventListener('beforeprint', () => (isPrinting.value = true));
addEventListener('afterprint', () => (isPrinting.value = false));

/** Of a chart on paper, in pixels: two of them lie beside each other on A4 and US letter, as `.grid` of ui/run/run.css has them. */
export const printedSize = { width: 330, height: 196 } as const;
