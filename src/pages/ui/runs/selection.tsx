/** What can be done with the runs that are ticked. */
import type { RunRow } from '../../../server/ui/api/routes.ts';
import { counted } from '../../base/texts.ts';
import { setQuery } from '../navigation.ts';
import { compareUrl } from '../place.ts';
import type { Entry } from './entries.ts';

interface SelectionProps {
  readonly runs: readonly RunRow[];
  readonly selected: ReadonlySet<string>;
  /** The lines that the filter leaves, where they are more than a page has; those can be ticked together. */
  readonly found: readonly Entry[];
}

export function Selection({ runs, selected, found }: SelectionProps) {
  const all = found.flatMap((entry) => entry.runs.map(({ id }) => id));
  const ids = runs.filter(({ id }) => selected.has(id)).map(({ id }) => id);
  const query = new URLSearchParams(ids.map((id) => ['ids', id])).toString();
  const exported = (what: string, format: string): string =>
    `/api/export/${what}.${format}${query === '' ? '' : `?${query}`}`;
  return (
    <section class={`selection${ids.length > 0 ? ' some' : ''}`} aria-label="Runs that are ticked">
      {ids.length > 0 ? (
        <>
          <strong>{counted(ids.length, 'run')} ticked</strong>
          {ids.length > 1 && (
            <a class="button main" href={compareUrl(ids)}>
              Compare
            </a>
          )}
          <button type="button" onClick={() => setQuery({ select: undefined })}>
            Clear
          </button>
        </>
      ) : (
        <span class="quiet">Tick runs to compare them.</span>
      )}
      {all.some((id) => !selected.has(id)) && (
        <button type="button" onClick={() => setQuery({ select: [...new Set([...selected, ...all])] })}>
          Tick all {counted(all.length, 'run')}
        </button>
      )}
      <span>
        Export {ids.length > 0 ? 'these' : 'all'}:{' '}
        {(['runs', 'series'] as const).map((what) => (
          <span key={what} class="exports">
            {what === 'runs' ? 'results ' : 'curves '}
            {(['csv', 'json'] as const).map((format) => (
              <a key={format} class="export" href={exported(what, format)} download="">
                {format.toUpperCase()}
                <span class="unseen"> of {what === 'runs' ? 'results' : 'curves'}</span>
              </a>
            ))}
          </span>
        ))}
      </span>
    </section>
  );
}
