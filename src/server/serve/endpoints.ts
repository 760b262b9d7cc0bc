/** What a server of models answers, a row for each: routes, descriptions and the page are made of this table. */

export interface Endpoint {
  readonly method: 'GET' | 'POST';
  /** As hono has it: `:model` and `:version` stand for names. */
  readonly path: string;
  /** One line. */
  readonly about: string;
  /** Whether it is answered without a token. */
  readonly open?: true;
}

const row = (method: Endpoint['method'], path: string, about: string): Endpoint => ({ method, path, about });
const openRow = (path: string, about: string): Endpoint => ({ ...row('GET', path, about), open: true });

/** Each by what it does. */
export const endpoints = {
  server: row('GET', '/v2', 'The server: its name, version and extensions'),
  live: openRow('/v2/health/live', 'Whether the server lives'),
  ready: openRow('/v2/health/ready', 'Whether all models answer: 503 from the moment that the server is to end'),
  models: row('GET', '/v2/models', 'The models: name and versions of each'),
  model: row('GET', '/v2/models/:model', 'A model: its versions, inputs and outputs'),
  modelReady: row('GET', '/v2/models/:model/ready', 'Whether a model answers'),
  infer: row('POST', '/v2/models/:model/infer', 'Outputs for tensors, as JSON or bytes'),
  version: row('GET', '/v2/models/:model/versions/:version', 'The same of a version'),
  versionReady: row('GET', '/v2/models/:model/versions/:version/ready', 'Whether a version answers'),
  versionInfer: row('POST', '/v2/models/:model/versions/:version/infer', 'Outputs of a version'),
  predict: row('POST', '/v1/predict/:model', 'Predictions for samples as they are trained on'),
  openapi: row('GET', '/openapi.json', 'This interface as OpenAPI 3.1'),
  metrics: row('GET', '/metrics', 'What was counted, for Prometheus'),
  healthz: openRow('/healthz', 'Whether the server lives'),
  readyz: openRow('/readyz', 'Whether all models answer'),
  home: openRow('/', 'The page, by another address'),
  docs: openRow('/docs', 'A page on all this, to try it'),
  docsFile: openRow('/docs/:file', 'What the page is made of'),
} as const satisfies Readonly<Record<string, Endpoint>>;

export type EndpointName = keyof typeof endpoints;
