/** Runs and curves as CSV and JSON, to be taken elsewhere. */
import { Hono, type Context } from 'hono';
import { stream } from 'hono/streaming';
import { csvLine, type CsvCell } from '../../text/csv.ts';
import type { RunNote, RunRow } from './api/routes.ts';
import type { RunSeriesReader } from './folder/run-series.ts';
import type { Served } from './served.ts';

export function exportRoutes({ folder, notes, series }: Served): Hono {
  const app = new Hono();
  const named = async (context: Context): Promise<readonly RunRow[]> => {
    await folder.fresh();
    const ids = context.req.queries('ids');
    return ids ? ids.flatMap((id) => folder.run(id)?.row ?? []) : folder.rows();
  };
  const runs = async (context: Context): Promise<readonly Row[]> => {
    const noted = new Map(Object.entries(notes.read().runs));
    return (await named(context)).map((row) => runRow(row, noted.get(row.id)));
  };
  app.get('/export/runs.json', async (context) => given(context, 'runs.json', json([...(await runs(context))])));
  app.get('/export/runs.csv', async (context) => given(context, 'runs.csv', [csvOf(await runs(context))]));
  // The curves of many runs are long: they are written one run after the other.
  app.get('/export/series.json', async (context) => {
    const rows = await named(context);
    return given(context, 'series.json', json(curves(rows, series, curvesTree)));
  });
  app.get('/export/series.csv', async (context) => {
    const rows = await named(context);
    return given(context, 'series.csv', withHead(curves(rows, series, curvesCsv)));
  });
  return app;
}

/** Answers with a file, piece by piece. */
function given(context: Context, name: string, pieces: Iterable<string>): Response {
  context.header('Content-Disposition', `attachment; filename="${name}"`);
  context.header('Content-Type', name.endsWith('.csv') ? 'text/csv; charset=utf-8' : 'application/json');
  return stream(context, async (out) => {
    for (const piece of pieces) {
      if (out.aborted) break;
      await out.write(piece);
    }
  });
}

function* json(values: Iterable<unknown>): Generator<string> {
  let before = '[\n';
  for (const value of values) {
    yield `${before}${JSON.stringify(value)}`;
    before = ',\n';
  }
  yield before === '[\n' ? '[]\n' : '\n]\n';
}

type Row = Readonly<Record<string, CsvCell>>;

function runRow(row: RunRow, noted: RunNote | undefined): Row {
  const { id, status, model, recipe, data, seed, fold, group, experiment, epochs, bestEpoch, started, seconds } = row;
  return {
    ...{ run: id, status, model, recipe, data, seed, fold, group, experiment, started, seconds },
    ...{ epochs: epochs?.done, best_epoch: bestEpoch, problem: row.problem },
    ...row.set,
    ...prefixed('valid', row.valid),
    ...prefixed('test', row.test),
    ...{ tags: noted?.tags.join(';'), note: noted?.note },
  };
}

const prefixed = (split: string, figures: RunRow['valid'] = {}): Row =>
  Object.fromEntries(Object.entries(figures).map(([name, value]) => [`${split}:${name}`, value]));

/** A column for each name that some row has, in the order in which they come. */
function csvOf(rows: readonly Row[]): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return [names, ...rows.map((row) => names.map((name) => row[name]))].map(csvLine).join('');
}

function* curves<T>(
  rows: readonly RunRow[],
  series: Served['series'],
  tell: (id: string, reader: RunSeriesReader) => T,
): Generator<T> {
  for (const { id } of rows) {
    const reader = series(id);
    if (reader) yield tell(id, reader);
  }
}

/** By epoch, the values by their kind and name. */
const curvesTree = (run: string, reader: RunSeriesReader): unknown => ({
  run,
  epochs: reader.rows().map(({ epoch, values }) => ({ epoch, ...Object.fromEntries(values) })),
});

/** In the long form that every tool of statistics reads: a line for each number. */
const curvesCsv = (run: string, reader: RunSeriesReader): string =>
  reader
    .rows()
    .flatMap(({ epoch, values }) =>
      [...values].flatMap(([name, value]) => (value === null ? [] : [csvLine([run, epoch, name, value])])),
    )
    .join('');

function* withHead(pieces: Iterable<string>): Generator<string> {
  yield csvLine(['run', 'epoch', 'curve', 'value']);
  yield* pieces;
}
