/** The tags and the note of a run, changed where they stand. */
import { useLayoutEffect, useRef } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import type { NoteChange, Notes, RunNote } from '../../../server/ui/api/routes.ts';
import { announce } from '../../base/announcer.tsx';
import { AnswerError, ask } from '../api.ts';
import { setNotes } from '../live.ts';
import { navigate, place, setQuery } from '../navigation.ts';
import { runsUrl } from '../place.ts';
import { termsOf } from './filter.ts';
import type { Entry } from './entries.ts';

interface NoteCellProps {
  readonly entry: Pick<Entry, 'id' | 'name' | 'runs' | 'tags' | 'notes'>;
  readonly notes: Notes;
}

export function NoteCell({ entry, notes }: NoteCellProps) {
  const isOpen = useSignal(false);
  const button = useRef<HTMLButtonElement>(null);
  const { id, runs, tags, notes: texts } = entry;
  const close = (): void => {
    isOpen.value = false;
    // The form that had the focus is gone.
    requestAnimationFrame(() => button.current?.focus());
  };
  if (isOpen.value) return <NoteForm id={id} notes={notes} close={close} />;
  const isNoted = tags.length > 0 || texts.length > 0;
  return (
    <span class="note small">
      {tags.map((tag) => (
        <button key={tag} type="button" class="tag" aria-label={`Filter by tag ${tag}`} onClick={() => filterBy(tag)}>
          {tag}
        </button>
      ))}
      {texts.map((text, n) => (
        <span key={n}>{text}</span>
      ))}
      {runs.length === 1 && (
        <button
          ref={button}
          type="button"
          class={`plain edit${isNoted ? '' : ' none'}`}
          aria-label={`${isNoted ? 'Edit' : 'Add a note'}: tags and note of ${entry.name}`}
          onClick={() => (isOpen.value = true)}
        >
          {isNoted ? 'Edit' : 'Add a note'}
        </button>
      )}
    </span>
  );
}

/** Adds the tag to the filter of the list, once; from elsewhere it leads to the list of those that have it. */
function filterBy(tag: string): void {
  const term = `tag=${/[\s",]/.test(tag) ? `"${tag}"` : tag}`;
  const { page, query } = place.peek();
  const typed = query.get('q') ?? '';
  if (page !== 'runs') navigate(runsUrl({ q: term }));
  else if (!termsOf(typed).includes(term)) setQuery({ q: `${typed} ${term}`.trim(), page: undefined });
}

interface NoteFormProps {
  readonly id: string;
  readonly notes: Notes;
  readonly close: () => void;
}

function NoteForm({ id, notes, close }: NoteFormProps) {
  const [tagField, noteField] = [useRef<HTMLInputElement>(null), useRef<HTMLTextAreaElement>(null)];
  const problem = useSignal<string | undefined>(undefined);
  // What others write meanwhile must not change what is typed here.
  const was = useRef(noteOf(id, notes));
  const { tags, note } = was.current;
  // At once: what is typed before the next picture of the window is meant for it, too.
  useLayoutEffect(() => tagField.current?.focus(), []);
  const save = async (): Promise<void> => {
    const change: NoteChange = {
      was: was.current,
      tags: tagsIn(tagField.current!.value),
      note: noteField.current!.value.trim(),
    };
    try {
      setNotes(await ask<Notes>(`/api/notes/${encodeURIComponent(id)}`, { method: 'PUT', body: change }));
      announce(`Note of ${id} saved.`);
      close();
    } catch (error) {
      if (error instanceof AnswerError && error.status === 409) {
        // Where nothing answers now, saving again says so.
        was.current = noteOf(id, await ask<Notes>('/api/notes').catch(() => notes));
        const { tags, note } = was.current;
        const theirs = [tags.join(', '), note].filter((text) => text !== '').join(': ');
        problem.value = `It was changed elsewhere meanwhile, ${theirs === '' ? 'and is empty there' : `to “${theirs}”`}. Save again to put yours in its place.`;
      } else problem.value = error instanceof Error ? error.message : String(error);
    }
  };
  return (
    <form
      class="note-form"
      aria-label={`Tags and note of ${id}`}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
      onKeyDown={({ key }) => key === 'Escape' && close()}
    >
      <label>
        Tags <input ref={tagField} defaultValue={tags.join(', ')} placeholder="baseline, to repeat" />
      </label>
      <label>
        Note <textarea ref={noteField} rows={2} defaultValue={note} />
      </label>
      <p class="buttons">
        <button class="main">Save</button>
        <button type="button" onClick={close}>
          Cancel
        </button>
      </p>
      <p class="bad small" role="alert">
        {problem.value}
      </p>
    </form>
  );
}

function noteOf(id: string, notes: Notes): RunNote {
  const { tags = [], note = '' } = notes.runs[id] ?? {};
  return { tags, note };
}

/** Tags between commas, each once. */
const tagsIn = (text: string): readonly string[] => [
  ...new Set(
    text
      .split(',')
      .map((tag) => tag.trim())
      .filter((tag) => tag !== ''),
  ),
];
