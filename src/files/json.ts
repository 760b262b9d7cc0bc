import path from 'node:path';
import type { ZodType } from 'zod';
import { longestText, readBytes } from './read.ts';

/** The value in a JSON file; undefined where it is not there, no JSON, or longer than 16 MiB. */
export function jsonOf(file: string): unknown {
  try {
    return JSON.parse(readBytes(file, { most: longestText }).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** The content of a JSON file in a directory; undefined where it is not there, longer than 16 MiB, or not of that form. */
export function jsonIn<T>(directory: string, name: string, schema: ZodType<T>): T | undefined {
  return schema.safeParse(jsonOf(path.join(directory, name))).data;
}
