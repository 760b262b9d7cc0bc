/** A `key=value` pair as a person types it: a dotted key, and a value that is read as YAML. */
import { parse as parseYaml } from 'yaml';
import { ConfigError } from './error.ts';

export interface Pair {
  readonly key: string;
  readonly value: unknown;
}

/** Reads a pair; a ConfigError begins with `where` it stands. `example` is a pair that can be meant, for that error. */
export function readPair(pair: string, where: string, example = 'model.width=64'): Pair {
  const equals = pair.indexOf('=');
  if (equals < 1) throw new ConfigError(`${where}: write key=value, as in ${example}.`);
  try {
    return { key: pair.slice(0, equals), value: parseYaml(pair.slice(equals + 1), { logLevel: 'error' }) };
  } catch (error) {
    throw new ConfigError(`${where}: the value is not YAML: ${firstLine(error)}`);
  }
}

/** The first line of what the YAML parser says. */
export const firstLine = (error: unknown): string => (error as Error).message.split('\n')[0]!.replace(/:$/, '.');
