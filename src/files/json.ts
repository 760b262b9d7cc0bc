import path from 'node:path';
import type { ZodType } from 'zod';
import { readBytes } from './read.ts';

/** The content of a JSON file in a directory; undefined where it is not there, or not of that form. */
export function jsonIn<T>(directory: string, name: string, schema: ZodType<T>): T | undefined {
  try {
    return schema.parse(JSON.parse(readBytes(path.join(directory, name)).toString('utf8')));
  } catch {
    return undefined;
  }
}
