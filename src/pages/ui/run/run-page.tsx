/** One run: what came of it or how far it is, and behind the names of its parts everything else that is known of it. */
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import type { RunDetail, RunFacts, RunPart } from '../../../server/ui/api/run.ts';
import type { RunRow } from '../../../server/ui/api/routes.ts';
import { announce } from '../../base/announcer.tsx';
import { metricText } from '../../base/texts.ts';
import { runApi } from '../api.ts';
import { CurveGrid } from '../curves/curve-grid.tsx';
import { list, rowsById, seriesOf, watchSeries } from '../live.ts';
import { useAnswer } from '../load.ts';
import { place } from '../navigation.ts';
import { Page } from '../page.tsx';
import { runUrl, runsUrl } from '../place.ts';
import { entriesOf } from '../runs/entries.ts';
import { NoteCell } from '../runs/note-cell.tsx';
import { StatusText } from '../status-text.tsx';
import { Features } from './features.tsx';
import { Figures } from './figures.tsx';
import { Headline } from './headline.tsx';
import { Predictions } from './predictions.tsx';
import { Robustness } from './robustness.tsx';
import { RunActions } from './run-actions.tsx';
import { Settings } from './settings.tsx';
import { Transport } from './transport.tsx';

const parts = {
  curves: 'Curves',
  predictions: 'Errors',
  features: 'Features',
  transport: 'Transport',
  robustness: 'Robustness',
  figures: 'Figures',
  settings: 'Settings and files',
} as const;
type PartName = keyof typeof parts;

/** Parts that have headings of their own; the others have theirs for those who go from one to the next. */
const hasHeadings: ReadonlySet<PartName> = new Set<PartName>(['curves', 'predictions', 'figures', 'settings']);

/** What the server calls the parts that it may lack. */
const serverPart: Readonly<Partial<Record<PartName, RunPart>>> = {
  ...{ predictions: 'predictions', features: 'embedding', transport: 'transport', robustness: 'robustness' },
};

export function RunPage({ ids }: { readonly ids: readonly string[] }) {
  const id = ids[0]!;
  const row = rowsById.value.get(id);
  // What a run is known to have changes with its state, and while it trains with each epoch.
  const detail = useAnswer<RunDetail>(
    runApi(id),
    JSON.stringify([row?.status, row?.bestEpoch, row?.warnings, row?.problem]),
  );
  const facts = useAnswer<RunFacts>(
    row?.status === 'finished' ? runApi(id, '/facts') : undefined,
    row?.bestEpoch,
  ).answer;
  useEffect(() => {
    watchSeries([id]);
    return () => watchSeries([]);
  }, [id]);
  const run = row ?? detail.answer?.row;
  useProgressNews(run);
  if (!run)
    return (
      <Page title={id}>
        {detail.problem === undefined ? (
          <p class="quiet">Reading …</p>
        ) : (
          <p>
            {detail.problem} <a href={runsUrl()}>All runs</a>
          </p>
        )}
      </Page>
    );
  const asked = place.value.query.get('view');
  const view = (Object.keys(parts) as PartName[]).find((name) => name === asked) ?? 'curves';
  // It was there when the page was opened, and is not listed any more.
  const isGone = row === undefined && detail.problem !== undefined;
  return (
    <Page title={id === '~' ? (list.value?.folder ?? id) : id} beside={isGone ? <Gone /> : <Beside run={run} />}>
      {isGone && (
        <p class="empty gone" role="alert">
          The folder of this run is gone. What stands here is what was read of it before.{' '}
          <a href={runsUrl()}>All runs</a>
        </p>
      )}
      <Headline run={run} detail={detail.answer} facts={facts} />
      {!isGone && <NoteOf run={run} />}
      {detail.problem !== undefined && !isGone && <p class="warn">{detail.problem}</p>}
      <nav class="parts" aria-label="Parts of this run">
        {Object.entries(parts).map(([name, title]) => (
          <a
            key={name}
            href={runUrl(id, { view: name === 'curves' ? undefined : name })}
            aria-current={name === view ? 'page' : undefined}
          >
            {title}
          </a>
        ))}
      </nav>
      {!hasHeadings.has(view) && <h2 class="unseen">{parts[view]}</h2>}
      <PartOf key={view} {...{ run, view, facts }} detail={detail.answer} />
    </Page>
  );
}

/** Tells those who do not see it how a training goes on, and what becomes of it. */
function useProgressNews(run: RunRow | undefined): void {
  const text = run && progressText(run);
  const told = useRef<string | undefined>(undefined);
  useEffect(() => {
    // What is so when one comes here stands in the page.
    if (text !== undefined && told.current !== undefined && text !== told.current) announce(text);
    told.current = text ?? told.current;
  }, [text]);
}

function progressText({ status, epochs, metric }: RunRow): string {
  const { valid, label = '' } = metric ?? {};
  const figure = valid === undefined ? '' : `, best ${label} of the validation split ${metricText(valid)}`;
  return status === 'running' && epochs ? `Epoch ${epochs.done} done${figure}.` : `The run is ${status}${figure}.`;
}

const Beside = ({ run }: { readonly run: RunRow }) => (
  <>
    <StatusText status={run.status} /> <RunActions run={run} />
  </>
);

const Gone = () => <span class="status unknown">gone</span>;

/** Tags and note, changed here as in the list. */
function NoteOf({ run }: { readonly run: RunRow }) {
  const notes = list.value?.notes;
  if (!notes) return null;
  return entriesOf([run], notes.runs, { grouped: false }).map((entry) => (
    <NoteCell key={entry.id} entry={entry} notes={notes} />
  ));
}

interface PartOfProps {
  readonly run: RunRow;
  readonly view: PartName;
  readonly detail: RunDetail | undefined;
  readonly facts: RunFacts | undefined;
}

function PartOf({ run, view, detail, facts }: PartOfProps): ComponentChildren {
  const part = serverPart[view];
  const lacking = part && detail?.lacking[part];
  if (lacking !== undefined) return <p class="empty">{lacking}</p>;
  switch (view) {
    case 'curves':
      return <Curves run={run} />;
    case 'predictions':
      return <Predictions run={run} samples={detail?.lacking.samples} />;
    case 'features':
      return <Features run={run} samples={detail?.lacking.samples} />;
    case 'transport':
      return <Transport run={run} />;
    case 'robustness':
      return <Robustness run={run} />;
    case 'figures':
      return <Figures run={run} />;
    case 'settings':
      return detail ? <Settings {...{ run, detail, facts }} /> : null;
  }
}

function Curves({ run: { id } }: { readonly run: RunRow }) {
  const series = seriesOf.value.get(id);
  const shown = useMemo(() => (series ? [{ name: id, look: 0, runs: [series] }] : []), [id, series]);
  if (!series) return <p class="quiet">Reading …</p>;
  return (
    <>
      {series.problem !== undefined && <p class="warn">{series.problem}</p>}
      <CurveGrid shown={shown} name={id} />
    </>
  );
}
