/** One sample as a run sees it: what was predicted, and what that rests on. */
import type { SampleView } from '../../../server/ui/api/sample.ts';
import { ShareBar } from '../../base/share-bar.tsx';
import { metricText, numberText } from '../../base/texts.ts';
import { runApi } from '../api.ts';
import { rowsById } from '../live.ts';
import { useAnswer } from '../load.ts';
import { place, setQuery } from '../navigation.ts';
import { Page } from '../page.tsx';
import { runUrl, sampleUrl } from '../place.ts';
import { Attention } from './attention.tsx';
import { Contributions } from './contributions.tsx';
import { Inputs } from './inputs.tsx';
import { predictionText } from './prediction-text.ts';

export function SamplePage({ ids }: { readonly ids: readonly string[] }) {
  const [run, id] = ids as readonly [string, string];
  const { query } = place.value;
  const [split, target] = [query.get('split'), query.get('target')];
  const asked = new URLSearchParams();
  if (split !== null) asked.set('split', split);
  if (target !== null) asked.set('target', target);
  const path = runApi(run, `/samples/${encodeURIComponent(id)}${asked.size > 0 ? `?${asked}` : ''}`);
  const { answer, problem } = useAnswer<SampleView>(path, rowsById.value.get(run)?.status);
  return (
    <Page
      title={id}
      beside={
        <>
          a sample as <a href={runUrl(run, { view: 'predictions', split: split ?? undefined })}>{run}</a> sees it
        </>
      }
    >
      {problem !== undefined && <p class="empty">{problem}</p>}
      {!answer && problem === undefined && (
        <p class="quiet" role="status">
          The model is opened for this, which takes some seconds …
        </p>
      )}
      {answer && <Sample view={answer} run={run} split={split ?? undefined} />}
    </Page>
  );
}

interface SampleProps {
  readonly view: SampleView;
  readonly run: string;
  readonly split: string | undefined;
}

function Sample({ view, run, split }: SampleProps) {
  const {
    label,
    prediction,
    error,
    before,
    after,
    text,
    probabilities,
    output,
    targets,
    modalities,
    attention,
    notes,
  } = view;
  const link = (id: string): string => sampleUrl(run, id, { split });
  return (
    <>
      <nav class="neighbours" aria-label="Samples by error">
        {error && `Error ${error.rank} of ${error.of} by size. `}
        {before !== undefined && <a href={link(before)}>Larger: {before}</a>}{' '}
        {after !== undefined && <a href={link(after)}>Smaller: {after}</a>}
      </nav>
      {text !== undefined && <blockquote class="sentence">{text}</blockquote>}
      <dl class="headline">
        <div>
          <dt>prediction</dt>
          <dd>
            <strong>{predictionText(prediction)}</strong>
          </dd>
        </div>
        <div>
          <dt>label</dt>
          <dd>
            <strong>{label === undefined ? 'not known' : predictionText(label)}</strong>
          </dd>
        </div>
        {error && (
          <div>
            <dt>error</dt>
            <dd>
              <strong>{numberText(error.value, 3)}</strong> <span class="quiet small">{error.unit}</span>
            </dd>
          </div>
        )}
      </dl>
      {probabilities && <Probabilities probabilities={probabilities} label={label} />}
      {targets.length > 1 && (
        <p class="controls target">
          <label>
            What follows is of{' '}
            <select value={output.name} onChange={({ currentTarget: { value } }) => setQuery({ target: value })}>
              {targets.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
        </p>
      )}
      <Contributions view={view} />
      <Inputs id={view.id} modalities={modalities} />
      {attention.length > 0 && <Attention id={view.id} attention={attention} />}
      {notes.map((note) => (
        <p key={note} class="quiet small">
          {note}
        </p>
      ))}
    </>
  );
}

interface ProbabilitiesProps {
  readonly probabilities: Readonly<Record<string, number>>;
  readonly label: unknown;
}

function Probabilities({ probabilities, label }: ProbabilitiesProps) {
  return (
    <table class="measures">
      <caption>Probabilities</caption>
      <tbody>
        {Object.entries(probabilities).map(([name, share]) => (
          <tr key={name}>
            <th scope="row">
              {name}
              {name === label && <span class="quiet small"> label</span>}
            </th>
            <td>
              <ShareBar share={share} />
            </td>
            <td class="number">{metricText(share)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
