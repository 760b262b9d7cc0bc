/** What a column seems to be, told by its name and by its values. */
import { booleanWords, dateNumbers, dateOrders, type DatePart } from '../../columns/numbers.ts';
import type { ColumnType } from '../../columns/types.ts';
import { isMissing } from '../../../formats/delimited/cells.ts';
import type { Seen } from './look.ts';

export const strongLabel = /label|target|^y$|^class$|sentiment|emotion/i;
/** One of several labels: label_happy, target 2, emotion.sad. */
export const oneOfLabels = /^(label|target|emotion)s?[_ .-]\S/i;
export const weakLabel = /outcome|score|rating|diagnosis/i;
export const groupName = /^(video|speaker|subject|patient|person|user|session|group|dialogue)([ _-]?id)?$/i;
export const splitName = /^(split|set|partition|subset|fold)$/i;
export const lengthName = /^(.+)_(lengths?|len)$/i;
const idName = /^(ids?|u?uid|guid|key|name|sample|utterance|clip)$|[ _-](id|uuid|key)$|^id[ _-]|[a-z]I[dD]$/i;
const rowName = /^(unnamed.*|index|row|)$/i;

export const isNamedId = ({ key }: Seen): boolean => key !== undefined && idName.test(key);

/** Whether each row has another value, and none is missing. */
export const isUnique = ({ values, rows }: Seen): boolean => new Set(values).size === rows && !values.includes('');

/** Whether texts could be names: short, without spaces, and no dates. */
export const areNames = ({ kind, values }: Seen): boolean =>
  kind === 'text' && values.every((value) => /^\S{1,64}$/.test(value)) && !isDate(values);

/** Whether numbers count the rows, as an index does that was saved with a table. */
export const countsRows = ({ key, kind, values }: Seen): boolean =>
  kind === 'number' &&
  rowName.test(key ?? '-') &&
  [0, 1].some((first) => values.every((value, n) => Number(value) === n + first));

/** The type of a column of texts, with words for a comment; `leave out` where nothing can be made of it. */
export type TextType = { readonly type: ColumnType; readonly comment: string } | { readonly leaveOut: string };

/** More different values than this are no category. */
const mostValues = 50;

export function textType(values: readonly string[]): TextType {
  const given = values.filter((value) => !isMissing(value));
  const different = [...new Set(given)].sort();
  const missing = given.length < values.length ? `, ${values.length - given.length} missing` : '';
  if (different.length === 0) return { leaveOut: 'is empty' };
  const lower = new Set(different.map((value) => value.toLowerCase()));
  const words = booleanWords.find((pair) => [...lower].every((value) => pair.some((word) => word === value)));
  if (words && lower.size === 2) return { type: 'boolean', comment: `${words.join('/')}${missing}` };
  const date = dateType(given);
  if (date) {
    const either = date.order === 'dmy' && given.every((value) => dateNumbers(value, 'mdy'));
    const days = (value: string): number => dateNumbers(value, date.order)!.days;
    const inTime = different.toSorted((a, b) => days(a) - days(b));
    const shown = `${inTime[0]!} to ${inTime.at(-1)!}${missing}`;
    return { type: date, comment: either ? `${shown}; dmy or mdy? look it over` : shown };
  }
  const sentences = given.filter((value) => value.trim().split(/\s+/).length > 3).length;
  if (sentences > given.length / 2) return { type: 'text', comment: `for an encoder of text${missing}` };
  if (different.length > mostValues || different.length > given.length / 2)
    return { leaveOut: `has ${different.length} different texts in ${given.length} rows` };
  const shown = different.slice(0, 5).join(', ');
  const count = different.length === 1 ? '1 value' : `${different.length} values`;
  return { type: 'category', comment: `${count}: ${shown}${different.length > 5 ? ', …' : ''}${missing}` };
}

const isDate = (values: readonly string[]): boolean => dateType(values) !== undefined;

function dateType(values: readonly string[]): Extract<ColumnType, { date: unknown }> | undefined {
  const order = dateOrders.find((each) => values.every((value) => dateNumbers(value, each) !== undefined));
  if (order === undefined || values.length === 0) return undefined;
  const dates = values.map((value) => dateNumbers(value, order)!);
  const varies = (part: DatePart): boolean => dates.some((date) => date[part] !== dates[0]![part]);
  const parts = (['year', 'month', 'weekday', 'hour', 'days'] as const).filter(varies);
  return { date: parts.length > 0 ? parts : ['days'], order };
}

/** Whether the numbers of a column are 0 and 1, both of them. */
export function isBinary({ kind, values }: Seen): boolean {
  const different = new Set(values.filter((value) => value !== '').map(Number));
  return kind === 'number' && different.size === 2 && different.has(0) && different.has(1);
}

/** Whether no number of a column is other than 0 and 1, though it may be one of them alone. */
export const areZeroOrOne = ({ kind, values }: Seen): boolean =>
  kind === 'number' && values.every((value) => value === '' || Number(value) === 0 || Number(value) === 1);

/** Whether labels are classes: texts, or few different whole numbers from 0. */
export function areClasses({ kind, values }: Seen): boolean {
  if (kind === 'text') return true;
  const numbers = new Set(values.filter((value) => value !== '').map(Number));
  return numbers.size <= 20 && [...numbers].every((value) => Number.isInteger(value) && value >= 0);
}
