/** The figures of `decalign figures`, drawn when they are asked for. */
import { useSignal } from '@preact/signals';
import type { FigureList, RunRow } from '../../../server/ui/api/routes.ts';
import { runApi } from '../api.ts';
import { place, setQuery } from '../navigation.ts';
import { Part } from './part.tsx';

export function Figures({ run: { id } }: { readonly run: RunRow }) {
  const shown = place.value.query.getAll('figure');
  return (
    <Part<FigureList> path={runApi(id, '/figures')}>
      {({ figures, problem }) => (
        <>
          <p>
            Pictures as in a paper, drawn by the same code as <code>decalign figures</code>. Some take seconds.
          </p>
          {problem !== undefined && <p class="warn">{problem}</p>}
          <ul class="figures">
            {figures.map(({ name, summary }) => (
              <li key={name}>
                <h2>{name}</h2>
                <p>
                  {summary}{' '}
                  {!shown.includes(name) && (
                    <button
                      type="button"
                      disabled={problem !== undefined}
                      onClick={() => setQuery({ figure: [...shown, name] })}
                    >
                      Draw<span class="unseen"> {name}</span>
                    </button>
                  )}
                </p>
                {shown.includes(name) && <Picture run={id} name={name} summary={summary} />}
              </li>
            ))}
          </ul>
        </>
      )}
    </Part>
  );
}

function Picture({ run, name, summary }: { readonly run: string; readonly name: string; readonly summary: string }) {
  const state = useSignal<'drawing' | 'there' | 'failed'>('drawing');
  const address = runApi(run, `/figures/${encodeURIComponent(name)}.svg`);
  return (
    <div class="picture" aria-busy={state.value === 'drawing'}>
      {state.value === 'drawing' && <p role="status">Drawing …</p>}
      {state.value === 'failed' ? (
        <FailedPicture address={address} />
      ) : (
        <img
          src={address}
          alt={`${name}: ${summary}`}
          onLoad={() => (state.value = 'there')}
          onError={() => (state.value = 'failed')}
        />
      )}
      {state.value === 'there' && (
        <a href={address} download={`${name}.svg`}>
          SVG<span class="unseen"> of {name}</span>
        </a>
      )}
    </div>
  );
}

/** An image does not say why it is none, so it is asked for again as text. */
const FailedPicture = ({ address }: { readonly address: string }) => (
  <Part<unknown> path={address} making="It could not be drawn.">
    {() => <p class="warn">It could not be shown. Open this page anew.</p>}
  </Part>
);
