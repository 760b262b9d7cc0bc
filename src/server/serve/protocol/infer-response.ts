/** The answer to a request of the Open Inference Protocol: JSON, with the bytes behind it of the outputs that are asked for so. */
import type { Tensors } from '../../../deploy/inputs.ts';
import { bytesOf } from '../../../formats/bytes/numbers.ts';
import { jsonLengthHeader } from './infer-body.ts';
import { datatypes, type InferRequest } from './infer-request.ts';

export interface InferResponse {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly headers: Readonly<Record<string, string>>;
}

export function inferResponse(
  { id, outputs: requested }: Pick<InferRequest, 'id' | 'outputs'>,
  outputs: Tensors,
  { name, version }: { readonly name: string; readonly version: string },
): InferResponse {
  const binary: Uint8Array[] = [];
  const described = requested.map(({ output, binary: isBinary }) => {
    const { shape, data } = outputs[output.name]!;
    const tensor = { name: output.name, datatype: datatypes[output.dtype], shape };
    if (!isBinary) return { ...tensor, data: Array.from<number | bigint, number>(data, Number) };
    const bytes = bytesOf(data);
    binary.push(bytes);
    return { ...tensor, parameters: { binary_data_size: bytes.length } };
  });
  const json = Buffer.from(JSON.stringify({ model_name: name, model_version: version, id, outputs: described }));
  if (binary.length === 0) return { body: new Uint8Array(json), headers: { 'Content-Type': 'application/json' } };
  return {
    body: new Uint8Array(Buffer.concat([json, ...binary])),
    headers: { 'Content-Type': 'application/octet-stream', [jsonLengthHeader]: String(json.length) },
  };
}
