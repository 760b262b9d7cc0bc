import { isTree } from '../../json/tree.ts';
import { onOneLine, terminalWidth } from './terminal.ts';

/**
 * A JSON value as indented text like YAML: short lists stand on one line, long lists are cut, and numbers are rounded.
 */
export const outline = (value: unknown): string => `${lines(value, '').join('\n')}\n`;

const lineWidth = (): number => Math.min(100, terminalWidth());
/** How many items of a list are shown. */
const mostItems = 12;

function lines(value: unknown, indent: string): string[] {
  if (Array.isArray(value)) {
    const kept = value.slice(0, mostItems).flatMap((item: unknown) => {
      const whole = `${indent}- ${inline(item)}`;
      if (whole.length <= lineWidth() && !isNested(item)) return [whole];
      // The first line of an object stands beside the dash of its list item.
      const [first, ...rest] = lines(item, `${indent}  `);
      return [`${indent}- ${first!.trimStart()}`, ...rest];
    });
    return value.length > mostItems ? [...kept, `${indent}… ${value.length - mostItems} more`] : kept;
  }
  if (!isTree(value)) return [`${indent}${scalar(value)}`];
  return Object.entries(value).flatMap(([key, inner]) =>
    inner === undefined ? [] : entry(`${onOneLine(key)}:`, inner, indent),
  );
}

/** The lines of a value under its label: beside the label where that fits on a line, else below it. */
function entry(label: string, value: unknown, indent: string): string[] {
  const flat = `${indent}${label} ${inline(value)}`;
  if (flat.length <= lineWidth() && !isNested(value)) return [flat];
  return [`${indent}${label}`, ...lines(value, `${indent}  `)];
}

/** Whether a value holds objects, or lists of more than 4 items, which do not read well on one line. */
const isNested = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).some((inner) => isTree(inner) || (Array.isArray(inner) && inner.length > 4));

function inline(value: unknown): string {
  if (Array.isArray(value)) {
    const more = value.length > mostItems ? [`… ${value.length - mostItems} more`] : [];
    return `[${[...value.slice(0, mostItems).map(inline), ...more].join(', ')}]`;
  }
  if (!isTree(value)) return scalar(value);
  const pairs = Object.entries(value).flatMap(([key, inner]) =>
    inner === undefined ? [] : `${onOneLine(key)}: ${inline(inner)}`,
  );
  return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
}

function scalar(value: unknown): string {
  if (typeof value === 'number' && !Number.isInteger(value)) return String(Number(value.toPrecision(6)));
  return onOneLine(String(value));
}
