/** The colours of theme.css, for canvases, which styles do not reach. */
import { signal } from '@preact/signals';

const dark = matchMedia('(prefers-color-scheme: dark)');
const known = new Map<string, string>();

/** Counts changes between light and dark: a canvas that was drawn before is out of date. */
export const themeVersion = signal(0);

dark.addEventListener('change', () => {
  known.clear();
  themeVersion.value++;
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
