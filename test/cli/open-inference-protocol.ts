/**
 * What the Open Inference Protocol, version 2, says of answers over HTTP, written anew from its text (inference_rest.md of
 * kserve/open-inference-protocol) and that of Triton's extension for binary tensors. Objects have the fields of the text and no
 * others.
 */
import * as z from 'zod';

const parameters = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const datatypes = [
  ...['BOOL', 'UINT8', 'UINT16', 'UINT32', 'UINT64', 'INT8', 'INT16', 'INT32', 'INT64'],
  ...['FP16', 'FP32', 'FP64', 'BYTES'],
] as const;
const datatype = z.enum(datatypes);

const metadataTensor = z.strictObject({ name: z.string(), datatype, shape: z.array(z.int().min(-1)) });

export const metadataServer = z.strictObject({
  name: z.string(),
  version: z.string(),
  extensions: z.array(z.string()),
});

export const metadataModel = z.strictObject({
  name: z.string(),
  versions: z.array(z.string()).optional(),
  platform: z.string(),
  inputs: z.array(metadataTensor),
  outputs: z.array(metadataTensor),
});

export const modelReady = z.strictObject({ name: z.string(), ready: z.boolean() });

/** The text calls the field of readiness `live` too; servers of it answer `ready`. */
export const serverHealth = z.strictObject({ live: z.boolean(), ready: z.boolean().optional() });

export const protocolError = z.strictObject({ error: z.string().min(1) });

type TensorData = (number | string | boolean | TensorData)[];
const tensorData: z.ZodType<TensorData> = z.lazy(() =>
  z.array(z.union([z.number(), z.string(), z.boolean(), tensorData])),
);

const count = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);
const flat = (data: TensorData): unknown[] => data.flatMap((value) => (Array.isArray(value) ? flat(value) : [value]));

/** Either numbers as JSON, as many as the shape says, or by the extension the size of the bytes that follow. */
const responseOutput = z
  .strictObject({
    name: z.string(),
    shape: z.array(z.int().nonnegative()),
    datatype,
    parameters: parameters.optional(),
    data: tensorData.optional(),
  })
  .refine(({ data, parameters: given }) => (data === undefined) === Number.isInteger(given?.['binary_data_size']), {
    error: 'data, or binary_data_size',
  })
  .refine(({ data, shape }) => data === undefined || flat(data).length === count(shape), {
    error: 'as many as the shape',
  });

export const inferenceResponse = z.strictObject({
  model_name: z.string(),
  model_version: z.string().optional(),
  id: z.string().optional(),
  parameters: parameters.optional(),
  outputs: z.array(responseOutput),
});
