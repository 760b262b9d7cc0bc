/**
 * A model of one's own and the hashes of its code. A run records the hashes, so that a model given again later can be
 * told to be the one that the run was trained with. A file name in a record is text: it never makes a file be opened.
 */
import * as z from 'zod';
import { quoted } from '../../files/error.ts';
import type { Model } from '../../models/index.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const codeSchema = z.object({
  /** The name of the model's file, without its folder. */
  file: z.string(),
  sha256,
  /** SHA-256 of every file that the model's file imports by a path, directly or not, by path from its folder. */
  imports: z.record(z.string(), sha256),
});
export type ModelCode = Readonly<z.output<typeof codeSchema>>;

/**
 * A model of one's own. It has `code` where it was loaded from a file, and none where a program passed it as a value.
 */
export interface OwnModel {
  readonly model: Model;
  readonly code?: ModelCode;
}

/**
 * The first difference between the recorded code of a model and the code of the model given now, in words. Undefined
 * where nothing differs and where either code is unknown. The model's file may have another name or place: its content
 * counts.
 */
export function codeDifference(recorded: ModelCode | undefined, given: ModelCode | undefined): string | undefined {
  if (!recorded || !given) return undefined;
  if (recorded.sha256 !== given.sha256) return `${quoted(given.file)} has changed since`;
  for (const [file, hash] of Object.entries(recorded.imports)) {
    if (!Object.hasOwn(given.imports, file))
      return `${quoted(given.file)} imported ${quoted(file)} then, and does not now`;
    if (given.imports[file] !== hash) return `${quoted(file)}, which ${quoted(given.file)} imports, has changed since`;
  }
  const added = Object.keys(given.imports).find((file) => !Object.hasOwn(recorded.imports, file));
  return added && `${quoted(given.file)} imports ${quoted(added)} now, and did not then`;
}
