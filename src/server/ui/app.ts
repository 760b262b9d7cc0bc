/** The server of `decalign ui`: api/routes.ts has its routes. */
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { mapTexts } from '../../json/tree.ts';
import { allowedHosts } from '../http/allowed-hosts.ts';
import { sameOrigin } from '../http/same-origin.ts';
import type { Problem, RunList } from './api/routes.ts';
import { benchmarkView } from './benchmark-view.ts';
import { columnsAsked, events } from './events.ts';
import { exportRoutes } from './export-routes.ts';
import { changeSchema, NotesChangedError } from './folder/notes.ts';
import { failureText } from './folder/watched-run.ts';
import { securityHeaders } from './page-security.ts';
import { answerPage, pages, wantsPage } from './pages.ts';
import { readingProblem } from './reading-problem.ts';
import { redacted } from './redacted.ts';
import { runDetail } from './run-detail.ts';
import { fileOf, recordWithout } from './run-files.ts';
import { runNamed, served, type Served } from './served.ts';
import { openSession, sessionAsked } from './session.ts';
import type { Redaction } from '../../report/shareable.ts';
import { idOf } from './folder/ids.ts';
import type { RunFolderOptions } from './folder/run-folder.ts';
import { startRoutes } from './start/start-routes.ts';
import { Starter } from './start/starter.ts';
import { NoViewError } from './views/view-maker.ts';
import { viewRoutes } from './views/view-routes.ts';

export interface UiOptions {
  /** The folder with runs. */
  readonly root: string;
  /** The folder with the scripts and styles of the pages. */
  readonly pages: string;
  /** Files with data that runs may be shown on. */
  readonly data?: readonly string[];
  /** Asked of whoever connects. Default: nobody is asked. */
  readonly token?: string | undefined;
  /** The command that starts `decalign`, where runs may be started. Default: they may not. */
  readonly start?: readonly [string, ...string[]] | undefined;
  /** Names that the server answers for, besides those of this machine. */
  readonly hosts?: readonly string[];
}

export interface UiServer extends Pick<Hono, 'fetch' | 'request'> {
  /** The ids of runs that were started here and train. */
  readonly running: () => readonly string[];
  /** Ends what makes views; trainings go on. */
  readonly close: () => void;
}

/** Longest body of a request, in bytes. */
const longest = 2 ** 20;
/** Milliseconds that the first list waits for a folder to be read; what is missing then comes as events. */
const patience = 300;

/** Makes the server, which begins to read the folder. */
export function uiApp({ root, pages: built, data = [], token, start, hosts = [] }: UiOptions): UiServer {
  const folder = path.resolve(root);
  const starter = start && new Starter(start, folder, data);
  const shared = served(folder, { data, about: starter && ownRow(starter, redacted(folder, { data })) });
  const redact = redacted(shared.folder.root, { data });
  const app = new Hono();
  app.use(securityHeaders, allowedHosts(hosts), sameOrigin);
  const limited = bodyLimit({
    maxSize: longest,
    onError: (context) => problem(context, 413, 'The request is longer than 1 MiB.'),
  });
  app.use('/api/*', limited, async (context, next) => {
    await next();
    context.res.headers.set('Cache-Control', 'no-store');
  });
  app.post('/api/session', (context) => openSession(context, token));
  if (token !== undefined) app.use('/api/*', sessionAsked(token));
  app.route('/api', routes(shared, { allowStart: starter !== undefined }));
  if (starter) app.route('/api', startRoutes(shared, starter));
  app.route('/api', viewRoutes(shared));
  app.route('/api', exportRoutes(shared));
  app.route('/', pages(built));
  app.notFound((context) =>
    wantsPage(context) ? answerPage(context, 404) : problem(context, 404, 'There is nothing at this address.'),
  );
  app.onError((error, context) => {
    if (error instanceof HTTPException) return problem(context, error.status, error.message);
    return problem(context, error instanceof NoViewError ? 422 : 500, redact(readingProblem(error)));
  });
  void shared.folder.fresh();
  return {
    fetch: app.fetch,
    request: app.request,
    running: () => (starter?.running() ?? []).map((directory) => idOf(folder, directory)),
    close: () => shared.views.close(),
  };
}

/** What rows say of runs that were started here. */
const ownRow =
  (starter: Starter, redact: Redaction): RunFolderOptions['about'] =>
  (directory, status) => {
    const found = starter.about(directory);
    if (!found) return {};
    return {
      own: true,
      // A process that has given its run back, or not taken it yet, can be stopped and not gone on with.
      ...((status === 'interrupted' || status === 'failed') && found.lives && { status: 'running' as const }),
      ...(found.failure !== undefined && { problem: failureText(redact(found.failure)) }),
    };
  };

const problem = (context: Context, status: HTTPException['status'], error: string): Response => {
  const told: Problem = { error };
  return context.json(told, status);
};

function routes(shared: Served, { allowStart }: Pick<RunList, 'allowStart'>): Hono {
  const { folder, notes, series, data } = shared;
  const app = new Hono();
  app.get('/runs', async (context) => {
    await folder.fresh({ within: patience });
    const list: RunList = { ...folder.list(), folder: folder.name, allowStart, notes: notes.read() };
    return context.json(list);
  });
  app.get('/events', (context) => events(context, shared));
  app.get('/runs/:id', async (context) => {
    const run = await runNamed(shared, context.req.param('id'));
    const redact = redacted(folder.root, { data, run });
    return context.json(runDetail(run, { rows: folder.rows(), data, redact }));
  });
  app.get('/runs/:id/files/:name', async (context) => {
    const run = await runNamed(shared, context.req.param('id'));
    const name = context.req.param('name');
    const file = await fileOf(run.directory, name);
    if (file === undefined)
      throw new HTTPException(404, { message: `The run has no file "${name}" to be taken away.` });
    context.header(
      'Content-Disposition',
      `attachment; filename*=UTF-8''${encodeURIComponent(path.basename(name)).replaceAll("'", '%27')}`,
    );
    context.header('Content-Type', 'application/octet-stream');
    const record = await recordWithout(file, redacted(folder.root, { data, run }));
    return context.body(record ?? Readable.toWeb(createReadStream(file)));
  });
  app.get('/runs/:id/series', async (context) => {
    const { id } = await runNamed(shared, context.req.param('id'));
    return context.json(series(id)!.since('', columnsAsked(context.req.queries('column'))));
  });
  app.get('/benchmarks/:id', async (context) => {
    const id = context.req.param('id');
    if (!folder.experiment(id)) await folder.lookAnew();
    const experiment = folder.experiment(id);
    if (!experiment) throw new HTTPException(404, { message: `There is no benchmark "${id}" in ${folder.name}.` });
    const { directory, row } = experiment;
    const view = benchmarkView({ root: folder.root, directory, row, rows: folder.rows() });
    return context.json(mapTexts(view, redacted(folder.root)));
  });
  app.get('/notes', (context) => context.json(notes.read()));
  app.put('/notes/:id', async (context) => {
    const { id } = await runNamed(shared, context.req.param('id'));
    const change = changeSchema.safeParse(await context.req.json().catch(() => undefined));
    if (!change.success)
      throw new HTTPException(400, { message: `This is no note: ${change.error.issues[0]!.message}.` });
    try {
      return context.json(await notes.change(id, change.data));
    } catch (error) {
      if (error instanceof NotesChangedError) return context.json(notes.read(), 409);
      throw error;
    }
  });
  return app;
}
