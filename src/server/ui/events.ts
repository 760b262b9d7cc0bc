/** What changes, as server-sent events: a stream that was broken off goes on where it was. */
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Notes, RunChanges, RunSeries } from './api/routes.ts';
import type { Wanted } from './folder/run-series.ts';
import type { Served } from './served.ts';

/** Milliseconds: how long at most until notes are looked at, and between two signs of life. */
const [look, beat] = [2000, 15_000];

/** The curves of so many runs may be asked for at once. */
const mostSeries = 200;

/** Where a listener is, as the `id` of an event says it: the list, the notes, and each of the curves that it asked for. */
interface Place {
  list: string;
  notes: string;
  series: string[];
}

const textOf = ({ list, notes, series }: Place): string => [list, notes, ...series].join('/');

function placeIn(text: string | undefined, count: number): Place {
  const [list = '', notes = '', ...series] = text?.split('/') ?? [];
  return { list, notes, series: Array.from({ length: count }, (_, n) => series[n] ?? '') };
}

/** Answers `GET /api/events`. */
export function events(context: Context, served: Served): Response {
  const query = context.req.queries();
  const asked = { ids: (query['series'] ?? []).slice(0, mostSeries), columns: columnsAsked(query['column']) };
  const place = placeIn(context.req.header('last-event-id') ?? query['after']?.[0], asked.ids.length);
  const news = newsAfter(place, asked, served);
  return streamSSE(context, async (stream) => {
    let wake = (): void => undefined;
    const stop = served.folder.listen(() => wake());
    stream.onAbort(() => wake());
    let beaten = performance.now();
    try {
      while (!stream.aborted && !stream.closed) {
        for (const [event, data] of news()) {
          beaten = performance.now();
          await stream.writeSSE({ event, data: JSON.stringify(data), id: textOf(place) });
        }
        // A connection that says nothing is taken for dead by what lies between.
        if (performance.now() - beaten > beat) {
          beaten = performance.now();
          await stream.write(': \n\n');
        }
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, look);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    } finally {
      stop();
    }
  });
}

/** The columns of curves that a request wants; all where it names none. */
export const columnsAsked = (names: readonly string[] | undefined): Wanted => names && new Set(names);

interface Asked {
  readonly ids: readonly string[];
  readonly columns: Wanted;
}

type News = readonly ['runs', RunChanges] | readonly ['notes', Notes] | readonly ['series', RunSeries];

/** What there is to tell at a place, which moves on as it is told. */
function newsAfter(place: Place, { ids, columns }: Asked, { folder, notes, series }: Served): () => Generator<News> {
  /** What a list says besides its rows, which has no number. */
  let heard: string | undefined;
  return function* () {
    const changes = folder.changes(place.list);
    const said = JSON.stringify([changes.cursor, changes.reading, changes.problem]);
    if (said !== heard) {
      [heard, place.list] = [said, changes.cursor];
      yield ['runs', changes];
    }
    const kept = notes.read();
    if (kept.revision !== place.notes) {
      place.notes = kept.revision;
      yield ['notes', kept];
    }
    for (const [n, id] of ids.entries()) {
      const reader = series(id);
      if (!reader || reader.cursor === place.series[n]) continue;
      const told = reader.since(place.series[n], columns);
      place.series[n] = reader.cursor;
      yield ['series', told];
    }
  };
}
