/** Tags and notes of runs, kept in one file of the folder that is shown. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import * as z from 'zod';
import { writeFileAtomic } from '../../../files/atomic.ts';
import type { FormatError } from '../../../files/error.ts';
import { readBytes } from '../../../files/read.ts';
import { isTree } from '../../../json/tree.ts';
import { codeOf } from '../../../files/write-error.ts';
import { inTurn } from './file-turn.ts';
import { found } from './found.ts';
import type { NoteChange, Notes, RunNote } from '../api/routes.ts';

export const notesName = 'decalign-notes.json';

const noteSchema = z.strictObject({
  tags: z.array(z.string().trim().min(1).max(60)).max(50),
  note: z.string().max(20_000),
});
/** As a Map: a run may be called as every object has a member (`__proto__`), which records lose. */
const runsSchema = z.preprocess(
  (tree) => (isTree(tree) ? new Map(Object.entries(tree)) : tree),
  z.map(z.string(), noteSchema),
);
const fileSchema = z.object({ format: z.literal('decalign notes 1'), runs: runsSchema });
type NotesOfRuns = ReadonlyMap<string, RunNote>;
export const changeSchema = noteSchema.extend({ was: noteSchema });

/** A change was made of a note that has been another since. */
export class NotesChangedError extends Error {
  override readonly name = 'NotesChangedError';
}

export class NotesFile {
  private readonly file: string;
  /** What was read or written last. */
  private last: Version | undefined;

  constructor(root: string) {
    this.file = path.join(root, notesName);
  }

  /** The notes as they are; with `problem` where the file cannot be read. Those of before while its folder is away. */
  read(): Notes {
    if (this.last && !found(path.dirname(this.file))) return told(this.last);
    const now = this.now();
    return typeof now === 'string' ? { revision: '', runs: {}, problem: now } : told(now);
  }

  /**
   * Changes the note of one run, and leaves those of others as they are now, whichever process changes them. Throws a NotesChangedError
   * where this run's note is another than the change was made of, and an Error where the file cannot be read or written.
   */
  change(id: string, change: NoteChange): Promise<Notes> {
    return inTurn(this.file, () => this.changeNow(id, change));
  }

  private changeNow(id: string, { was, tags, note }: NoteChange): Notes {
    const now = this.now();
    if (typeof now === 'string') throw new Error(now);
    if (!isSame(was, now.runs.get(id) ?? noNote))
      throw new NotesChangedError('The note of this run was changed meanwhile, in another window.');
    const changed = new Map(now.runs);
    if (tags.length === 0 && note.trim() === '') changed.delete(id);
    else changed.set(id, { tags: [...new Set(tags)], note });
    const runs = new Map([...changed].toSorted(([a], [b]) => (a < b ? -1 : 1)));
    const text = `${JSON.stringify({ format: 'decalign notes 1', runs: Object.fromEntries(runs) }, null, 2)}\n`;
    writeFileAtomic(this.file, text);
    return told(this.known(runs, text));
  }

  /** What the file has, or what is wrong with it. */
  private now(): Version | string {
    let text: string;
    try {
      text = readBytes(this.file).toString('utf8');
    } catch (error) {
      const code = codeOf((error as FormatError).cause);
      return code === 'ENOENT'
        ? this.known(new Map(), '')
        : `${notesName} cannot be read (${code || 'it is no regular file'}).`;
    }
    try {
      return this.known(fileSchema.parse(JSON.parse(text)).runs, text);
    } catch {
      return `${notesName} is damaged: mend it or move it away; it is not written over.`;
    }
  }

  private known(runs: NotesOfRuns, text: string): Version {
    const revision = createHash('sha256').update(text).digest('hex').slice(0, 16);
    return (this.last = { revision, runs });
  }
}

interface Version {
  readonly revision: string;
  readonly runs: NotesOfRuns;
}

const told = ({ revision, runs }: Version): Notes => ({ revision, runs: Object.fromEntries(runs) });

/** That of a run which has none. */
const noNote: RunNote = { tags: [], note: '' };

const isSame = (a: RunNote, b: RunNote): boolean => a.note === b.note && a.tags.join('\n') === b.tags.join('\n');
