/** The JSON that a server of models is sent and answers, as JSON Schema. */

export type Schema = Readonly<Record<string, unknown>>;

const text = { type: 'string' } as const;
const listOf = (items: Schema): Schema => ({ type: 'array', items });
const object = (properties: Readonly<Record<string, Schema>>, required = Object.keys(properties)): Schema => ({
  ...{ type: 'object', properties, required },
});
const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

const parameters = { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean'] } } as const;
const shape = listOf({ type: 'integer' });
const datatype = { enum: ['FP32', 'INT64'] } as const;

export const schemas = {
  Error: object({ error: text }),
  Server: object({ name: text, version: text, extensions: listOf(text) }),
  Health: object({ live: { type: 'boolean' }, ready: { type: 'boolean' } }, ['live']),
  Models: listOf(object({ name: text, versions: listOf(text) })),
  Model: object({
    ...{ name: text, versions: listOf(text), platform: text },
    ...{ inputs: listOf(ref('TensorMetadata')), outputs: listOf(ref('TensorMetadata')) },
  }),
  ModelReady: object({ name: text, ready: { type: 'boolean' } }),
  TensorMetadata: object({ name: text, datatype, shape: { ...shape, description: '-1: an axis of any size' } }),
  TensorData: {
    type: 'array',
    description: 'In row-major order, flat or nested as the shape is; null: a number that is missing',
    items: { anyOf: [ref('TensorData'), { type: ['number', 'null'] }] },
  },
  InferRequest: object(
    {
      ...{ id: text, parameters },
      inputs: listOf(
        object({ name: text, shape, datatype, parameters, data: ref('TensorData') }, ['name', 'shape', 'datatype']),
      ),
      outputs: listOf(object({ name: text, parameters }, ['name'])),
    },
    ['inputs'],
  ),
  InferResponse: object(
    {
      ...{ model_name: text, model_version: text, id: text },
      outputs: listOf(
        object({ name: text, shape, datatype, parameters, data: ref('TensorData') }, ['name', 'shape', 'datatype']),
      ),
    },
    ['model_name', 'outputs'],
  ),
  PredictRequest: object(
    {
      samples: {
        ...listOf({ type: 'object' }),
        minItems: 1,
        description:
          'id, and each modality as a list of steps, a vector or columns, as they were trained on; one that a sample lacks is left out or null',
      },
      long: { enum: ['cut', 'refuse'], description: 'what becomes of sequences longer than the model takes' },
    },
    ['samples'],
  ),
  PredictResponse: object({ predictions: listOf(ref('Prediction')), warnings: listOf(text) }, ['predictions']),
  Prediction: object(
    {
      id: text,
      prediction: {
        anyOf: [text, { type: 'number' }, { type: 'object', additionalProperties: { type: 'number' } }],
        description: 'a value, the name of a class, or by name a value or whether a label is predicted (1 or 0)',
      },
      probabilities: { type: 'object', additionalProperties: { type: 'number' } },
    },
    ['id', 'prediction'],
  ),
} as const satisfies Readonly<Record<string, Schema>>;

export type SchemaName = keyof typeof schemas;
