/**
 * What is typed into the filter of the list of runs: terms, all of which a run must meet.
 *
 *   model=mult mae<0.9 status=running tag!=old note~"second try" seed=1,2 -draft
 *
 * `=` takes one of several values, in which `*` stands for anything; `~` finds a part; `<`, `<=`, `>` and `>=` compare numbers,
 * durations (`90s`, `10m`, `2h`) and dates. A bare word is looked for in every text of a run, and one after `-` must not be there.
 */
import { nearest } from '../../../text/nearest.ts';

export type Value = string | number;

/** A run, as far as a filter asks about it. */
export interface Filterable {
  /** Every value that a key has: a group has several seeds, a run several tags. */
  readonly valuesOf: (key: string) => readonly Value[];
  /** What bare words are looked for in. */
  readonly texts: readonly string[];
}

export interface Filter {
  readonly matches: (run: Filterable) => boolean;
  /** Terms that cannot be understood, and are left out: a sentence each. */
  readonly problems: readonly string[];
}

type Test = (run: Filterable) => boolean;

/** Reads a filter. `keys` are those that the runs have values for. */
export function parseFilter(text: string, keys: readonly string[]): Filter {
  const tests: Test[] = [];
  const problems: string[] = [];
  for (const term of termsOf(text)) {
    const read = readTerm(term, keys);
    if (typeof read === 'string') problems.push(read);
    else tests.push(read);
  }
  return { matches: (run) => tests.every((test) => test(run)), problems };
}

/**
 * The terms of a filter: between spaces, but for those within quotes and around an operator. A quote without an end reaches to
 * the end.
 */
export const termsOf = (text: string): readonly string[] => joined(text).match(/(?:"[^"]*(?:"|$)|[^\s"])+/g) ?? [];

/** `mae < 0.9` as `mae<0.9`. What follows an operator is no value where it is a term itself, as in `model= seed=1`. */
const joined = (text: string): string =>
  text
    .split(/("[^"]*(?:"|$))/)
    .map((part) =>
      part.startsWith('"')
        ? part
        : part.replaceAll(
            /\s*(!=|<=|>=|=|<|>|~)(?:\s+(?![^\s=!<>~]+\s*(?:!=|<=|>=|=|<|>|~)))?/g,
            (_, operator: string) => operator,
          ),
    )
    .join('');

const form = /^(?<key>[^=!<>~"]+)(?<operator>!=|<=|>=|=|<|>|~)(?<value>.*)$/s;

function readTerm(term: string, keys: readonly string[]): Test | string {
  if ((term.match(/"/g) ?? []).length % 2 > 0) return `${term} has a quote that is not closed.`;
  const { key, operator, value } = form.exec(term)?.groups ?? {};
  if (key === undefined || operator === undefined || value === undefined) return wordTest(term);
  const known = keys.find((each) => each.toLowerCase() === key.toLowerCase());
  if (known === undefined) return unknownKey(key, keys);
  if (value === '') return `${term} says no value, as in ${key}${operator}${operator.match(/[<>]/) ? '1' : 'a'}.`;
  if (operator === '~') return textTest(known, value);
  if (operator === '=' || operator === '!=') {
    const equals = equalTest(known, value);
    return operator === '=' ? equals : (run) => !equals(run);
  }
  return orderTest(known, operator, value);
}

const unquoted = (text: string): string => text.replaceAll('"', '');

function wordTest(term: string): Test | string {
  const isNot = term.startsWith('-') && term.length > 1;
  const word = unquoted(isNot ? term.slice(1) : term).toLowerCase();
  const isThere: Test = ({ texts }) => texts.some((text) => text.toLowerCase().includes(word));
  return isNot ? (run) => !isThere(run) : isThere;
}

function unknownKey(key: string, keys: readonly string[]): string {
  const meant = nearest(key, keys);
  const hint = meant === undefined ? '' : ` Did you mean "${meant}"?`;
  return `There is no key "${key}".${hint} The button ? lists all.`;
}

function textTest(key: string, value: string): Test {
  const part = unquoted(value).toLowerCase();
  return ({ valuesOf }) => valuesOf(key).some((each) => String(each).toLowerCase().includes(part));
}

function equalTest(key: string, value: string): Test {
  const patterns = value
    .split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/)
    .map((each) => unquoted(each).replaceAll(/[\\^$.|?+()[\]{}]/g, String.raw`\$&`));
  const wanted = patterns.map((pattern) => new RegExp(`^${pattern.replaceAll('*', '.*')}$`, 'is'));
  const numbers = value.split(',').map(numberOf);
  const isWanted = (each: Value): boolean =>
    typeof each === 'number' ? numbers.includes(each) : wanted.some((one) => one.test(each));
  return ({ valuesOf }) => valuesOf(key).some(isWanted);
}

const orders: Readonly<Record<string, (a: Value, b: Value) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

function orderTest(key: string, operator: string, value: string): Test | string {
  const isMet = orders[operator]!;
  const text = unquoted(value);
  const number = numberOf(text);
  // Dates as ISO 8601 has them are in the order of their letters, whole or not.
  const isDate = /^\d{4}-\d\d/.test(text);
  if (number === undefined && !isDate)
    return `${key}${operator}${value}: "${text}" is no number, duration (10m, 2h) or date (2026-01-31).`;
  return ({ valuesOf }) =>
    valuesOf(key).some((each) =>
      typeof each === 'number' ? number !== undefined && isMet(each, number) : isDate && isMet(each, text),
    );
}

const seconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

function numberOf(text: string): number | undefined {
  const { digits, unit } =
    /^(?<digits>[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(?<unit>[smhd])?$/i.exec(text)?.groups ?? {};
  return digits === undefined ? undefined : Number(digits) * (unit === undefined ? 1 : seconds[unit.toLowerCase()]!);
}
