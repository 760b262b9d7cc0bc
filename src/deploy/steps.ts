/** The steps of one of a model's sequences in a row of data. */
import { quoted } from '../files/error.ts';
import type { ParsedCell } from '../formats/delimited/cells.ts';
import { isText, shown } from './checks.ts';
import { SampleError, type Row, type Step } from './sample.ts';
import type { Wanted, WantedColumn } from './wanted.ts';

/** What a row has of a sequence under its own name or that of the training; null where it has neither. */
export function valueIn({ cells }: Row, { name, key, isKeyFirst }: Wanted): ParsedCell {
  const names = isKeyFirst && cells.has(key) ? [key] : [name, key];
  return names.map((each) => cells.get(each)).find((value) => value !== undefined && value !== null) ?? null;
}

/** The values of columns as the numbers of one step; none where the row has no such column, or no value in any. */
export function encodedStep({ cells, texts }: Row, columns: readonly WantedColumn[], where: string): readonly Step[] {
  const step = new Float64Array(columns.reduce((sum, { width }) => sum + width, 0));
  let start = 0;
  for (const { name, isNumber, width, encode } of columns) {
    const cell = cells.get(name) ?? null;
    const text = isNumber ? undefined : texts?.get(name);
    const wrong = encode(cell, step.subarray(start, start + width), text);
    if (wrong !== undefined)
      throw new SampleError(where, `${quoted(name)} is ${quotedCell(text ?? cell)}, which is ${wrong}`, name);
    start += width;
  }
  return step.every(Number.isNaN) ? [] : [[...step]];
}

/** The true steps of a list, none where there is none. Throws a SampleError where they are not those of the model. */
export function sequenceIn(row: Row, value: ParsedCell, wanted: Wanted, where: string): readonly Step[] {
  const { name, key, time, width, lengths = `${key}_lengths`, padding } = wanted;
  refuseText(row, wanted, where);
  // An object is taken for columns of its own, called `outer/inner`.
  if (value === null && [...row.cells.keys()].some((column) => column.startsWith(`${key}/`)))
    throw wrongSteps(wanted, where);
  const isNone = value === null || value === '' || Number.isNaN(value);
  const list = isNone ? [] : listOf(value, wanted);
  if (width === undefined) {
    if (!isTokens(list)) throw wrongSteps(wanted, where, faultIn(list, isToken));
    return list;
  }
  if (!isFeatures(list, width)) throw wrongSteps(wanted, where, faultIn(list, stepOf(width)));
  if (time === 1) return list;
  const given = row.cells.get(lengths) ?? undefined;
  if (given === undefined) return withoutPadding(list, padding);
  if (typeof given !== 'number' || !Number.isSafeInteger(given) || given < 0)
    throw new SampleError(where, `${quoted(lengths)} is ${quotedCell(given)}, which is no length`, lengths);
  const within = withLength(list, given);
  if (!within)
    throw new SampleError(
      where,
      `${quoted(name)} has numbers beyond its length of ${given}; correct one of them`,
      name,
    );
  // A length says where padding in front ends.
  return padding === 'front' ? within : withoutPadding(within, padding);
}

type Features = readonly (number | null)[];

/** So many steps, which may stand at the end, with padding in front of them; undefined where others have numbers too. */
function withLength(steps: readonly Features[], length: number): readonly Features[] | undefined {
  if (length === 0 || steps.slice(length).every(isPadding)) return steps.slice(0, length);
  return steps.slice(0, steps.length - length).every(isPadding) ? steps.slice(steps.length - length) : undefined;
}

/** The steps without those of zeros where padding was in training; one is left. */
function withoutPadding(steps: readonly Features[], padding: Wanted['padding']): readonly Features[] {
  if (padding === undefined) return steps;
  const isFull = (step: Features): boolean => !step.every((x) => x === 0);
  const first = padding === 'front' ? Math.max(0, steps.findIndex(isFull)) : 0;
  return steps.slice(first, Math.max(first, steps.findLastIndex(isFull)) + 1);
}

/** A number that is missing is as good as a zero there. */
const isPadding = (step: Features): boolean => step.every((x) => x === 0 || x === null || !Number.isFinite(x));

/** Text is for an encoder and its tokeniser, which no export has: a model would predict without it, unasked. */
function refuseText({ cells }: Row, { name, encoder, texts = [] }: Wanted, where: string): void {
  if (encoder === undefined || Array.isArray(cells.get(name.replace(/_segments$/, '_ids')))) return;
  const held = ['raw_text', ...texts].find((column) => isText(cells.get(column)) && cells.get(column) !== '');
  if (held !== undefined)
    throw new SampleError(
      where,
      `${quoted(held)} is text, and the model takes ${quoted(name)}, ${encoder}; give that instead`,
      held,
    );
}

/** The steps of a value: a vector is one step of its numbers, unless the model takes one number per step. */
function listOf(value: ParsedCell, { time, width }: Wanted): unknown {
  if (width === undefined || !Array.isArray(value) || value.length === 0 || !value.every(isNumber)) return value;
  return width === 1 && time > 1 ? value.map((number) => [number]) : [value];
}

// A missing number is null in JSON, and NaN where a column became it.
const isNumber = (value: unknown): value is number | null => typeof value === 'number' || value === null;

const isToken = (token: unknown): token is number => Number.isSafeInteger(token) && Number(token) >= 0;
const isTokens = (list: unknown): list is readonly number[] => Array.isArray(list) && list.every(isToken);

const stepOf =
  (width: number) =>
  (step: unknown): step is Features =>
    Array.isArray(step) && step.length === width && step.every(isNumber);
const isFeatures = (list: unknown, width: number): list is readonly Features[] =>
  Array.isArray(list) && list.every(stepOf(width));

/** Where the first step is that is none, and what it is. */
function faultIn(list: unknown, isStep: (step: unknown) => boolean): string {
  if (!Array.isArray(list)) return `, and is ${shown(list)}`;
  const t = list.findIndex((step) => !isStep(step));
  const step: unknown = list[t];
  if (!Array.isArray(step)) return `, and [${t}] is ${shown(step)}`;
  const d = step.findIndex((number) => !isNumber(number));
  return d < 0 ? `, and [${t}] has ${step.length}` : `, and [${t}, ${d}] is ${shown(step[d])}`;
}

const quotedCell = (cell: unknown): string => quoted(String(cell));

/** More steps than the model takes. */
export const tooLong = (wanted: Wanted, where: string, length: number): SampleError =>
  wrongSteps(wanted, where, `, and has ${length}`);

function wrongSteps({ name, time, width }: Wanted, where: string, more = ''): SampleError {
  const each = width === undefined ? 'a whole number' : `${width} numbers`;
  const steps = time === 1 ? '1 step' : `1 to ${time} steps`;
  return new SampleError(where, `${quoted(name)} must have ${steps} of ${each}${more}`, name);
}
