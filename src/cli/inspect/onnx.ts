/** What `inspect` says of an ONNX file: one that `decalign export` wrote, or any other. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { FormatError } from '../../files/error.ts';
import { readBytes } from '../../files/read.ts';
import { parsedText } from '../../json/text.ts';
import { isTree } from '../../json/tree.ts';
import { describeOnnx, type OnnxValue } from '../../onnx/describe.ts';

/** The ONNX file that a place is, or that a folder which `decalign export` wrote holds; undefined where there is none. */
export function onnxFileAt(place: string): string | undefined {
  if (path.extname(place).toLowerCase() === '.onnx') return place;
  const holds = (name: string): boolean => existsSync(path.join(place, name));
  const isExport = holds('model.onnx') && holds('model.json') && !holds('dataset.yaml');
  return isExport ? path.join(place, 'model.onnx') : undefined;
}

/** The model, data and training that an exported file names, how it is called, and what is in it. */
export function inspectOnnx(file: string): unknown {
  const { producer, opset, nodes, inputs, outputs, metadata } = described(file);
  const { producer: by, model, dataset, config, ...rest } = metadata;
  const trained = Object.fromEntries(Object.entries(rest).map(([key, text]) => [key, parsedText(text)]));
  const meanings = meaningsBeside(file);
  const named = (values: readonly OnnxValue[]): Record<string, unknown> =>
    Object.fromEntries(
      values.map(({ name, dtype, shape }) => [name, `${dtype} [${shape.join(', ')}]${meanings.get(name) ?? ''}`]),
    );
  return {
    format: by === 'decalign' ? 'ONNX, by decalign export' : 'ONNX',
    ...(by !== 'decalign' && producer !== '' && { producer }),
    ...{ model, dataset, ...trained, inputs: named(inputs), outputs: named(outputs), opset, nodes },
    ...(config !== undefined && { config: parsedText(config) }),
  };
}

function described(file: string): ReturnType<typeof describeOnnx> {
  const bytes = readBytes(file);
  try {
    return describeOnnx(bytes);
  } catch (error) {
    throw new FormatError(file, `${(error as Error).message}; copy or export it again.`, { cause: error });
  }
}

/** What each input and output means, by the `model.json` beside the file; none where that is missing or another. */
function meaningsBeside(file: string): ReadonlyMap<string, string> {
  const beside = path.join(path.dirname(file), 'model.json');
  const content = existsSync(beside) ? parsedText(readFileSync(beside, 'utf8')) : undefined;
  const values = isTree(content) ? [content['inputs'], content['outputs']].flat() : [];
  return new Map(
    values.flatMap((value) =>
      isTree(value) && typeof value['name'] === 'string' && typeof value['meaning'] === 'string'
        ? [[value['name'], `: ${value['meaning']}`] as const]
        : [],
    ),
  );
}
