import { isTree } from '../../json/tree.ts';

/** A value as indented text for reading: like YAML, with short lists on a line, long ones cut and numbers rounded. */
export const outline = (value: unknown): string => `${lines(value, '').join('\n')}\n`;

const width = 100;
const shown = 12;

function lines(value: unknown, indent: string): string[] {
  if (Array.isArray(value)) {
    const kept = value.slice(0, shown).flatMap((item: unknown) => {
      const whole = `${indent}- ${inline(item)}`;
      if (whole.length <= width && !isNested(item)) return [whole];
      // The first line of a record stands beside its dash.
      const [first, ...rest] = lines(item, `${indent}  `);
      return [`${indent}- ${first!.trimStart()}`, ...rest];
    });
    return value.length > shown ? [...kept, `${indent}… ${value.length - shown} more`] : kept;
  }
  if (!isTree(value)) return [`${indent}${scalar(value)}`];
  return Object.entries(value).flatMap(([key, inner]) => (inner === undefined ? [] : entry(`${key}:`, inner, indent)));
}

/** A label with its value beside it where that fits, else below. */
function entry(label: string, value: unknown, indent: string): string[] {
  const flat = `${indent}${label} ${inline(value)}`;
  if (flat.length <= width && !isNested(value)) return [flat];
  return [`${indent}${label}`, ...lines(value, `${indent}  `)];
}

/** Whether a value holds lists or records that hold more than scalars. */
const isNested = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).some((inner) => isTree(inner) || (Array.isArray(inner) && inner.length > 4));

function inline(value: unknown): string {
  if (Array.isArray(value)) {
    const more = value.length > shown ? [`… ${value.length - shown} more`] : [];
    return `[${[...value.slice(0, shown).map(inline), ...more].join(', ')}]`;
  }
  if (!isTree(value)) return scalar(value);
  const pairs = Object.entries(value).flatMap(([key, inner]) =>
    inner === undefined ? [] : `${key}: ${inline(inner)}`,
  );
  return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
}

function scalar(value: unknown): string {
  if (typeof value === 'number' && !Number.isInteger(value)) return String(Number(value.toPrecision(6)));
  return String(value);
}
