/**
 * The candidate that a mistyped `name` most likely means; undefined where none is near. A candidate is near if at least
 * 3 letters of `name` begin it, or if `editDistance` is at most a third of the letters of `name` (at least 1). Case is
 * ignored.
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const typed = name.toLowerCase();
  let best: string | undefined;
  let fewest = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    const meant = candidate.toLowerCase();
    // A beginning such as `hetero` is many edits from the whole name, and yet it is clear which name is meant.
    const edits = typed.length >= 3 && meant.startsWith(typed) ? 1 : editDistance(typed, meant);
    if (edits < fewest) [best, fewest] = [candidate, edits];
  }
  return best;
}

/**
 * The fewest insertions, deletions, replacements and swaps of neighbouring letters that turn one word into the other
 * (optimal string alignment distance).
 */
export function editDistance(from: string, to: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = previous[j - 1]! + Number(from[i - 1] !== to[j - 1]);
      const swapped =
        i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1] ? before[j - 2]! + 1 : Infinity;
      row.push(Math.min(replaced, swapped, previous[j]! + 1, row[j - 1]! + 1));
    }
    [before, previous] = [previous, row];
  }
  return previous[to.length]!;
}
