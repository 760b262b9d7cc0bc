/** A row of the table of runs: a run, a group of runs, or one of a group. */
import { Fragment } from 'preact';
import type { MetricAbout, Notes, RunRow } from '../../../server/ui/api/routes.ts';
import { counted, durationText, numberText, timeText } from '../../base/texts.ts';
import { arrowOf, spreadText } from '../metric-texts.ts';
import { runUrl } from '../place.ts';
import { ProgressText, StatusText } from '../status-text.tsx';
import { shownId, type Entry } from './entries.ts';
import { headings } from './headings.ts';
import { NoteCell } from './note-cell.tsx';
import { sparkPath } from './spark.ts';

interface RunsRowProps {
  readonly entry: Entry;
  readonly selected: ReadonlySet<string>;
  readonly toggle: (ids: readonly string[], isOn: boolean) => void;
  readonly notes: Notes;
  readonly metric: MetricAbout | undefined;
  /** The settings in which runs of the list differ, by dotted key. */
  readonly differing: readonly string[];
  /** Of a group: whether its runs are shown below it. */
  readonly isOpen?: boolean;
  readonly flip?: () => void;
  readonly isMember?: boolean;
}

export function RunsRow({ entry, selected, toggle, notes, metric, differing, isOpen, flip, isMember }: RunsRowProps) {
  const { runs, status } = entry;
  const [run] = runs as readonly [RunRow];
  const ids = runs.map(({ id }) => id);
  const isSelected = ids.every((id) => selected.has(id));
  const isGroup = runs.length > 1;
  return (
    <tr role="row" class={isMember ? 'member' : undefined}>
      <td role="cell" class="tick">
        <input
          type="checkbox"
          aria-label={`Tick ${entry.name}`}
          checked={isSelected}
          onChange={() => toggle(ids, !isSelected)}
        />
      </td>
      <th role="rowheader" scope="row" class="name">
        {isGroup ? (
          <button type="button" class="plain open" aria-expanded={isOpen} onClick={flip}>
            <span aria-hidden="true">{isOpen ? '▾' : '▸'}</span> <Path of={shownId(entry.name)} />
          </button>
        ) : (
          <a href={runUrl(run.id)} title={run.id}>
            {run.id === '~' ? 'this folder' : <Path of={shownId(run.id)} />}
          </a>
        )}
        {isGroup && <span class="quiet small"> {counted(runs.length, 'run')}</span>}{' '}
        <NoteCell entry={entry} notes={notes} />
        {runs.map(
          ({ id, problem }) =>
            problem !== undefined && (
              <p key={id} class="warn small problem" title={problem}>
                {problem}
              </p>
            ),
        )}
      </th>
      <td role="cell" class="state">
        <StatusText status={status} />
        {!isGroup && <ProgressText run={run} />}
        {(run.warnings ?? 0) > 0 && (
          <a class="warnings warn small" href={runUrl(run.id, { view: 'settings' })}>
            {counted(run.warnings!, 'warning')}
          </a>
        )}
      </td>
      <td role="cell">
        <Name of={headings.model} />
        {run.title ?? run.model ?? '–'}
        {run.recipe !== undefined && <span class="quiet small"> {run.recipe}</span>}
      </td>
      <td role="cell">
        <Name of={headings.data} />
        {run.data ?? '–'}
      </td>
      <td role="cell" class="number">
        <Name of={headings.seed} />
        {seedsText(runs)}
      </td>
      <td role="cell" class="number">
        <Name of={headings.best} />
        {bestText(runs)}
      </td>
      {!metric && (
        <td role="cell" class="metric quiet">
          <Name of="Metric" />
          {entry.metric ? `${entry.metric.label} ${arrowOf(entry.metric)}` : '–'}
        </td>
      )}
      {(['valid', 'test'] as const).map((split) => (
        <td role="cell" class="number figure" key={split}>
          <Name of={metric ? `${metric.label} ${headings[split].toLowerCase()}` : headings[split]} />
          {entry[split] ? spreadText(entry[split]) : '–'}
        </td>
      ))}
      <td role="cell" class="curve">
        <Spark run={run} />
      </td>
      <td role="cell" class="number">
        <Name of={headings.duration} />
        {entry.seconds === undefined ? '–' : durationText(entry.seconds)}
      </td>
      <td role="cell" class="started">
        <Name of={headings.started} />
        <time dateTime={entry.started}>{timeText(entry.started)}</time>
      </td>
      {differing.length > 0 && (
        <td role="cell" class="settings small">
          <Name of="Settings" />
          <Settings of={entry} differing={differing} />
        </td>
      )}
    </tr>
  );
}

/** A path, or a key with its dots, that goes on in the next line between its parts. */
const Path = ({ of }: { readonly of: string }) => (
  <span>
    {of.split(/(?<=\/|\.(?=[a-z]))/i).map((part, n) => (
      <Fragment key={n}>
        {n > 0 && <wbr />}
        {part}
      </Fragment>
    ))}
  </span>
);

/** The heading of a cell, where the row is a card. */
const Name = ({ of }: { readonly of: string }) => (
  <span class="cell-name quiet small" aria-hidden="true">
    {of}{' '}
  </span>
);

function seedsText(runs: readonly RunRow[]): string {
  const seeds = [...new Set(runs.flatMap(({ seed }) => seed ?? []))];
  const folds = [...new Set(runs.flatMap(({ fold }) => fold ?? []))];
  const seedText = seeds.length > 4 ? counted(seeds.length, 'seed') : seeds.join(', ');
  const foldText =
    folds.length === 0 ? '' : folds.length === 1 ? ` fold ${folds[0]!}` : ` ${counted(folds.length, 'fold')}`;
  return `${seedText}${foldText}`.trim() || '–';
}

function bestText(runs: readonly RunRow[]): string {
  const best = runs.flatMap(({ bestEpoch }) => bestEpoch ?? []);
  if (best.length === 0) return '–';
  const [low, high] = [Math.min(...best), Math.max(...best)];
  return low === high ? String(low) : `${low} to ${high}`;
}

/** The settings of an entry that others do not share, the values of a group beside each other. */
function Settings({ of: { valuesOf }, differing }: { readonly of: Entry; readonly differing: readonly string[] }) {
  const texts = differing.flatMap((key) => {
    const values = [...new Set(valuesOf(key))];
    return values.length > 0 ? [`${key}=${values.join(',')}`] : [];
  });
  if (texts.length === 0) return <>–</>;
  // A row as high as all of many settings would leave no list to look over.
  const shown = texts.length > mostSettings ? texts.slice(0, mostSettings - 1) : texts;
  return (
    <>
      {shown.map((text) => (
        <span key={text} class="setting">
          <Path of={text} />{' '}
        </span>
      ))}
      {shown.length < texts.length && (
        <span class="quiet" title={texts.slice(shown.length).join('\n')}>
          {texts.length - shown.length} more
        </span>
      )}
    </>
  );
}

const mostSettings = 3;

const box = { width: 88, height: 22 };

function Spark({ run: { spark = [], metric } }: { readonly run: RunRow }) {
  const known = spark.filter((value) => value !== null);
  if (known.length === 0) return null;
  const label = `${metric?.label ?? 'Metric'} by epoch, from ${numberText(known[0]!)} to ${numberText(known.at(-1)!)}`;
  return (
    <svg
      class="spark"
      width={box.width}
      height={box.height + 4}
      viewBox={`-2 -2 ${box.width + 4} ${box.height + 4}`}
      role="img"
      aria-label={label}
    >
      <path d={sparkPath(spark, box)} />
    </svg>
  );
}
