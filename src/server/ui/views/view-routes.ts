/** The routes of what is made on demand of runs. */
import { Hono, type Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { dataOfRun } from '../data-of-run.ts';
import { comparedGroups } from '../compared-groups.ts';
import { lackingIn } from '../run-detail.ts';
import { runNamed, type Served } from '../served.ts';
import type { WatchedRun } from '../folder/watched-run.ts';
import { figureList } from './figures.ts';
import type { RunPlace } from './source-of-run.ts';
import type { ViewName, Views } from './views.ts';

export function viewRoutes(served: Served): Hono {
  const { folder, views, data } = served;
  const app = new Hono();
  const placeOf = (run: WatchedRun): RunPlace => {
    const { file, version } = dataOfRun(run.record?.data.source, data);
    return { directory: run.directory, ...(file !== undefined && { file }), version: `${run.version} ${version}` };
  };
  const made = async <N extends ViewName>(context: Context, view: N, args: Parameters<Views[N]>): Promise<Response> => {
    const { signal } = context.req.raw;
    const json = await views.make(view, args, { isWanted: () => !signal.aborted });
    return context.body(json, 200, { 'Content-Type': 'application/json' });
  };
  for (const view of ['facts', 'embedding', 'transport', 'robustness'] as const)
    app.get(`/runs/:id/${view}`, async (context) =>
      made(context, view, [placeOf(await runNamed(served, context.req.param('id')))]),
    );
  app.get('/runs/:id/predictions', async (context) => {
    const split = context.req.query('split') ?? 'test';
    return made(context, 'predictions', [placeOf(await runNamed(served, context.req.param('id'))), { split }]);
  });
  app.get('/runs/:id/samples/:sample', async (context) => {
    const run = await runNamed(served, context.req.param('id'));
    const { split = 'test', target } = context.req.query();
    const asked = { row: run.row, id: context.req.param('sample'), split, ...(target !== undefined && { target }) };
    return made(context, 'sample', [placeOf(run), asked]);
  });
  app.get('/runs/:id/figures', async (context) => {
    const run = await runNamed(served, context.req.param('id'));
    return context.json(figureList(run, lackingIn(run, dataOfRun(run.record?.data.source, data))));
  });
  app.get('/runs/:id/figures/:name{[\\w-]+\\.svg}', async (context) => {
    const run = await runNamed(served, context.req.param('id'));
    const name = context.req.param('name').replace(/\.svg$/, '');
    const sample = context.req.query('sample');
    const asked = { name, ...(sample !== undefined && { sample }) };
    const json = await views.make('figure', [placeOf(run), asked], { isWanted: () => !context.req.raw.signal.aborted });
    const svg = JSON.parse(json) as string;
    return context.body(svg, 200, { 'Content-Type': 'image/svg+xml' });
  });
  app.get('/compare', async (context) => {
    const ids = context.req.queries('ids') ?? [];
    if (ids.length === 0) throw new HTTPException(400, { message: 'Name the runs that are compared: ?ids=ID&ids=ID.' });
    if (ids.some((id) => !folder.run(id))) await folder.lookAnew();
    const runs = ids.flatMap((id) => folder.run(id) ?? []);
    if (runs.length === 0) throw new HTTPException(404, { message: `None of these runs is in ${folder.name}.` });
    return made(context, 'compare', [comparedGroups(runs), folder.root]);
  });
  return app;
}
