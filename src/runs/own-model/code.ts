/**
 * The code of a model of one's own, as a run records it: enough to tell, when the model is given again, whether it is the
 * one that the run was trained with. No name in a record ever makes a file be opened.
 */
import * as z from 'zod';
import { quoted } from '../../files/error.ts';
import type { Model } from '../../models/index.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const codeSchema = z.object({
  /** What the model's file was called. */
  file: z.string(),
  sha256,
  /** The SHA-256 of every file that it imports by a path, directly or not, by its path from the folder of the model's file. */
  imports: z.record(z.string(), sha256),
});
export type ModelCode = Readonly<z.output<typeof codeSchema>>;

/** A model of one's own, with its code where it came from a file. */
export interface OwnModel {
  readonly model: Model;
  readonly code?: ModelCode;
}

/**
 * What the code of a model given now has otherwise than what was recorded, in words; undefined where nothing differs, or
 * where one of them is not known. The model's file itself may have another name or place.
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
