/** The samples of a split by the size of their errors. */
import { useSignal } from '@preact/signals';
import type { RunPredictions } from '../../../server/ui/api/run.ts';
import { downloadTable } from '../../base/download.ts';
import { counted, metricText } from '../../base/texts.ts';
import { place, setQuery } from '../navigation.ts';
import { sampleUrl } from '../place.ts';

interface ErrorsProps {
  readonly run: string;
  readonly predictions: RunPredictions;
  /** Why single samples cannot be looked at. */
  readonly samples: string | undefined;
}

const atFirst = 25;

export function Errors({ run, predictions: { split, errors, samples: all, unit }, samples }: ErrorsProps) {
  const most = useSignal(atFirst);
  const sought = place.value.query.get('id') ?? '';
  const found = errors
    .map((error, n) => ({ ...error, rank: n + 1 }))
    .filter(({ id, group = '' }) => `${id} ${group}`.toLowerCase().includes(sought.toLowerCase()));
  const hasGroups = errors.some(({ group }) => group !== undefined);
  // Values stand below each other, names begin in one line.
  const isValue = errors.every(
    ({ label, prediction }) => Number.isFinite(Number(label)) && Number.isFinite(Number(prediction)),
  );
  const kind = isValue ? 'number' : undefined;
  const shown = (text: string): string => (isValue ? metricText(Number(text)) : text);
  const table = () => ({
    columns: ['rank', 'id', 'group', 'label', 'prediction', 'error'],
    rows: found.map(({ rank, id, group, label, prediction, error }) => [rank, id, group, label, prediction, error]),
  });
  return (
    <section aria-labelledby="errors">
      <h2 id="errors">Largest errors</h2>
      <p class="quiet small">
        Errors are {unit}, of {counted(errors.length, 'sample')}
        {errors.length < all && ` of ${all}`}. {samples}
      </p>
      <p class="controls">
        <label>
          Samples whose id or group holds{' '}
          <input type="search" value={sought} onInput={({ currentTarget: { value } }) => setQuery({ id: value })} />
        </label>
        {(['csv', 'json'] as const).map((format) => (
          <button
            key={format}
            type="button"
            class="plain"
            onClick={() => downloadTable(`${run} errors ${split}`, format, table())}
          >
            {format.toUpperCase()}
            <span class="unseen"> of the errors</span>
          </button>
        ))}
      </p>
      <div class="scroll" tabIndex={0} role="region" aria-label="Samples by error">
        <table>
          <caption class="unseen">Samples by the size of their error, the largest first</caption>
          <thead>
            <tr>
              <th scope="col" class="number">
                Rank
              </th>
              <th scope="col">Sample</th>
              {hasGroups && <th scope="col">Group</th>}
              <th scope="col" class={kind}>
                Label
              </th>
              <th scope="col" class={kind}>
                Prediction
              </th>
              <th scope="col" class="number">
                Error
              </th>
            </tr>
          </thead>
          <tbody>
            {found.slice(0, most.value).map(({ rank, id, group, label, prediction, error }) => (
              <tr key={rank}>
                <td class="number quiet">{rank}</td>
                <th scope="row">
                  {samples === undefined ? (
                    <a href={sampleUrl(run, id, { split: split === 'test' ? undefined : split })}>{id}</a>
                  ) : (
                    id
                  )}
                </th>
                {hasGroups && <td>{group ?? '–'}</td>}
                <td class={kind}>{shown(label)}</td>
                <td class={kind}>{shown(prediction)}</td>
                <td class="number">{metricText(error)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {found.length === 0 && <p class="empty">No sample is called so.</p>}
      {found.length > most.value && (
        <button type="button" class="more" onClick={() => (most.value *= 4)}>
          Show more
        </button>
      )}
    </section>
  );
}
