/** The benchmarks, ablations and sweeps of the folder: links to their tables. */
import type { ExperimentRow } from '../../../server/ui/api/routes.ts';
import { counted } from '../../base/texts.ts';
import { benchmarkUrl } from '../place.ts';
import { StatusText } from '../status-text.tsx';

export function Experiments({ experiments }: { readonly experiments: readonly ExperimentRow[] }) {
  if (experiments.length === 0) return null;
  return (
    <section aria-labelledby="experiments" class="experiments">
      <h2 id="experiments">Benchmarks and sweeps</h2>
      <ul>
        {experiments.map(({ id, kind, status, problem, models, data, seeds }) => (
          <li key={id}>
            <a href={benchmarkUrl(id)}>{id === '~' ? kind : id}</a> <StatusText status={status} />{' '}
            <span class="quiet small">
              {problem ??
                `${kind} of ${counted(models.length, 'model')} on ${data.join(', ')}, ${counted(seeds.length, 'seed')}`}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
