/** What is listed, and in which order. */
import { useId } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import { counted } from '../../base/texts.ts';
import { setQuery, place } from '../navigation.ts';
import { sortKeys, sortingText, type Sorting } from './entries.ts';
import { headings } from './headings.ts';

interface ControlsProps {
  readonly keys: readonly string[];
  readonly problems: readonly string[];
  readonly sorting: Sorting;
  readonly grouped: boolean;
  readonly hidesFinished: boolean;
  readonly found: number;
  readonly of: number;
}

export function Controls({ keys, problems, sorting, grouped, hidesFinished, found, of }: ControlsProps) {
  const id = useId();
  const typed = place.value.query.get('q') ?? '';
  const isHelpOpen = useSignal(false);
  return (
    <search
      class="controls"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !isHelpOpen.value) return;
        // It would empty the field, too.
        event.preventDefault();
        isHelpOpen.value = false;
      }}
    >
      <div class="filter">
        <label for={`${id}-filter`}>Filter</label>
        <input
          id={`${id}-filter`}
          type="search"
          value={typed}
          placeholder="model=mult mae<0.9 status=running"
          spellcheck={false}
          autocomplete="off"
          aria-describedby={`${id}-problems`}
          onInput={({ currentTarget }) => setQuery({ q: currentTarget.value, page: undefined })}
        />
        <button
          type="button"
          class="plain"
          aria-expanded={isHelpOpen.value}
          aria-controls={`${id}-help`}
          aria-label="How to filter"
          onClick={() => (isHelpOpen.value = !isHelpOpen.value)}
        >
          ?
        </button>
      </div>
      <Check
        name="Group seeds"
        checked={grouped}
        onChange={() => setQuery({ group: grouped ? undefined : 'seeds', page: undefined })}
      />
      <Check
        name="Hide finished"
        checked={hidesFinished}
        onChange={() => setQuery({ hide: hidesFinished ? undefined : 'finished', page: undefined })}
      />
      <SortChoice sorting={sorting} />
      <div id={`${id}-help`} class="help small" hidden={!isHelpOpen.value}>
        <FilterHelp keys={keys} />
      </div>
      <p id={`${id}-problems`} class="found small" role="status">
        {problems.length > 0 && <span class="bad">{problems.join(' ')} </span>}
        {found < of && (
          <span class="quiet">
            {found} of {counted(of, grouped ? 'line' : 'run')}
          </span>
        )}
      </p>
    </search>
  );
}

interface CheckProps {
  readonly name: string;
  readonly checked: boolean;
  readonly onChange: () => void;
}

const Check = ({ name, checked, onChange }: CheckProps) => (
  <label class="check">
    <input type="checkbox" {...{ checked, onChange }} />
    {name}
  </label>
);

/** Where the table has no headings, which sort too. */
function SortChoice({ sorting }: { readonly sorting: Sorting }) {
  const choose = (changed: Partial<Sorting>): void =>
    setQuery({ sort: sortingText({ ...sorting, ...changed }), page: undefined });
  return (
    <div class="sort-choice">
      <label>
        Sort by{' '}
        <select
          value={sorting.key}
          onChange={({ currentTarget: { value } }) =>
            choose({ key: sortKeys.find((key) => key === value) ?? 'started' })
          }
        >
          {sortKeys.map((key) => (
            <option key={key} value={key}>
              {headings[key]}
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        aria-pressed={sorting.isDown}
        aria-label="The other way round"
        onClick={() => choose({ isDown: !sorting.isDown })}
      >
        {sorting.isDown ? '↓' : '↑'}
      </button>
    </div>
  );
}

const FilterHelp = ({ keys }: { readonly keys: readonly string[] }) => (
  <>
    <p>
      Terms between spaces, all of which a run must meet: <code>model=mult,misa</code>, <code>data!=mosi</code>,{' '}
      <code>name=ablation/*</code>, <code>note~"second try"</code>, <code>mae&lt;0.9</code>, <code>test.mae&lt;=1</code>
      , <code>duration&gt;10m</code>, <code>started&gt;2026-01-31</code>. A word alone is looked for in names, tags and
      notes, and <code>-word</code> leaves those out that have it. Metrics are of the validation split, with{' '}
      <code>test.</code> of the test split; of a group they are its mean.
    </p>
    <p>Keys: {keys.join(', ')}.</p>
  </>
);
