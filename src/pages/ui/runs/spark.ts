/** The path of a small curve in a box, as SVG has it; pieces end where values are missing. */
export function sparkPath(
  values: readonly (number | null)[],
  { width, height }: { readonly width: number; readonly height: number },
): string {
  const known = values.filter((value) => value !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const across = width / Math.max(1, values.length - 1);
  const down = (value: number): number => (high > low ? ((high - value) / (high - low)) * height : height / 2);
  let isApart = true;
  return values
    .flatMap((value, n) => {
      if (value === null) {
        isApart = true;
        return [];
      }
      const [step, isAlone] = [isApart ? 'M' : 'L', isApart && (values[n + 1] ?? null) === null];
      isApart = false;
      const place = `${round(n * across)} ${round(down(value))}`;
      // A line of no length is a dot, where its ends are round.
      return [`${step}${place}${isAlone ? `L${place}` : ''}`];
    })
    .join('');
}

const round = (x: number): number => Math.round(x * 10) / 10;
