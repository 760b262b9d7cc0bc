import type { z } from 'zod';
import { nearest } from '../text/nearest.ts';

/** Where a configuration key stands: in a file, or in the call (an option, or a value that a program passes). */
export type ConfigSource = 'file' | 'call';

/**
 * Thrown for a configuration that cannot be used. The message is one line: the source, the key, the fault and a way
 * out.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(
    message: string,
    readonly source: ConfigSource = 'call',
  ) {
    super(message);
  }
}

interface Context {
  /** The JSON Schema that `tree` was checked against. */
  readonly schema: unknown;
  readonly tree: unknown;
  /** The source as the error names it: a file, or an option with its value. */
  readonly where: string;
  readonly source: ConfigSource;
}

/** The first problem of a failed parse as a ConfigError; it names the known key or choice nearest to an unknown one. */
export function explain(error: z.ZodError, { schema, tree, where, source }: Context): ConfigError {
  const issue = error.issues[0]!;
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys')
    return new ConfigError(`${where}: ${unknownKey(issue.keys[0]!, keysAt(schema, path), path)}`, source);
  const key = path.join('.') || 'the configuration';
  return new ConfigError(`${where}: ${key}: ${problem(issue, path.reduce(property, tree))}`, source);
}

function unknownKey(key: string, known: readonly string[], path: readonly string[]): string {
  const full = [...path, key].join('.');
  const near = nearest(key, known);
  const hint = near ? `did you mean "${[...path, near].join('.')}"?` : `known here: ${known.join(', ')}.`;
  return `unknown key "${full}"; ${hint}`;
}

function problem(issue: z.core.$ZodIssue, given: unknown): string {
  if (issue.code === 'invalid_value') {
    const choices = issue.values.map(String);
    const near = typeof given === 'string' ? nearest(given, choices) : undefined;
    return `${JSON.stringify(given)} is none of ${choices.join(', ')}${near ? `; did you mean "${near}"?` : '.'}`;
  }
  const message = issue.code === 'invalid_union' ? unionMessage(issue) : issue.message;
  return `${message.replace(/^(Invalid input|Too (big|small)): /, '')}, got ${JSON.stringify(given)}.`;
}

function unionMessage(issue: z.core.$ZodIssueInvalidUnion): string {
  const each = issue.errors.flatMap(([first]) => {
    if (!first) return [];
    if (first.code === 'invalid_value') return [`expected one of ${first.values.map(String).join(', ')}`];
    return [first.message.replace(/^Invalid input: /, '')];
  });
  return [...new Set(each)].join(', or ');
}

/** The keys that a JSON Schema knows at a path. */
function keysAt(schema: unknown, path: readonly string[]): string[] {
  const at = path.reduce((inner, key) => property(property(inner, 'properties'), key), schema);
  const properties = property(at, 'properties');
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
}

const property = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
