/** Tags and notes of runs, kept in one file of the folder that is shown. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { writeFileAtomic } from '../../files/atomic.ts';
import { codeOf } from '../../files/write-error.ts';
import type { NoteChange, Notes, RunNote } from './api.ts';

export const notesName = 'decalign-notes.json';

const noteSchema = z.strictObject({
  tags: z.array(z.string().trim().min(1).max(60)).max(50),
  note: z.string().max(20_000),
});
const fileSchema = z.object({ format: z.literal('decalign notes 1'), runs: z.record(z.string(), noteSchema) });
export const changeSchema = noteSchema.extend({ revision: z.string() });

/** A change was made of notes that have been others since. */
export class NotesChangedError extends Error {
  override readonly name = 'NotesChangedError';
}

export class NotesFile {
  private readonly file: string;
  /** What this process has read or written, by revision: of another one nothing is known of who changed what. */
  private readonly versions = new Map<string, Notes['runs']>();

  constructor(root: string) {
    this.file = path.join(root, notesName);
  }

  /** The notes as they are; with `problem` where the file cannot be read. */
  read(): Notes {
    let text: string;
    try {
      text = readFileSync(this.file, 'utf8');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return this.known({}, '');
      return { revision: '', runs: {}, problem: `${notesName} cannot be read (${codeOf(error)}).` };
    }
    const parsed = parsedNotes(text);
    if (parsed) return this.known(parsed, text);
    return {
      revision: '',
      runs: {},
      problem: `${notesName} is damaged: mend it or move it away; it is not written over.`,
    };
  }

  /**
   * Changes the note of one run, and leaves those of others as they are now. Throws a NotesChangedError where this run's note is
   * another than it was at the revision of the change, and an Error where the file cannot be read or written.
   */
  change(id: string, { revision, tags, note }: NoteChange): Notes {
    const now = this.read();
    if (now.problem !== undefined) throw new Error(now.problem);
    const [was, is] = [this.versions.get(revision)?.[id], now.runs[id]];
    const isAlike = this.versions.has(revision) && JSON.stringify(was) === JSON.stringify(is);
    if (!isAlike) throw new NotesChangedError('The note of this run was changed meanwhile, in another window.');
    const distinct = [...new Set(tags)];
    const isEmpty = distinct.length === 0 && note.trim() === '';
    const others = Object.entries(now.runs).filter(([other]) => other !== id);
    const all = isEmpty ? others : [...others, [id, { tags: distinct, note }] as const];
    const runs = Object.fromEntries(all.toSorted(([a], [b]) => (a < b ? -1 : 1)));
    const text = `${JSON.stringify({ format: 'decalign notes 1', runs }, null, 2)}\n`;
    writeFileAtomic(this.file, text);
    return this.known(runs, text);
  }

  private known(runs: Notes['runs'], text: string): Notes {
    const revision = createHash('sha256').update(text).digest('hex').slice(0, 16);
    this.versions.set(revision, runs);
    const [oldest] = this.versions.keys();
    if (this.versions.size > mostVersions && oldest !== undefined) this.versions.delete(oldest);
    return { revision, runs };
  }
}

const mostVersions = 100;

function parsedNotes(text: string): Readonly<Record<string, RunNote>> | undefined {
  try {
    return fileSchema.parse(JSON.parse(text)).runs;
  } catch {
    return undefined;
  }
}
