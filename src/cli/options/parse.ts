/**
 * Parsers from the text of an option to its value. They throw an InvalidArgumentError that says what the text must be;
 * commander puts the option's name and the text before it.
 */
import { existsSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import { splits, type Split } from '../../data/dataset.ts';
import type { FoldsRequest } from '../../experiments/folds.ts';
import type { CheckpointEvery } from '../../runs/record/run-directory.ts';

export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

export function positive(text: string): number {
  const value = wholeNumber(text);
  if (value < 1) throw new InvalidArgumentError('It must be at least 1.');
  return value;
}

/** Parses a number from 0, included, to 1, excluded. */
export function fraction(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value < 1))
    throw new InvalidArgumentError('It must be a number from 0 up to 1.');
  return value;
}

/** Parses a number of seconds above 0. */
export function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value < 2 ** 20))
    throw new InvalidArgumentError('It must be a number of seconds above 0.');
  return value;
}

/** Parses a number of bytes, as in `500K`, `16M` or `1G`. */
export function bytes(text: string): number {
  const [, amount, unit = ''] = /^(\d{1,9})([KMG]?)$/i.exec(text) ?? [];
  const value = Number(amount) * 1024 ** ['', 'K', 'M', 'G'].indexOf(unit.toUpperCase());
  if (!(value >= 1)) throw new InvalidArgumentError('It must be a number of bytes, as in 500K, 16M or 1G.');
  return value;
}

/** Parses a port to listen at, 0 to 65535. */
export function port(text: string): number {
  const value = wholeNumber(text);
  if (value > 65535) throw new InvalidArgumentError('It must be a whole number up to 65535.');
  return value;
}

/** Parses an address or a name to listen at: an empty one, as of a variable that is not set, would be every address. */
export function host(text: string): string {
  if (!/^\S+$/.test(text)) throw new InvalidArgumentError('It must be an address or a name of this machine.');
  return text;
}

/** Parses the name of a host, or `*`. */
export function hostName(text: string): string {
  if (!/^([\w.-]+|\*)$/.test(text))
    throw new InvalidArgumentError('It must be *, or a name such as models.example.org.');
  return text;
}

/** Parses the origin of pages as browsers send it, or `*`. */
export function origin(text: string): string {
  if (text === '*') return text;
  const given = URL.canParse(text) ? new URL(text) : undefined;
  if (!given || given.origin === 'null' || given.href !== `${given.origin}/`)
    throw new InvalidArgumentError('It must be *, or an origin as https://example.org.');
  return given.origin;
}

/** Parses `NAME=PATH`. */
export function namedPath(text: string): { readonly name: string; readonly location: string } {
  const [, name, location] = /^([^=/\\\p{Cc}]+)=(.+)$/u.exec(text) ?? [];
  // No client can ask for these two: they go up and down the path instead.
  if (name === undefined || location === undefined || name === '.' || name === '..')
    throw new InvalidArgumentError('It must be NAME=PATH, and a name has no slash and is more than dots.');
  return { name, location };
}

/** The path of a folder: an empty one, as of a variable that is not set, would be the folder that one is in. */
export function folder(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It must name a folder.');
  return text;
}

/** Parses a list of texts with commas between. */
export const list = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);

/**
 * Parses a list of names and paths with commas between. A path may have commas itself: parts that together are the name
 * of a file are one; what follows an `@` at the end, as far as a comma, is a recipe and no part of its name.
 */
export function namesAndPaths(text: string): string[] {
  const parts = text.split(',');
  const found: string[] = [];
  for (let first = 0; first < parts.length;) {
    let end = first + 1;
    for (let last = first + 2; last <= parts.length; last++) {
      const joined = parts.slice(first, last).join(',').trim();
      if (existsSync(joined.replace(/@[^@/\\,]*$/, '')) || existsSync(joined)) end = last;
    }
    found.push(parts.slice(first, end).join(',').trim());
    first = end;
  }
  return found.filter(Boolean);
}

/** A text that holds more than commas and spaces. */
export function some(text: string): string {
  if (list(text).length === 0) throw new InvalidArgumentError('It must be names with commas between.');
  return text;
}

export function names(text: string): string[] {
  const found = list(text);
  if (found.length === 0) throw new InvalidArgumentError('It must be names with commas between.');
  return found;
}

export function wholeNumbers(text: string): number[] {
  const values = list(text).map(wholeNumber);
  if (values.length === 0 || new Set(values).size !== values.length)
    throw new InvalidArgumentError('It must be different whole numbers with commas between, as in 1,2,3.');
  return values;
}

export function splitNamed(text: string): Split {
  const found = splits.find((split) => split === text);
  if (!found) throw new InvalidArgumentError(`It must be one of ${splits.join(', ')}.`);
  return found;
}

export function splitOrAll(text: string): Split | 'all' {
  const found = [...splits, 'all' as const].find((name) => name === text);
  if (!found) throw new InvalidArgumentError(`It must be one of ${splits.join(', ')}, all.`);
  return found;
}

/** Parses a number of steps, as in `100`, or of minutes, as in `5m`. */
export function checkpointEvery(text: string): CheckpointEvery {
  const found = /^(\d+(?:\.\d+)?)(m?)$/.exec(text);
  const amount = Number(found?.[1]);
  if (found?.[2] === 'm' && amount > 0) return { minutes: amount };
  if (found && Number.isInteger(amount) && amount > 0) return { steps: amount };
  throw new InvalidArgumentError('It must be a number of steps, as in 100, or of minutes, as in 5m.');
}

/** Parses a number of folds; any other text is the path of a file of folds. */
export function foldsRequest(text: string): FoldsRequest {
  if (!/^\d+$/.test(text)) return text;
  if (Number(text) < 3)
    throw new InvalidArgumentError('There must be at least 3: to train on, to choose by, to test on.');
  return Number(text);
}
