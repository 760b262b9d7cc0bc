/** The server of models: the endpoints of the table, behind what decides who may ask. */
import { type Context, Hono } from 'hono';
import { cors } from 'hono/cors';
import { allowedHosts } from '../http/allowed-hosts.ts';
import { sameOrigin } from '../http/same-origin.ts';
import { bearerToken } from '../http/token.ts';
import { type AnswerOptions, infer, predict } from './answers.ts';
import { docsFile, docsPage } from './docs.ts';
import { endpoints, type Endpoint, type EndpointName } from './endpoints.ts';
import { jsonLengthHeader } from './protocol/infer-body.ts';
import type { Metrics } from './metrics.ts';
import type { ServedModel } from './model.ts';
import { modelMetadata, serverMetadata } from './protocol/metadata.ts';
import { openapi } from './openapi.ts';
import { Refusal } from './refusal.ts';
import { type Note, requestLine } from './request-log.ts';
import { nearest } from '../../text/nearest.ts';

export interface ServerOptions extends AnswerOptions {
  readonly models: readonly ServedModel[];
  readonly metrics: Metrics;
  /** What requests must carry. Default: anybody may ask. */
  readonly token?: string | undefined;
  /** Names that the server answers for, besides those of this machine; `*`: any. Default: none. */
  readonly hosts?: readonly string[];
  /** Origins of pages that may ask, as `https://example.org`; `*`: all. Default: none but the server's own. */
  readonly origins?: readonly string[];
  /** Whether all models answer. */
  readonly isReady: () => boolean;
  /** Takes a line for each request. */
  readonly log: (line: string) => void;
  /** Is told of an error that is no fault of a request. */
  readonly onError: (error: Error) => void;
}

interface Environment {
  Variables: { note: Note };
}
type Asked = Context<Environment>;
type Answer = (context: Asked) => Response | Promise<Response>;

export function serverApp(options: ServerOptions): Hono<Environment> {
  const { models, metrics, token, hosts = [], origins = [], isReady, log, onError } = options;
  const app = new Hono<Environment>({ strict: false });

  app.use(async (context, next) => {
    const start = performance.now();
    const note: Note = {};
    context.set('note', note);
    await next();
    const { method, path } = context.req;
    const answered = { method, path, status: context.res.status, ms: performance.now() - start };
    metrics.request({ ...answered, route: note.route ?? 'none', model: note.model ?? '' });
    log(requestLine(answered, note));
  });
  app.onError((error, context) => {
    if (error instanceof Refusal) return refused(error);
    onError(error);
    return context.json({ error: 'The server failed; its operator has been told why.' }, 500);
  });
  app.notFound((context) =>
    context.json({ error: `There is nothing at ${context.req.path}; /docs lists what there is.` }, 404),
  );

  if (token === undefined && !hosts.includes('*')) app.use(allowedHosts(hosts));
  // In a list the middleware takes `*` for the name of an origin.
  const origin = origins.includes('*') ? '*' : [...origins];
  if (origins.length > 0) app.use(cors({ origin, exposeHeaders: [jsonLengthHeader, 'Retry-After'] }));
  const isAllowed = (origin: string | undefined): boolean =>
    origin !== undefined && (origins.includes('*') || origins.includes(origin));
  app.use((context, next) => (isAllowed(context.req.header('origin')) ? next() : sameOrigin(context, next)));

  const modelOf = (context: Asked): ServedModel => {
    const { model: name = '', version } = context.req.param();
    const model = models.find((each) => each.name === name);
    if (!model)
      throw new Refusal(
        404,
        `There is no model ${JSON.stringify(name)}; ${meant(
          name,
          models.map((each) => each.name),
        )}`,
      );
    if (version !== undefined && version !== model.version)
      throw new Refusal(
        404,
        `The model ${JSON.stringify(name)} has no version ${JSON.stringify(version)}; it is ${model.version}.`,
      );
    return model;
  };
  const metadata: Answer = (context) => context.json(modelMetadata(modelOf(context)));
  const ready: Answer = (context) => context.json({ name: modelOf(context).name, ready: isReady() });
  const inferring: Answer = (context) => infer(context, context.get('note'), modelOf(context), options);
  const health: Answer = (context) => context.json({ live: true, ready: isReady() }, isReady() ? 200 : 503);
  const live: Answer = (context) => context.json({ live: true });
  const answers: Readonly<Record<EndpointName, Answer>> = {
    server: (context) => context.json(serverMetadata),
    live,
    ready: health,
    models: (context) => context.json(models.map(({ name, version }) => ({ name, versions: [version] }))),
    model: metadata,
    modelReady: ready,
    infer: inferring,
    version: metadata,
    versionReady: ready,
    versionInfer: inferring,
    predict: (context) => predict(context, context.get('note'), modelOf(context), options),
    openapi: (context) => context.json(openapi(models, { token: token !== undefined })),
    metrics: async (context) => context.body(await metrics.text(), 200, { 'Content-Type': metrics.contentType }),
    healthz: live,
    readyz: health,
    home: (context) => context.redirect('docs'),
    docs: docsPage,
    docsFile,
  };

  for (const name of Object.keys(endpoints) as EndpointName[]) {
    const { method, path, open }: Endpoint = endpoints[name];
    app.use(path, async (context, next) => {
      context.get('note').route = path;
      return next();
    });
    if (token !== undefined && !open) app.use(path, bearerToken(token));
    app.on(method, path, answers[name]);
    app.all(path, () => refused(new Refusal(405, `This is asked for by ${method}.`, { Allow: method })));
  }
  return app;
}

const refused = ({ status, message, headers }: Refusal): Response =>
  new Response(JSON.stringify({ error: message }), {
    status,
    headers: { 'Content-Type': 'application/json', ...headers },
  });

/** Which model was meant, or which there are. */
function meant(name: string, known: readonly string[]): string {
  const near = nearest(name.slice(0, 100), known);
  return near === undefined
    ? `there are ${known.map((each) => JSON.stringify(each)).join(', ')}.`
    : `did you mean ${JSON.stringify(near)}?`;
}
