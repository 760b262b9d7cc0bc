/** The table of runs. Where it does not fit its rows are cards; roles keep it a table for those who hear it. */
import type { RefObject } from 'preact';
import { useSignal } from '@preact/signals';
import type { MetricAbout, Notes } from '../../../server/ui/api/routes.ts';
import { arrowOf } from '../metric-texts.ts';
import { setQuery } from '../navigation.ts';
import { useCards } from './cards.ts';
import { sortingText, type Entry, type SortKey, type Sorting } from './entries.ts';
import { headings } from './headings.ts';
import { RunsRow } from './runs-row.tsx';
import { entriesOf } from './entries.ts';

interface RunsTableProps {
  readonly table: RefObject<HTMLTableElement | null>;
  readonly entries: readonly Entry[];
  readonly sorting: Sorting;
  readonly selected: ReadonlySet<string>;
  readonly notes: Notes;
  /** The metric that all of them show; undefined where they differ. */
  readonly metric: MetricAbout | undefined;
  /** The settings in which they differ, by dotted key. */
  readonly differing: readonly string[];
}

const numbers: ReadonlySet<SortKey> = new Set<SortKey>(['seed', 'best', 'valid', 'test', 'duration']);

export function RunsTable({ table, entries, sorting, selected, notes, metric, differing }: RunsTableProps) {
  useCards(table);
  const open = useSignal<ReadonlySet<string>>(new Set());
  const ids = entries.flatMap(({ runs }) => runs.map(({ id }) => id));
  const areAll = ids.every((id) => selected.has(id));
  const toggle = (changed: readonly string[], isOn: boolean): void => {
    const left = [...selected].filter((id) => !changed.includes(id));
    setQuery({ select: isOn ? [...left, ...changed] : left });
  };
  const heading = (key: SortKey) => <Heading key={key} {...{ sort: key, sorting, metric }} />;
  return (
    <table ref={table} class="runs" role="table" tabIndex={-1} aria-label="Runs">
      <thead role="rowgroup">
        <tr role="row">
          <th role="columnheader" scope="col" class="tick">
            <input
              type="checkbox"
              aria-label="Tick all runs that are shown"
              checked={areAll}
              onChange={() => toggle(ids, !areAll)}
            />
          </th>
          {(['name', 'status', 'model', 'data', 'seed', 'best'] as const).map(heading)}
          {!metric && <PlainHeading of="Metric" />}
          {(['valid', 'test'] as const).map(heading)}
          <PlainHeading of="Curve" />
          {(['duration', 'started'] as const).map(heading)}
          {differing.length > 0 && <PlainHeading of="Settings" />}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {entries.flatMap((entry) => {
          const isOpen = open.value.has(entry.name);
          const flip = (): void => {
            const next = new Set(open.value);
            if (!next.delete(entry.name)) next.add(entry.name);
            open.value = next;
          };
          const row = (
            <RunsRow key={entry.name} {...{ entry, selected, toggle, notes, metric, differing, isOpen, flip }} />
          );
          if (entry.runs.length === 1 || !isOpen) return [row];
          return [
            row,
            ...entriesOf(entry.runs, notes.runs, { grouped: false }).map((member) => (
              <RunsRow
                key={`${entry.name} ${member.id}`}
                isMember
                entry={member}
                {...{ selected, toggle, notes, metric, differing }}
              />
            )),
          ];
        })}
      </tbody>
    </table>
  );
}

const PlainHeading = ({ of }: { readonly of: string }) => (
  <th role="columnheader" scope="col">
    {of}
  </th>
);

interface HeadingProps {
  readonly sort: SortKey;
  readonly sorting: Sorting;
  readonly metric: MetricAbout | undefined;
}

function Heading({ sort, sorting, metric }: HeadingProps) {
  const isSorted = sorting.key === sort;
  const isFigure = sort === 'valid' || sort === 'test';
  // What is looked for among times is the newest, among all else the first or best.
  const next: Sorting = { key: sort, isDown: isSorted ? !sorting.isDown : sort === 'started' };
  return (
    <th
      role="columnheader"
      scope="col"
      class={numbers.has(sort) ? 'number' : undefined}
      aria-sort={isSorted ? (sorting.isDown ? 'descending' : 'ascending') : undefined}
    >
      <button type="button" class="sort" onClick={() => setQuery({ sort: sortingText(next), page: undefined })}>
        {isFigure && metric ? `${metric.label} ${arrowOf(metric)} ${headings[sort].toLowerCase()}` : headings[sort]}
        <span class="arrow" aria-hidden="true">
          {isSorted ? (sorting.isDown ? '▾' : '▴') : ''}
        </span>
      </button>
    </th>
  );
}
