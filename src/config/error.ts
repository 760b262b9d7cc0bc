import type { z } from 'zod';
import { nearest } from '../text/nearest.ts';

/** Whether a key stands in a file, or was given in the call. */
export type ConfigSource = 'file' | 'call';

/** A configuration that cannot be used: which key, why, and what it may be. */
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
  /** The JSON Schema that was broken, and the value that broke it. */
  readonly schema: unknown;
  readonly tree: unknown;
  readonly where: string;
  readonly source: ConfigSource;
}

/** The first problem of a failed parse in one line; unknown keys and choices come with the nearest known one. */
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

/** Keys of an object schema at a path of its JSON Schema. */
function keysAt(schema: unknown, path: readonly string[]): string[] {
  const at = path.reduce((inner, key) => property(property(inner, 'properties'), key), schema);
  const properties = property(at, 'properties');
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
}

const property = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
