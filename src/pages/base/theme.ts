/** The colours of theme.css, for canvases, which styles do not reach. */
import { signal } from '@preact/signals';
import { isPrinting } from './printing.ts';

const dark = matchMedia('(prefers-color-scheme: dark)');
const known = new Map<string, string>();

/** Counts changes between light and dark, which paper is not: a canvas that was drawn before is out of date. */
export const themeVersion = signal(0);

function renew(): void {
  known.clear();
  themeVersion.value++;
}
dark.addEventListener('change', renew);
isPrinting.subscribe((printing) => {
  document.documentElement.classList.toggle('printed', printing);
  renew();
});

/** The value of a custom property, as in `colour('--ink')`. */
export function colour(name: string): string {
  const value = known.get(name) ?? getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  known.set(name, value);
  return value;
}

/** How many series are told apart by colour; those that follow begin anew with another dash. */
const seriesColours = 8;

const dashes: readonly (readonly number[])[] = [[], [7, 3], [2, 3], [8, 3, 2, 3]];

/** The name of the colour and the dash of the nth series. */
export const lookOf = (n: number): { readonly colour: string; readonly dash: readonly number[] } => ({
  colour: `--series-${(n % seriesColours) + 1}`,
  dash: dashes[(Math.floor(n / seriesColours) + n) % dashes.length]!,
});
