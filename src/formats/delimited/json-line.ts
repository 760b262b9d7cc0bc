/** One line of JSON as Python and others write it: whole numbers beyond 2^53, `NaN` and `Infinity` included. */

import { FileProblem } from '../sandbox/worker.ts';

/** The object in a line. A whole number that no double holds exactly, such as an id, is a text of its digits. */
export function jsonObject(text: string, line: number): object {
  const value = parsed(mayBeInexact.test(text) ? withTexts(text) : text) ?? parsed(withTexts(text));
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new FileProblem(`has no JSON object in line ${line}; write one a line, such as {"id": "a", "x": [1, 2]}.`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

// Sixteen digits that are not those of a fraction.
const mayBeInexact = /(?<![.\d])\d{16}/;
const tokens = /"(?:[^"\\]|\\.)*"|-?(?:Infinity|NaN)|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** The same line in what JSON itself has: long numbers as texts, NaN as null, infinities as numbers too large. */
const withTexts = (text: string): string =>
  text.replace(tokens, (token) => {
    if (token.startsWith('"')) return token;
    if (token.endsWith('NaN')) return 'null';
    if (token.endsWith('Infinity')) return token.startsWith('-') ? '-1e999' : '1e999';
    return /^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token;
  });
