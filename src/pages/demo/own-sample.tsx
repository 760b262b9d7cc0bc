/** Where a visitor gives samples: pasted, or in a file. Nothing of them leaves the page. */
import { useId, useRef } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import type { ExportDescription } from '../../deploy/description.ts';
import type { DemoCard, DemoModality } from '../../demo/content.ts';
import { announce } from '../base/announcer.tsx';
import { counted } from '../base/texts.ts';
import type { Entry, SampleLists } from './samples.ts';
import { sentence } from './sentence.ts';

interface OwnSampleProps {
  readonly card: DemoCard;
  readonly description: ExportDescription;
  readonly lists: SampleLists;
  readonly chosen: Entry | undefined;
  readonly choose: (entry: Entry) => void;
}

/** What is read of a visitor at most. */
const mostBytes = 5 * 2 ** 20;

export function OwnSample({ card, description, lists, chosen, choose }: OwnSampleProps) {
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const problem = useSignal<string | undefined>(undefined);
  const notes = useSignal<readonly string[]>([]);
  const take = async (text: string, name: string): Promise<void> => {
    try {
      if (new Blob([text]).size > mostBytes) throw new Error(tooLarge);
      const given = await lists.give(text, name);
      problem.value = undefined;
      notes.value = [
        `${counted(given.entries.length, 'sample')} read; the first is shown.`,
        ...given.notes.map(sentence),
      ];
      announce(notes.value.join(' '));
      choose(given.entries[0]!);
    } catch (error) {
      notes.value = [];
      problem.value = sentence(error instanceof Error ? error.message : String(error));
    }
  };
  const takeFile = async (input: HTMLInputElement): Promise<void> => {
    const [file] = input.files ?? [];
    if (!file) return;
    // The same file can be chosen again once it was changed.
    input.value = '';
    if (file.size > mostBytes) problem.value = tooLarge;
    else await take(decoded(new Uint8Array(await file.arrayBuffer())), file.name);
  };
  const fill = (text: string): void => {
    area.current!.value = text;
    area.current!.focus();
  };
  return (
    <details class="own">
      <summary>
        <h2>Your own sample</h2>
      </summary>
      <p class="quiet small">
        JSON, an object on each line, or CSV with the names of the columns on the first line; 5 MB at most. It stays in
        this page.
      </p>
      <label class="field" for={`${id}-text`}>
        Paste rows
      </label>
      <textarea
        id={`${id}-text`}
        ref={area}
        rows={6}
        spellcheck={false}
        placeholder={exampleText(card, description)}
        aria-describedby={`${id}-problem`}
        aria-invalid={problem.value === undefined ? undefined : 'true'}
      />
      <p class="buttons">
        <button type="button" class="main" onClick={() => void take(area.current!.value, 'the text')}>
          Predict
        </button>
        <label class="button file">
          Open a file
          <input
            type="file"
            class="unseen"
            accept=".csv,.tsv,.json,.jsonl,.ndjson,.txt"
            onChange={({ currentTarget }) => void takeFile(currentTarget)}
          />
        </label>
        {chosen && (
          <button type="button" class="plain" onClick={() => fill(JSON.stringify(chosen.row))}>
            Fill in the sample that is shown
          </button>
        )}
      </p>
      <p class="bad" role="alert" id={`${id}-problem`}>
        {problem.value}
      </p>
      {notes.value.map((note) => (
        <p key={note} class="small">
          {note}
        </p>
      ))}
      <h3>What a row has</h3>
      <dl class="wanted">
        <Field name="id">any text; may be left out</Field>
        {card.modalities.map((modality) => (
          <ModalityFields key={modality.name} modality={modality} description={description} />
        ))}
      </dl>
    </details>
  );
}

const tooLarge = 'That is more than 5 MB: give fewer samples at a time.';

/** UTF-8, or where it cannot be that, what Windows has for western languages; UTF-16 by its mark. */
function decoded(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

const Field = ({ name, children }: { readonly name: string; readonly children: preact.ComponentChildren }) => (
  <>
    <dt>
      <code>{name}</code>
    </dt>
    <dd>{children}</dd>
  </>
);

function ModalityFields({
  modality: { name, time, width, tokens },
  description,
}: {
  readonly modality: DemoModality;
  readonly description: ExportDescription;
}) {
  const { columns, encoder } = description.rows[name] ?? {};
  if (tokens !== undefined)
    return (
      <Field name={`${name}_ids`}>
        up to {counted(time, 'whole number')}, {encoder ?? 'the ids of tokens'}
      </Field>
    );
  if (columns)
    return (
      <>
        {columns.map((column) => {
          if (typeof column === 'string')
            return (
              <Field key={column} name={column}>
                a number
              </Field>
            );
          const { column: key } = column;
          const what =
            'category' in column
              ? `one of ${column.category.slice(0, 8).join(', ')}${column.category.length > 8 ? ' and others' : ''}`
              : 'boolean' in column
                ? (column.boolean[0] ?? []).join(' or ')
                : `a date, as 2024-05-11 in the order ${column.order}`;
          return (
            <Field key={key} name={key}>
              {what}
            </Field>
          );
        })}
      </>
    );
  return (
    <Field name={name}>
      {time === 1
        ? `a list of ${counted(width, 'number')}`
        : `a list of 1 to ${time} steps, each a list of ${counted(width, 'number')}`}
      {encoder !== undefined && `: ${encoder}`}
    </Field>
  );
}

/** How a row begins. */
function exampleText({ modalities }: DemoCard, { rows }: ExportDescription): string {
  const fields = modalities.flatMap(({ name, time, tokens }) => {
    if (tokens !== undefined) return [`"${name}_ids": [101, …]`];
    const columns = rows[name]?.columns;
    if (columns) return columns.map((column) => `"${typeof column === 'string' ? column : column.column}": …`);
    return [`"${name}": ${time === 1 ? '[0.1, …]' : '[[0.1, …], …]'}`];
  });
  return `{"id": "a", ${fields.join(', ')}}`;
}
