/** What is checked of files and values before they are used, and how errors call them. */
import { readFileSync, statSync } from 'node:fs';

/** What is beyond reason, whatever a file says. */
export const limits = { description: 2 ** 26, line: 2 ** 22, axis: 2 ** 16, inputs: 64, numbers: 2 ** 26 };

/** A file's content, once its length is known to be right; `bytes` where it must have just so many. */
export function contentOf(name, { bytes, most }) {
  try {
    const found = statSync(name);
    if (!found.isFile()) throw new Error('is no file');
    if (bytes !== undefined && found.size !== bytes)
      throw new Error(`has ${found.size} bytes, where model.json says ${bytes}; copy both again`);
    if (most !== undefined && found.size > most) throw new Error(`has ${found.size} bytes, more than such a file has`);
    return readFileSync(name);
  } catch (error) {
    throw new Error(`${name}: ${error.code === undefined ? error.message : `cannot be read (${error.code})`}`, {
      cause: error,
    });
  }
}

export const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
export const isCount = (value, most) => Number.isSafeInteger(value) && value >= 1 && value <= most;
export const isText = (value) => typeof value === 'string';
export const areTexts = (value) => Array.isArray(value) && value.every(isText);

/** A text of a file as an error may quote it. */
export const short = (text) => JSON.stringify(String(text).slice(0, 60));
export const listed = (names, most = 6) =>
  names.slice(0, most).map(short).join(', ') + (names.length > most ? ' and others' : '');
