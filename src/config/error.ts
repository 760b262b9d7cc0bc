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
  /** Others of the kind that do know a key, in words. */
  readonly knownElsewhere?: (key: string, path: readonly string[]) => string | undefined;
}

/** A problem of a failed parse as a ConfigError of one line; it names the known key or choice nearest to an unknown one. */
export function explain(issue: z.core.$ZodIssue, context: Context): ConfigError {
  const { tree, where, source } = context;
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys')
    return new ConfigError(`${where}: ${unknownKey(issue.keys[0]!, path, context)}`, source);
  const key = path.join('.') || 'the configuration';
  const told = isMissing(issue, tree)
    ? ` is required, and has no default: give it when training, as in --set ${key}=VALUE (${expected(issue)}).`
    : `: ${problem(issue, path.reduce(property, tree))}`;
  return new ConfigError(`${where}: ${key}${told}`, source);
}

/** Whether a tree lacks what an issue is about. */
export const isMissing = ({ code, path }: z.core.$ZodIssue, tree: unknown): boolean =>
  code !== 'unrecognized_keys' && path.map(String).reduce(property, tree) === undefined;

function unknownKey(key: string, path: readonly string[], { schema, knownElsewhere }: Context): string {
  const full = [...path, key].join('.');
  const known = keysAt(schema, path);
  const near = nearest(key, known);
  if (near !== undefined) return `unknown key "${full}"; did you mean "${[...path, near].join('.')}"?`;
  const elsewhere = knownElsewhere?.(key, path);
  return `unknown key "${full}"${elsewhere === undefined ? '' : `, ${elsewhere}`}; known here: ${known.join(', ')}.`;
}

/** What a key that is missing must be. */
const expected = (issue: z.core.$ZodIssue): string =>
  issue.code === 'invalid_value'
    ? `one of ${issue.values.map(String).join(', ')}`
    : messageOf(issue).replace(/^expected | ?, received undefined$/g, '');

function problem(issue: z.core.$ZodIssue, given: unknown): string {
  if (issue.code === 'invalid_value') {
    const choices = issue.values.map(String);
    const near = typeof given === 'string' ? nearest(given, choices) : undefined;
    return `${JSON.stringify(given)} is none of ${choices.join(', ')}${near ? `; did you mean "${near}"?` : '.'}`;
  }
  return `${messageOf(issue)}, got ${JSON.stringify(given)}.`;
}

const messageOf = (issue: z.core.$ZodIssue): string =>
  (issue.code === 'invalid_union' ? unionMessage(issue) : issue.message).replace(
    /^(Invalid input|Too (big|small)): /,
    '',
  );

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
