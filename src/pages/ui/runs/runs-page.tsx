/** The list of all runs: what trains now, what came of the others, and which of them to look at or to compare. */
import { useEffect, useRef } from 'preact/hooks';
import type { RunList, RunRow } from '../../../server/ui/api/routes.ts';
import { announce } from '../../base/announcer.tsx';
import { counted } from '../../base/texts.ts';
import { list } from '../live.ts';
import { place, setQuery } from '../navigation.ts';
import { Page } from '../page.tsx';
import { startUrl } from '../place.ts';
import { Controls } from './controls.tsx';
import { differingSettings, entriesOf, keysOf, sorted, sortingOf, type Entry } from './entries.ts';
import { Experiments } from './experiments.tsx';
import { parseFilter } from './filter.ts';
import { newsOf } from './news.ts';
import { Pager, perPage } from './pager.tsx';
import { RunsTable } from './runs-table.tsx';
import { Selection } from './selection.tsx';

export function RunsPage() {
  const known = list.value;
  useNews(known?.runs);
  if (!known)
    return (
      <Page title="Runs">
        <p class="quiet">Reading …</p>
      </Page>
    );
  return (
    <Page title="Runs" beside={summaryOf(known)}>
      <Experiments experiments={known.experiments} />
      {known.runs.length === 0 ? <NoRuns list={known} /> : <Listed list={known} />}
    </Page>
  );
}

function Listed({ list: { runs, notes, problem } }: { readonly list: RunList }) {
  const { query } = place.value;
  const grouped = query.get('group') === 'seeds';
  const hidesFinished = query.get('hide') === 'finished';
  const sorting = sortingOf(query.get('sort'));
  const keys = keysOf(runs);
  const filter = parseFilter(query.get('q') ?? '', keys);
  const all = entriesOf(runs, notes.runs, { grouped });
  const found = all.filter((entry) => filter.matches(entry) && !(hidesFinished && entry.status === 'finished'));
  const inOrder = sorted(found, sorting);
  const pages = Math.max(1, Math.ceil(inOrder.length / perPage));
  const page = Math.min(pages, Math.max(1, Math.floor(Number(query.get('page'))) || 1));
  const shown = inOrder.slice((page - 1) * perPage, page * perPage);
  const selected = new Set(query.getAll('select'));
  const table = useRef<HTMLTableElement>(null);
  return (
    <div>
      <Controls
        {...{ keys, sorting, grouped, hidesFinished, found: found.length, of: all.length }}
        problems={filter.problems}
      />
      {notes.problem !== undefined && <p class="warn">{notes.problem}</p>}
      <Selection {...{ runs, selected }} found={pages > 1 ? inOrder : []} />
      {found.length > 0 ? (
        <RunsTable
          {...{ table, entries: shown, sorting, selected, notes, metric: sharedMetric(found) }}
          differing={differingSettings(runs)}
        />
      ) : (
        <p class="empty">
          {problem === undefined ? 'No run is like that. ' : ''}
          <button type="button" onClick={() => setQuery({ q: undefined, hide: undefined, page: undefined })}>
            Show all {counted(all.length, grouped ? 'line' : 'run')}
          </button>
        </p>
      )}
      <Pager {...{ page, pages }} top={table} of={inOrder.length} />
    </div>
  );
}

/** The metric that all lines show, whose name then stands above them. */
function sharedMetric(entries: readonly Entry[]): Entry['metric'] {
  const metrics = entries.flatMap(({ metric }) => metric ?? []);
  const [first] = metrics;
  return metrics.every(({ name, label }) => name === first!.name && label === first!.label) ? first : undefined;
}

function summaryOf({ runs }: RunList): string {
  const count = (status: RunRow['status']): number => runs.filter((run) => run.status === status).length;
  const parts = (['running', 'finished', 'interrupted', 'failed', 'unknown'] as const).flatMap((status) =>
    count(status) > 0 ? [`${count(status)} ${status}`] : [],
  );
  return `${counted(runs.length, 'run')}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}`;
}

function NoRuns({ list: { reading, folder, allowStart } }: { readonly list: RunList }) {
  if (reading) return <p class="quiet">The folder is being read …</p>;
  return (
    <p class="empty">
      There is no run in {folder} yet.{' '}
      {allowStart && (
        <>
          <a href={startUrl()}>Start one</a> from here, or by the command line.{' '}
        </>
      )}
      What <code>decalign train DATA --out {folder}/NAME</code> trains appears here at once, with its curves while it
      trains.
    </p>
  );
}

function useNews(runs: readonly RunRow[] | undefined): void {
  const before = useRef(runs);
  useEffect(() => {
    const news = runs && before.current && newsOf(before.current, runs);
    before.current = runs;
    if (news !== undefined) announce(news);
  }, [runs]);
}
