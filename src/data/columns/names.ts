/** Columns of a table by patterns of their names: `x*`, `x0..x1999`, and `!name` for all but that. */
import { nearest } from '../../text/nearest.ts';

/** Names that stand for no column alone; an Error says so of one that stands for none. */
export interface Choice {
  /** All columns of the table, in its order. */
  readonly names: readonly string[];
  /** Columns that a pattern never means, such as those of labels; one of them must be named as it is. */
  readonly reserved: ReadonlySet<string>;
}

/**
 * The columns that `patterns` mean, in the order of the patterns, each once. A pattern that is a column's name means that
 * column alone; `!` before one takes columns away; patterns that only take away do so from all columns.
 */
export function columnsNamed(patterns: readonly string[], { names, reserved }: Choice): string[] {
  const known = new Set(names);
  const free = names.filter((name) => !reserved.has(name));
  const isTaken = (pattern: string): boolean => pattern.startsWith('!') && !known.has(pattern);
  const meant = (pattern: string): readonly string[] => {
    const found = known.has(pattern) ? [pattern] : (inRange(pattern, known) ?? matching(pattern, free));
    if (found.length > 0) return found;
    const near = nearest(pattern, names);
    throw new Error(
      `has no ${JSON.stringify(pattern)}${near === undefined ? `; it has ${listed(names)}.` : `; did you mean ${JSON.stringify(near)}?`}`,
    );
  };
  const wanted = patterns.filter((pattern) => !isTaken(pattern));
  const chosen = new Set(wanted.length > 0 ? wanted.flatMap(meant) : free);
  for (const pattern of patterns.filter(isTaken)) for (const name of meant(pattern.slice(1))) chosen.delete(name);
  return [...chosen];
}

/** Whether a text may mean several columns, where no column is called so. */
export const isPattern = (text: string): boolean => text.startsWith('!') || text.includes('*') || range.test(text);

const range = /^(.*?)(\d+)\.\.(.*?)(\d+)$/;

/** `x0..x12`: all whole numbers from the first to the last, written as wide as the first; undefined for anything else. */
function inRange(pattern: string, known: ReadonlySet<string>): string[] | undefined {
  const [, before, first, again, last] = range.exec(pattern) ?? [];
  if (before === undefined || before !== again || Number(last) < Number(first)) return undefined;
  const names = Array.from(
    { length: Number(last) - Number(first) + 1 },
    (_, i) => before + String(Number(first) + i).padStart(first!.length, '0'),
  );
  const missing = names.find((name) => !known.has(name));
  if (missing !== undefined)
    throw new Error(`has no ${JSON.stringify(missing)}, which is one of ${JSON.stringify(pattern)}.`);
  return names;
}

/** `*` stands for any characters. */
function matching(pattern: string, names: readonly string[]): string[] {
  if (!pattern.includes('*')) return [];
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  const expression = new RegExp(`^${parts.join('.*')}$`, 'su');
  return names.filter((name) => expression.test(name));
}

/** The first few of many names. */
export function listed(names: readonly string[], most = 12): string {
  const shown = names.slice(0, most).map((name) => JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name));
  return names.length > most ? `${shown.join(', ')} and ${names.length - most} more` : shown.join(', ') || 'nothing';
}
