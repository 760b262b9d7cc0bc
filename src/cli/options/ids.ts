/**
 * The ids that texts name, each one id or several with commas between. Ids may have commas themselves: parts that together are
 * one of `known` are one, as many as may be.
 */
export function idsIn(texts: readonly string[], known: readonly string[]): string[] {
  const all = new Set(known);
  return texts.flatMap((text) => {
    const parts = text.split(',');
    const found: string[] = [];
    for (let first = 0; first < parts.length;) {
      let end = parts.length;
      while (end > first + 1 && !all.has(asNamed(parts.slice(first, end), all))) end--;
      found.push(asNamed(parts.slice(first, end), all));
      first = end;
    }
    return found.filter((id) => id !== '');
  });
}

/** Spaces around an id are no part of it, unless they are. */
function asNamed(parts: readonly string[], known: ReadonlySet<string>): string {
  const text = parts.join(',');
  return known.has(text) ? text : text.trim();
}
