/** Runs side by side, those that differ in seed and fold alone as one: what came of them, how sure that is, and how they were set. */
import { useEffect, useMemo } from 'preact/hooks';
import type { ComparedGroup, ComparisonView } from '../../../server/ui/api/compare.ts';
import { counted } from '../../base/texts.ts';
import { CurveGrid } from '../curves/curve-grid.tsx';
import type { Shown } from '../curves/panels.ts';
import { entriesOf } from '../runs/entries.ts';
import { list, rowsById, seriesOf, watchSeries } from '../live.ts';
import { useAnswer } from '../load.ts';
import { place } from '../navigation.ts';
import { Page } from '../page.tsx';
import { runsUrl } from '../place.ts';
import { ComparedMetrics } from './compared-metrics.tsx';
import { ComparedSettings } from './compared-settings.tsx';

export function ComparePage() {
  const ids = [...new Set(place.value.query.getAll('ids'))];
  const states = ids.map((id) => rowsById.value.get(id)?.status);
  const query = new URLSearchParams(ids.map((id) => ['ids', id])).toString();
  const { answer, problem } = useAnswer<ComparisonView>(
    ids.length > 0 ? `/api/compare?${query}` : undefined,
    states.join(),
  );
  useEffect(() => {
    watchSeries(ids);
    return () => watchSeries([]);
  }, [query]);
  if (ids.length === 0)
    return (
      <Page title="Comparison">
        <p class="empty">
          Tick runs in <a href={runsUrl()}>the list</a>, and compare them from there.
        </p>
      </Page>
    );
  const compared = new Set(answer?.groups.flatMap(({ runs }) => runs.map(({ id }) => id)));
  const gone = answer ? ids.filter((id) => !compared.has(id)) : [];
  return (
    <Page
      title="Comparison"
      beside={answer && `${counted(compared.size, 'run')} in ${counted(answer.groups.length, 'group')}`}
    >
      {gone.length > 0 && (
        <p class="warn">
          There is no run {gone.map((id) => `"${id}"`).join(', ')} in {list.value?.folder ?? 'this folder'}, so what
          stands here is without {gone.length === 1 ? 'it' : 'them'}.
        </p>
      )}
      <section aria-labelledby="results">
        <h2 id="results">Results</h2>
        {problem !== undefined && <p class="empty">{problem}</p>}
        {!answer && problem === undefined && (
          <p class="quiet" role="status">
            Comparing …
          </p>
        )}
        {answer && <ComparedMetrics view={answer} />}
      </section>
      <ComparedCurves groups={answer?.groups ?? groupsListed(ids)} />
      {answer && (
        <section aria-labelledby="settings">
          <h2 id="settings">Settings that differ</h2>
          <ComparedSettings view={answer} />
        </section>
      )}
    </Page>
  );
}

/** As the list has them, until the comparison is there, whose names say how they differ. */
const groupsListed = (ids: readonly string[]): readonly ShownGroup[] =>
  entriesOf(
    ids.flatMap((id) => rowsById.value.get(id) ?? []),
    {},
    { grouped: true },
  );

type ShownGroup = Pick<ComparedGroup, 'name'> & { readonly runs: readonly { readonly id: string }[] };

function ComparedCurves({ groups }: { readonly groups: readonly ShownGroup[] }) {
  const series = seriesOf.value;
  const form = JSON.stringify(groups.map(({ name, runs }) => [name, runs.map(({ id }) => id)]));
  const shown = useMemo(() => shownOf(groups, series), [form, series]);
  const models = new Set(groups.flatMap(({ runs }) => runs.flatMap(({ id }) => rowsById.value.get(id)?.model ?? [])));
  return (
    <section aria-labelledby="curves">
      <h2 id="curves">Curves</h2>
      <p class="quiet small">
        {groups.some(({ runs }) => runs.length > 1) &&
          'Lines are means over the runs of a group, as far as each was trained; bands reach from the lowest to the highest. '}
        {models.size > 1 && 'Losses and rates of different models are different things, and are left out.'}
      </p>
      <CurveGrid shown={shown} name="comparison" without={({ kind }) => models.size > 1 && kind !== 'metric'} />
    </section>
  );
}

const shownOf = (groups: readonly ShownGroup[], series: typeof seriesOf.value): readonly Shown[] =>
  groups.map(({ name, runs }, look) => ({ name, look, runs: runs.flatMap(({ id }) => series.get(id) ?? []) }));
