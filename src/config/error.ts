import type { z } from 'zod';
import { nearest } from '../metrics/nearest.ts';

/** A configuration that cannot be used: which key, why, and what it may be. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(
    message: string,
    /** Whether the key stands in a file, or was given in the call. */
    readonly source: 'file' | 'call' = 'call',
  ) {
    super(message);
  }
}

/** The first problem of a failed parse in one line; unknown keys come with the nearest known one. */
export function explain(error: z.ZodError, schema: unknown, where: string, source: 'file' | 'call'): ConfigError {
  const [issue] = error.issues;
  const path = issue!.path.map(String);
  if (issue!.code === 'unrecognized_keys') {
    const [key] = issue.keys;
    return new ConfigError(`${where}: ${unknownKey(key!, keysAt(schema, path), path)}`, source);
  }
  const message = issue!.code === 'invalid_union' ? unionMessage(issue!) : issue!.message;
  return new ConfigError(`${where}: ${path.join('.') || 'the configuration'}: ${message}.`, source);
}

function unknownKey(key: string, known: readonly string[], path: readonly string[]): string {
  const full = [...path, key].join('.');
  const near = nearest(key, known);
  const hint = near ? `did you mean "${[...path, near].join('.')}"?` : `known here: ${known.join(', ')}.`;
  return `unknown key "${full}"; ${hint}`;
}

function unionMessage(issue: z.core.$ZodIssueInvalidUnion): string {
  const each = issue.errors.map(([first]) => first?.message.replace(/^Invalid input: /, '')).filter(Boolean);
  return `Invalid input: ${[...new Set(each)].join(', or ')}`;
}

/** Keys of an object schema at a path of its JSON Schema. */
function keysAt(schema: unknown, path: readonly string[]): string[] {
  let at: unknown = schema;
  for (const key of path) at = property(property(at, 'properties'), key);
  const properties = property(at, 'properties');
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
}

const property = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
