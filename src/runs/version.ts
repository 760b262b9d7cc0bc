import { readFileSync } from 'node:fs';

/** The version in package.json, which lies two folders up from here, in the sources and in the package alike. */
export const version = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;
