/** What values of files and of callers are looked at for, and how errors call them. */
import { quoted } from '../files/error.ts';

/** What is beyond reason, whatever a file says: bytes of a description, a size of an axis, inputs, numbers of all inputs. */
export const limits = { description: 2 ** 26, axis: 2 ** 16, inputs: 64, numbers: 2 ** 26 } as const;

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const isCount = (value: unknown, most: number = limits.axis): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= most;
export const isText = (value: unknown): value is string => typeof value === 'string';
export const areTexts = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every(isText);

/** Names as an error may list them. */
export const listed = (names: readonly string[], most = 6): string =>
  names.slice(0, most).map(quoted).join(', ') + (names.length > most ? ' and others' : '');

/** A value as an error may quote it, on one line. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  return isObject(value) ? 'an object' : 'null';
}
