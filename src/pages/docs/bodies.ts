/** Bodies of requests as a person reads and changes them. */
import type { DescribedModel, TensorMetadata } from '../../server/serve/described.ts';

/** A way to ask a model: its path, and a body to begin with. */
export interface Way {
  readonly label: string;
  readonly path: string;
  readonly body: string;
}

export const waysOf = (model: DescribedModel): readonly [Way, Way] => [
  {
    label: 'Samples, as they are trained on',
    path: `/v1/predict/${encodeURIComponent(model.name)}`,
    body: pretty(model.example),
  },
  {
    label: 'Tensors of the Open Inference Protocol',
    path: `/v2/models/${encodeURIComponent(model.name)}/infer`,
    body: pretty(tensorsFor(model)),
  },
];

/** A request with the smallest of the model's modalities: those that are left out are absent. */
function tensorsFor({ inputs }: DescribedModel): unknown {
  const numbers = ({ shape }: TensorMetadata): number => shape.slice(1).reduce((product, size) => product * size, 1);
  const tensor = ({ name, datatype, shape }: TensorMetadata, value: number): object => ({
    ...{ name, shape: [1, ...shape.slice(1)], datatype },
    data: Array.from({ length: numbers({ name, datatype, shape }) }, () => value),
  });
  const [sequence] = inputs.filter(({ shape }) => shape.length > 1).toSorted((a, b) => numbers(a) - numbers(b));
  const modality = sequence?.datatype === 'INT64' ? sequence.name.replace(/_(ids|segments)$/, '') : sequence?.name;
  const own = inputs.filter(({ name }) => name === modality || name === `${modality ?? ''}_ids`);
  const lengths = inputs.filter(({ name }) => name === `${modality ?? ''}_lengths`);
  return { id: '1', inputs: [...own.map((input) => tensor(input, 0)), ...lengths.map((input) => tensor(input, 1))] };
}

/** JSON with a line for each entry, and lists of numbers in one. */
function pretty(value: unknown, indent = ''): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.every((each) => typeof each !== 'object' || each === null))
      return `[${value.map((each) => JSON.stringify(each)).join(', ')}]`;
    return `[\n${value.map((each) => inner + pretty(each, inner)).join(',\n')}\n${indent}]`;
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(
    ([name, each]) => `${inner}${JSON.stringify(name)}: ${pretty(each, inner)}`,
  );
  return entries.length === 0 ? '{}' : `{\n${entries.join(',\n')}\n${indent}}`;
}

/** The answer as a person reads it; as it came where it is no JSON. */
export function readable(text: string): string {
  try {
    return pretty(JSON.parse(text));
  } catch {
    return text;
  }
}
