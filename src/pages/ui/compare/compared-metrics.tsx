/** The metrics of groups of runs, the best of each marked, with their distance from the first group. */
import type { ComparedFigure, ComparedGroup, ComparisonView } from '../../../server/ui/api/compare.ts';
import { downloadTable } from '../../base/download.ts';
import { Swatch } from '../../base/legend.tsx';
import { counted } from '../../base/texts.ts';
import { arrowOf } from '../metric-texts.ts';
import { place, setQuery } from '../navigation.ts';
import { runUrl } from '../place.ts';
import { StatusText } from '../status-text.tsx';
import { TestedFigure, Verdict } from '../tested.tsx';

export function ComparedMetrics({ view }: { readonly view: ComparisonView }) {
  const { groups, metrics, samples, units, notes, problem } = view;
  const [first] = groups;
  const isTested = groups.some(({ verdict }) => verdict !== undefined);
  return (
    <>
      {problem !== undefined && <p class="warn">No intervals: {problem}</p>}
      <p class="quiet small">
        {counted(metrics.length, 'metric')}
        {samples !== undefined &&
          ` of ${counted(samples, 'sample')} that all predict${units === undefined ? '' : `, of ${counted(units, 'group')}`}`}
        : means and deviations over the runs of a group.
        {isTested && ` Below them the distance from ${first!.name} with its paired 95 % interval.`}
      </p>
      <div class="scroll" tabIndex={0} role="region" aria-label="Table: results">
        <table class="compared pinned">
          <caption class="unseen">Metrics by group</caption>
          <thead>
            <tr>
              <th scope="col">Group</th>
              {isTested && <th scope="col">Against {first!.name}</th>}
              {metrics.map((metric) => (
                <th key={`${metric.split} ${metric.name}`} scope="col" class="number">
                  {metric.label} {arrowOf(metric)}
                  {metric.split === 'valid' && <span class="quiet small"> valid</span>}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {groups.map((group, n) => (
              <tr key={group.name}>
                <th scope="row">
                  <Swatch look={n} /> {group.name}
                  <GroupRuns group={group} isFirst={n === 0} />
                </th>
                {isTested && (
                  <td>
                    <Verdict verdict={group.verdict} p={group.p} />
                  </td>
                )}
                {metrics.map((metric) => (
                  <td key={`${metric.split} ${metric.name}`} class="number">
                    {cellOf(metric.values[n])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {notes.map((note) => (
        <p key={note} class="quiet small">
          {note}
        </p>
      ))}
      <p class="controls small">
        {(['csv', 'json'] as const).map((format) => (
          <button
            key={format}
            type="button"
            class="plain"
            onClick={() => downloadTable('comparison', format, tableOf(view))}
          >
            {format.toUpperCase()}
            <span class="unseen"> of the results</span>
          </button>
        ))}
      </p>
    </>
  );
}

const cellOf = (figure: ComparedFigure | null | undefined) =>
  figure ? <TestedFigure {...figure} isBest={figure.best ?? false} /> : '–';

function GroupRuns({ group: { runs, data }, isFirst }: { readonly group: ComparedGroup; readonly isFirst: boolean }) {
  const ids = runs.map(({ id }) => id);
  const all = place.value.query.getAll('ids');
  return (
    <span class="group-runs small">
      <span class="quiet">{data}</span>
      {runs.map(({ id, seed, fold, status }) => (
        <span key={id}>
          <a href={runUrl(id)}>
            {seed === undefined ? id : `seed ${seed}`}
            {fold !== undefined && ` fold ${fold}`}
          </a>
          {status !== 'finished' && (
            <>
              {' '}
              <StatusText status={status} />
            </>
          )}
        </span>
      ))}
      {!isFirst && (
        <button
          type="button"
          class="plain"
          onClick={() => setQuery({ ids: [...ids, ...all.filter((id) => !ids.includes(id))] })}
        >
          Compare with this one
        </button>
      )}
    </span>
  );
}

const tableOf = ({ groups, metrics }: ComparisonView) => ({
  columns: ['group', 'metric', 'split', 'mean', 'deviation', 'difference', 'low', 'high'],
  rows: groups.flatMap(({ name }, n) =>
    metrics.map(({ name: metric, split, values }) => {
      const { mean, deviation, difference } = values[n] ?? {};
      return [name, metric, split, mean, deviation, difference?.value, difference?.low, difference?.high];
    }),
  ),
});
