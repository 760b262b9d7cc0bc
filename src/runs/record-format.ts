/**
 * The head of every description that a run writes, `{"format": "decalign checkpoint 2", "decalign": "0.1.0"}`: the kind
 * and version of the record, and the version of the package that wrote it.
 */
import * as z from 'zod';
import { version } from './version.ts';

/** A kind of record that has versions. */
export interface RecordFormat {
  /** The kind, as in `decalign checkpoint`; in a record the version's number follows it. */
  readonly name: string;
  /** The version that is written. Every version from 1 to this one is read. */
  readonly newest: number;
  /** What errors call a file of a later version, as in "a checkpoint". */
  readonly what: string;
  /** What errors advise to do with a file of a later version. */
  readonly remedy: string;
}

const headSchema = z.looseObject({
  format: z.string(),
  decalign: z
    .string()
    .regex(/^[\w.+-]{1,40}$/)
    .catch('another version'),
});

/** The head of a description, to be written as its first two keys. */
export const formatHead = ({ name, newest }: RecordFormat): { readonly format: string; readonly decalign: string } => ({
  format: `${name} ${newest}`,
  decalign: version,
});

/**
 * The version of a description that was read; undefined where the description is of another kind. A version that cannot
 * be read has a `problem`, which says which version of the package wrote it.
 */
export function formatVersion(
  description: unknown,
  { name, newest, what, remedy }: RecordFormat,
): { readonly version: number; readonly problem?: string } | undefined {
  const { format = '', decalign: writer } = headSchema.safeParse(description).data ?? {};
  if (!format.startsWith(`${name} `) || !/^\d{1,6}$/.test(format.slice(name.length + 1))) return undefined;
  const found = Number(format.slice(name.length + 1));
  if (found >= 1 && found <= newest) return { version: found };
  const problem =
    `is ${what} of format ${found}, written by decalign ${writer}; this is decalign ${version}, which reads formats up ` +
    `to ${newest}. ${remedy}`;
  return { version: found, problem };
}
