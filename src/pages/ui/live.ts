/**
 * What the server knows and tells as it changes: the list of runs, notes, and the curves of the runs that a page watches. One
 * stream of events for the whole page; where it breaks, the next one goes on where it was.
 */
import { computed, effect, signal } from '@preact/signals';
import type { Notes, RunChanges, RunList, RunRow, RunSeries } from '../../server/ui/api/routes.ts';
import { AnswerError, ask } from './api.ts';
import { withChanges, withSeries } from './changes.ts';

export type Connection = 'connecting' | 'live' | 'lost' | 'no session';

export const connection = signal<Connection>('connecting');
export const list = signal<RunList | undefined>(undefined);
/** Why there is no list. */
export const listProblem = signal<string | undefined>(undefined);
export const seriesOf = signal<ReadonlyMap<string, RunSeries>>(new Map());
/** The runs whose curves are wanted. */
const watched = signal<readonly string[]>([]);

export const rowsById = computed<ReadonlyMap<string, RunRow>>(
  () => new Map((list.value?.runs ?? []).map((run) => [run.id, run])),
);

/** Asks for the curves of these runs, in the place of those before. */
export function watchSeries(ids: readonly string[]): void {
  if (ids.join('\n') === watched.peek().join('\n')) return;
  watched.value = ids;
}

/** How long to wait before a stream that the browser gave up is opened again, in milliseconds. */
const patience = 3000;

let stream: EventSource | undefined;
let again: ReturnType<typeof setTimeout> | undefined;

/** Reads the list, and then what changes, for as long as the page is open. */
export async function start(): Promise<void> {
  try {
    const first = await ask<RunList>('/api/runs');
    list.value = first;
    listProblem.value = undefined;
  } catch (error) {
    if (isNoSession(error)) connection.value = 'no session';
    else {
      listProblem.value = error instanceof Error ? error.message : String(error);
      connection.value = 'lost';
      again = setTimeout(() => void start(), patience);
    }
    return;
  }
  effect(() => {
    open(watched.value);
    return close;
  });
  document.addEventListener('visibilitychange', () => {
    // A browser has few connections to one server, which the tabs that nobody looks at would take from the others.
    if (document.hidden) close();
    else if (!stream) open(watched.peek());
  });
}

function open(series: readonly string[]): void {
  close();
  if (document.hidden) return;
  // Curves are sent from their first epoch to whoever asks for them anew; where the browser connects again, it says itself where
  // it was.
  const query = new URLSearchParams([...series.map((id) => ['series', id]), ['after', list.peek()?.cursor ?? '']]);
  const source = new EventSource(`/api/events?${query}`);
  stream = source;
  const on = (name: string, take: (data: string) => void): void =>
    source.addEventListener(name, ({ data }: MessageEvent<string>) => take(data));
  on('runs', (data) => takeChanges(JSON.parse(data) as RunChanges));
  on('notes', (data) => setNotes(JSON.parse(data) as Notes));
  on('series', (data) => takeSeries(JSON.parse(data) as RunSeries));
  source.addEventListener('open', () => (connection.value = 'live'));
  source.addEventListener('error', () => {
    connection.value = 'lost';
    // A browser tries again where a connection broke, and gives up where the server answers with an error.
    if (source.readyState !== EventSource.CLOSED) return;
    close();
    again = setTimeout(() => void openAgain(), patience);
  });
}

/** A stream does not tell why the server refused it: one that was started anew may have another token. */
async function openAgain(): Promise<void> {
  const isRefused = await ask<Notes>('/api/notes').then(() => false, isNoSession);
  if (isRefused) connection.value = 'no session';
  else open(watched.peek());
}

const isNoSession = (error: unknown): boolean => error instanceof AnswerError && error.status === 401;

function close(): void {
  clearTimeout(again);
  stream?.close();
  stream = undefined;
}

function takeChanges(changes: RunChanges): void {
  if (list.value) list.value = withChanges(list.value, changes);
}

/** Parts of curves that came since the page was last drawn: those of many runs come at once, and are drawn once. */
const arrived: RunSeries[] = [];

function takeSeries(part: RunSeries): void {
  arrived.push(part);
  if (arrived.length > 1) return;
  requestAnimationFrame(() => {
    const known = new Map(seriesOf.peek());
    for (const each of arrived.splice(0)) known.set(each.run, withSeries(known.get(each.run), each));
    seriesOf.value = known;
  });
}

export function setNotes(notes: Notes): void {
  if (list.value) list.value = { ...list.value, notes };
}
