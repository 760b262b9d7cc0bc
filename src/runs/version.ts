import { readFileSync } from 'node:fs';

/**
 * The version in package.json. That file lies two folders above this one, in the sources and in the published package
 * alike.
 */
export const version = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;
