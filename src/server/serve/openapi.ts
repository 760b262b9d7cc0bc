/** The interface of a server of models as an OpenAPI document, with the models that it has. */
import { version } from '../../runs/version.ts';
import type { DescribedModel, OpenApi, Operation } from './described.ts';
import { endpoints, type Endpoint, type EndpointName } from './endpoints.ts';
import { exampleOf } from './example.ts';
import { modelMetadata } from './protocol/metadata.ts';
import type { ServedModel } from './model.ts';
import { schemas, type Schema, type SchemaName } from './schemas.ts';

/** What is sent to an endpoint and what it answers, where that is JSON. */
const bodies: Readonly<Partial<Record<EndpointName, { readonly asks?: SchemaName; readonly answers: SchemaName }>>> = {
  server: { answers: 'Server' },
  live: { answers: 'Health' },
  ready: { answers: 'Health' },
  healthz: { answers: 'Health' },
  readyz: { answers: 'Health' },
  models: { answers: 'Models' },
  model: { answers: 'Model' },
  version: { answers: 'Model' },
  modelReady: { answers: 'ModelReady' },
  versionReady: { answers: 'ModelReady' },
  infer: { asks: 'InferRequest', answers: 'InferResponse' },
  versionInfer: { asks: 'InferRequest', answers: 'InferResponse' },
  predict: { asks: 'PredictRequest', answers: 'PredictResponse' },
};

export function openapi(
  models: readonly Pick<ServedModel, 'name' | 'version' | 'description' | 'readTexts'>[],
  { token }: { readonly token: boolean },
): OpenApi {
  const paths = Object.entries(endpoints).map(([name, endpoint]): [string, Record<string, Operation>] => [
    endpoint.path.replaceAll(/:(\w+)/g, '{$1}'),
    { [endpoint.method.toLowerCase()]: operation(name as EndpointName, endpoint, token) },
  ]);
  return {
    openapi: '3.1.0',
    info: { title: 'Models served by decalign', version },
    paths: Object.fromEntries(paths),
    components: {
      schemas,
      ...(token && { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } }),
    },
    'x-decalign-models': models.map(described),
  };
}

function operation(name: EndpointName, endpoint: Endpoint, token: boolean): Operation {
  const { asks, answers } = bodies[name] ?? {};
  const json = (schema: SchemaName): Schema => ({
    'application/json': { schema: { $ref: `#/components/schemas/${schema}` } },
  });
  const bytes = asks === 'InferRequest' && {
    'application/octet-stream': { schema: { type: 'string', format: 'binary' } },
  };
  const error = (description: string): Schema => ({ description, content: json('Error') });
  return {
    operationId: name,
    summary: endpoint.about,
    parameters: [...endpoint.path.matchAll(/:(\w+)/g)].map(([, parameter]) => ({
      ...{ name: parameter, in: 'path', required: true, schema: { type: 'string' } },
    })),
    ...(asks && { requestBody: { required: true, content: { ...json(asks), ...bytes } } }),
    responses: {
      200: { description: 'OK', ...(answers && { content: { ...json(answers), ...bytes } }) },
      ...(token && !endpoint.open && { 401: error('The token is missing or wrong') }),
      ...(endpoint.path.includes(':') && { 404: error('There is no such thing') }),
      ...(asks && {
        400: error('The request is wrong: which input, and where in it'),
        408: error('The body did not arrive in time'),
        413: error('The body, or what it comes to, is too large'),
        503: error('Too many requests wait; Retry-After says for how long'),
        504: error('There was no answer in time'),
      }),
    },
    ...(token && !endpoint.open && { security: [{ token: [] }] }),
  };
}

function described(model: Pick<ServedModel, 'name' | 'version' | 'description' | 'readTexts'>): DescribedModel {
  const { description } = model;
  const { inputs, outputs } = description;
  return {
    ...modelMetadata(model),
    ...{ model: description.model, dataset: description.dataset, task: description.task },
    meanings: Object.fromEntries([...inputs, ...outputs].map(({ name, meaning }) => [name, meaning])),
    example: { samples: [exampleOf(description, { texts: model.readTexts !== undefined })] },
  };
}
