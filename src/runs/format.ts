/** What a file of a run says of itself: `{"format": "decalign checkpoint 2", "decalign": "0.1.0"}`, a format and who wrote it. */
import * as z from 'zod';
import { version } from './version.ts';

export interface Format {
  /** As in `decalign checkpoint`, which a number follows. */
  readonly name: string;
  /** The version that is written; those before it are read. */
  readonly newest: number;
  /** What a file of another version is called. */
  readonly what: string;
  /** What to do with one. */
  readonly remedy: string;
}

const said = z.looseObject({
  format: z.string(),
  decalign: z
    .string()
    .regex(/^[\w.+-]{1,40}$/)
    .catch('another version'),
});

/** The head of a description that is written. */
export const formatSaid = ({ name, newest }: Format): { readonly format: string; readonly decalign: string } => ({
  format: `${name} ${newest}`,
  decalign: version,
});

/** The version of a description; undefined where it is of none. A later one has `problem`, which names who wrote it. */
export function formatFound(
  description: unknown,
  { name, newest, what, remedy }: Format,
): { readonly found: number; readonly problem?: string } | undefined {
  const { format = '', decalign: writer } = said.safeParse(description).data ?? {};
  if (!format.startsWith(`${name} `) || !/^\d{1,6}$/.test(format.slice(name.length + 1))) return undefined;
  const found = Number(format.slice(name.length + 1));
  if (found >= 1 && found <= newest) return { found };
  const problem =
    `is ${what} of format ${found}, written by decalign ${writer}; this is decalign ${version}, which reads formats up ` +
    `to ${newest}. ${remedy}`;
  return { found, problem };
}
