/** The server of `decalign ui`: api.ts has its routes. */
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { allowedHosts } from '../http/allowed-hosts.ts';
import { sameOrigin } from '../http/same-origin.ts';
import type { Problem, RunList } from './api.ts';
import { columnsAsked, events } from './events.ts';
import { changeSchema, NotesChangedError } from './notes.ts';
import { securityHeaders } from './page-security.ts';
import { pages } from './pages.ts';
import { redacted } from './redacted.ts';
import { runDetail } from './run-detail.ts';
import { fileOf, recordWithout } from './run-files.ts';
import { served, type Served } from './served.ts';
import { openSession, sessionAsked } from './session.ts';
import type { WatchedRun } from './watched-run.ts';

export interface UiOptions {
  /** The folder with runs. */
  readonly root: string;
  /** The folder with the scripts and styles of the pages. */
  readonly pages: string;
  /** Files with data that runs may be shown on. */
  readonly data?: readonly string[];
  /** Asked of whoever connects. Default: nobody is asked. */
  readonly token?: string | undefined;
  /** Names that the server answers for, besides those of this machine. */
  readonly hosts?: readonly string[];
}

/** Longest body of a request, in bytes. */
const longest = 2 ** 20;
/** Milliseconds that the first list waits for a folder to be read; what is missing then comes as events. */
const patience = 300;

/** Makes the server, which begins to read the folder. */
export function uiApp({ root, pages: folder, data = [], token, hosts = [] }: UiOptions): Hono {
  const shared = served(root, { data });
  const app = new Hono();
  app.use(securityHeaders, allowedHosts(hosts), sameOrigin);
  app.use('/api/*', bodyLimit({ maxSize: longest }), async (context, next) => {
    await next();
    context.res.headers.set('Cache-Control', 'no-store');
  });
  app.post('/api/session', (context) => openSession(context, token));
  if (token !== undefined) app.use('/api/*', sessionAsked(token));
  app.route('/api', routes(shared));
  app.route('/', pages(folder));
  app.notFound((context) => problem(context, 404, 'There is nothing at this address.'));
  app.onError((error, context) => {
    if (error instanceof HTTPException) return problem(context, error.status, error.message);
    return problem(context, 500, error.message);
  });
  void shared.folder.fresh();
  return app;
}

const problem = (context: Context, status: HTTPException['status'], error: string): Response => {
  const told: Problem = { error };
  return context.json(told, status);
};

function routes(shared: Served): Hono {
  const { folder, notes, series, data } = shared;
  const app = new Hono();
  app.get('/runs', async (context) => {
    await folder.fresh({ within: patience });
    const list: RunList = { ...folder.list(), folder: folder.name, allowStart: false, notes: notes.read() };
    return context.json(list);
  });
  app.get('/events', (context) => events(context, shared));
  app.get('/runs/:id', async (context) => {
    const run = await runNamed(context, shared);
    const redact = redacted(folder.root, { data, run });
    return context.json(runDetail(run, { rows: folder.rows(), data, redact }));
  });
  app.get('/runs/:id/files/:name', async (context) => {
    const run = await runNamed(context, shared);
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
    const { id } = await runNamed(context, shared);
    return context.json(series(id)!.since('', columnsAsked(context.req.queries('column'))));
  });
  app.get('/notes', (context) => context.json(notes.read()));
  app.put('/notes/:id', async (context) => {
    const { id } = await runNamed(context, shared);
    const change = changeSchema.safeParse(await context.req.json().catch(() => undefined));
    if (!change.success)
      throw new HTTPException(400, { message: `This is no note: ${change.error.issues[0]!.message}.` });
    try {
      return context.json(notes.change(id, change.data));
    } catch (error) {
      if (error instanceof NotesChangedError) return context.json(notes.read(), 409);
      throw error;
    }
  });
  return app;
}

/** The run that a route names. */
async function runNamed(context: Context, { folder }: Served): Promise<WatchedRun> {
  const id = context.req.param('id')!;
  // One that is new may not have been seen yet.
  if (!folder.run(id)) await folder.fresh();
  const run = folder.run(id);
  if (!run) throw new HTTPException(404, { message: `There is no run "${id}" in ${folder.name}.` });
  return run;
}
