/** What is taken as a request of the protocol, and how all else is refused. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ValueDescription } from '../../../deploy/description.ts';
import { inferBody } from './infer-body.ts';
import { inferRequest, type InferRequest } from './infer-request.ts';
import { Refusal } from '../refusal.ts';

const value = (name: string, dtype: 'float32' | 'int64', ...axes: number[]): ValueDescription => ({
  ...{ name, dtype, shape: ['batch', ...axes], meaning: '' },
});
const model = {
  inputs: [
    value('text', 'float32', 2, 3),
    value('text_lengths', 'int64'),
    value('audio', 'float32', 1, 2),
    { ...value('words_ids', 'int64', 2), most: 49 },
    value('words_lengths', 'int64'),
  ],
  outputs: [value('logits', 'float32', 2), value('probabilities', 'float32', 2)],
};

type Json = Readonly<Record<string, unknown>>;
const text = { name: 'text', datatype: 'FP32', shape: [1, 2, 3], data: [1, 2, 3, 4, 5, 6] };
const lengths = { name: 'text_lengths', datatype: 'INT64', shape: [1], data: [2] };
const audio = { name: 'audio', datatype: 'FP32', shape: [1, 1, 2], data: [1, 2] };

const encoded = (body: unknown): Uint8Array => Buffer.from(JSON.stringify(body));
const read = (body: unknown, most = 1000): InferRequest =>
  inferRequest(inferBody(encoded(body), undefined), model, { most });
/** JSON with bytes behind it. */
const readBinary = (json: Json, ...parts: readonly ArrayBufferView[]): InferRequest => {
  const head = encoded(json);
  const bytes = parts.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength));
  return inferRequest(inferBody(Buffer.concat([head, ...bytes]), String(head.length)), model, { most: 1000 });
};

describe('a request', () => {
  test('becomes the inputs of the model, those it leaves out as what no sample has', () => {
    const { id, inputs, outputs } = read({ id: '42', inputs: [lengths, text] });
    expect(id).toBe('42');
    expect(inputs).toEqual({
      text: { shape: [1, 2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
      text_lengths: { shape: [1], data: BigInt64Array.of(2n) },
      audio: { shape: [1, 1, 2], data: Float32Array.of(NaN, NaN) },
      words_ids: { shape: [1, 2], data: BigInt64Array.of(0n, 0n) },
      words_lengths: { shape: [1], data: BigInt64Array.of(0n) },
    });
    expect(outputs.map(({ output, binary }) => [output.name, binary])).toEqual([
      ['logits', false],
      ['probabilities', false],
    ]);
  });

  test('has numbers flat or nested, and null for those that are missing', () => {
    const flat = [1, null, 3, 4, 5, 6];
    const nested = [
      [
        [1, null, 3],
        [4, 5, 6],
      ],
    ];
    for (const data of [flat, nested])
      expect(read({ inputs: [{ ...text, data }, lengths] }).inputs['text']!.data).toEqual(
        Float32Array.of(1, NaN, 3, 4, 5, 6),
      );
  });

  test('has bytes in place of numbers, in the order of its inputs', () => {
    const [bare, bareLengths] = [text, lengths].map((tensor) => ({ ...tensor, data: undefined }));
    const size = (bytes: number): Json => ({ parameters: { binary_data_size: bytes } });
    const { inputs, outputs } = readBinary(
      {
        inputs: [{ ...bareLengths, ...size(8) }, audio, { ...bare, ...size(24) }],
        outputs: [{ name: 'probabilities', parameters: { binary_data: true } }, { name: 'logits' }],
      },
      BigInt64Array.of(1n),
      Float32Array.of(1, 2, 3, NaN, 5, 6),
    );
    expect(inputs['text']!.data).toEqual(Float32Array.of(1, 2, 3, NaN, 5, 6));
    expect(inputs['text_lengths']!.data).toEqual(BigInt64Array.of(1n));
    expect(outputs.map(({ output, binary }) => [output.name, binary])).toEqual([
      ['probabilities', true],
      ['logits', false],
    ]);
    const all = read({
      inputs: [audio],
      parameters: { binary_data_output: true },
      outputs: [{ name: 'logits' }, { name: 'probabilities', parameters: { binary_data: false } }],
    });
    expect(all.outputs.map(({ binary }) => binary)).toEqual([true, false]);
  });
});

const inputsOf = (...inputs: readonly Json[]): Json => ({ inputs });

test.each<[string, unknown, string]>([
  ['a list', [], 'The body must be a JSON object.'],
  ['a number as id', { id: 1, inputs: [audio] }, '"id" must be a text, got 1.'],
  ['no inputs', {}, '"inputs" must be a list of tensors.'],
  ['an empty list of inputs', { inputs: [] }, '"inputs" must be a list of tensors.'],
  ['an input that is no object', { inputs: [audio, 3] }, '"inputs"[1] must be an object with a "name".'],
  [
    'an unknown input',
    inputsOf({ ...audio, name: 'video' }),
    'The model has no input "video"; it has "text", "text_lengths", "audio", "words_ids", "words_lengths".',
  ],
  ['a name of all objects', inputsOf({ ...audio, name: '__proto__' }), 'The model has no input "__proto__"'],
  ['an input twice', inputsOf(audio, audio), 'The input "audio" is there twice.'],
  [
    'no shape',
    inputsOf({ ...audio, shape: undefined }),
    'Input "audio" must have a "shape" that begins with a number of samples of at least 1.',
  ],
  ['no samples', inputsOf({ ...audio, shape: [0, 1, 2], data: [] }), 'Input "audio" must have a "shape" that begins'],
  ['half a sample', inputsOf({ ...audio, shape: [0.5, 1, 2] }), 'Input "audio" must have a "shape" that begins'],
  [
    'another width',
    inputsOf({ ...audio, shape: [1, 1, 3], data: [1, 2, 3] }),
    'Input "audio" must be of the shape [1, 1, 2], got [1, 1, 3].',
  ],
  ['another rank', inputsOf({ ...audio, shape: [1, 2] }), 'Input "audio" must be of the shape [1, 1, 2], got [1, 2].'],
  [
    'another number of samples',
    inputsOf(audio, { ...text, shape: [2, 2, 3] }, lengths),
    'Input "text" must be of the shape [1, 2, 3], got [2, 2, 3].',
  ],
  ['another type', inputsOf({ ...audio, datatype: 'FP64' }), 'Input "audio" must be of the datatype FP32, got "FP64".'],
  ['no data', inputsOf({ ...audio, data: undefined }), 'Input "audio" has no list "data".'],
  [
    'too few numbers',
    inputsOf({ ...audio, data: [1] }),
    'Input "audio" has 1 numbers in "data", and its shape [1, 1, 2] is 2.',
  ],
  [
    'too many steps',
    inputsOf(
      {
        ...text,
        data: [
          [
            [1, 2, 3],
            [1, 2, 3],
            [1, 2, 3],
          ],
        ],
      },
      lengths,
    ),
    'Input "text" at [0] has 3 where its shape says 2.',
  ],
  [
    'too few features',
    inputsOf(
      {
        ...text,
        data: [
          [
            [1, 2, 3],
            [1, 2],
          ],
        ],
      },
      lengths,
    ),
    'Input "text" at [0, 1] has 2 where its shape says 3.',
  ],
  ['a number for a list', inputsOf({ ...text, data: [[1, 2]] }, lengths), 'Input "text" at [0, 0] is no list.'],
  [
    'a text for a number',
    inputsOf({ ...text, data: [1, 2, 3, 4, '5', 6] }, lengths),
    'Input "text" at [0, 1, 1] is "5", no number.',
  ],
  [
    'a text for a nested number',
    inputsOf(
      {
        ...text,
        data: [
          [
            [1, 2, 3],
            [4, true, 6],
          ],
        ],
      },
      lengths,
    ),
    'Input "text" at [0, 1, 1] is true, no number.',
  ],
  ['a list for a number', inputsOf({ ...audio, data: [1, [2]] }), 'Input "audio" at [0, 0, 1] is a list, no number.'],
  [
    'a number beyond 32 bits',
    inputsOf({ ...audio, data: [1, 1e39] }),
    'Input "audio" at [0, 0, 1] is beyond the numbers of 32 bits',
  ],
  [
    'a length beyond the steps',
    inputsOf(text, { ...lengths, data: [3] }),
    'Input "text_lengths" at [0] is 3, no whole number of 0 to 2.',
  ],
  [
    'a length below 0',
    inputsOf(text, { ...lengths, data: [-1] }),
    'Input "text_lengths" at [0] is -1, no whole number of 0 to 2.',
  ],
  [
    'half a length',
    inputsOf(text, { ...lengths, data: [0.5] }),
    'Input "text_lengths" at [0] is 0.5, no whole number of 0 to 2.',
  ],
  [
    'no length',
    inputsOf(text, { ...lengths, data: [null] }),
    'Input "text_lengths" at [0] is null, no whole number of 0 to 2.',
  ],
  [
    'a token that there is not',
    inputsOf(
      { name: 'words_ids', datatype: 'INT64', shape: [1, 2], data: [49, 50] },
      { ...lengths, name: 'words_lengths' },
    ),
    'Input "words_ids" at [0, 1] is 50, no whole number of 0 to 49.',
  ],
  ['no lengths', inputsOf(text), 'Input "text_lengths" is missing: the steps of "text".'],
  ['lengths alone', inputsOf(lengths), 'Input "text" is missing, and "text_lengths" is there.'],
  ['parameters that are none', inputsOf({ ...audio, parameters: 3 }), '"parameters" must be an object, got 3.'],
  [
    'bytes that are not there',
    inputsOf({ ...audio, data: undefined, parameters: { binary_data_size: 8 } }),
    'Input "audio" must have a "binary_data_size" within the 0 bytes that follow the JSON, got 8.',
  ],
  [
    'numbers and bytes',
    inputsOf({ ...audio, parameters: { binary_data_size: 0 } }),
    'Input "audio" has both "data" and "binary_data_size".',
  ],
  [
    'shared memory',
    inputsOf({ ...audio, parameters: { shared_memory_region: 'a' } }),
    'Input "audio" is in shared memory',
  ],
  ['outputs that are no list', { ...inputsOf(audio), outputs: {} }, '"outputs" must be a list, got an object.'],
  [
    'an unknown output',
    { ...inputsOf(audio), outputs: [{ name: 'x' }] },
    'The model has no output "x"; it has "logits", "probabilities".',
  ],
  [
    'the largest classes',
    { ...inputsOf(audio), outputs: [{ name: 'logits', parameters: { classification: 2 } }] },
    'Output "logits" asks for "classification"',
  ],
])('%s is refused', (_, body, message) => {
  expect(() => read(body)).toThrow(message);
  expect(() => read(body)).toThrow(Refusal);
});

test('no memory is taken for a shape that is declared', () => {
  const before = process.memoryUsage().arrayBuffers;
  const declared = (...shape: readonly number[]): Json => inputsOf({ ...audio, shape, data: [] });
  for (const rows of [1e9, 2 ** 53 - 1, 400])
    expect(() => read(declared(rows, 1, 2), Infinity)).toThrow(/^Input "audio" has 0 numbers/);
  expect(() => read(declared(1e9, 1, 2))).toThrow(
    /^1000000000 samples are 12000000000 numbers, more than the 1000 of a request: send at most 83 at once\.$/,
  );
  // Lists of nothing take a byte or two each, and would stand for a row of 6 numbers.
  expect(() => read(inputsOf({ ...text, shape: [60, 2, 3], data: Array(60).fill([]) }))).toThrow(
    'at [0] has 0 where its shape says 2',
  );
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 24);
});

describe('bytes', () => {
  const bare = { ...audio, data: undefined };
  const sized = (size: unknown): Json => inputsOf({ ...bare, parameters: { binary_data_size: size } });
  test.each<[string, Json, ArrayBufferView, string]>([
    [
      'too few',
      sized(4),
      Float32Array.of(1),
      'Input "audio" has 4 bytes, and its shape [1, 1, 2] of 4 bytes each is 8.',
    ],
    [
      'left over',
      sized(8),
      Float32Array.of(1, 2, 3),
      '12 bytes follow the JSON, and the "binary_data_size" of the inputs come to 8.',
    ],
    [
      'a size that is none',
      sized('8'),
      Float32Array.of(1, 2),
      'Input "audio" must have a "binary_data_size" within the 8 bytes',
    ],
    [
      'a size below 0',
      sized(-8),
      Float32Array.of(1, 2),
      'Input "audio" must have a "binary_data_size" within the 8 bytes',
    ],
    [
      'of an infinite number',
      sized(8),
      Float32Array.of(1, Infinity),
      'Input "audio" at [0, 0, 1] is beyond the numbers of 32 bits',
    ],
    [
      'of a length beyond the steps',
      inputsOf(text, { name: 'text_lengths', datatype: 'INT64', shape: [1], parameters: { binary_data_size: 8 } }),
      BigInt64Array.of(2n ** 62n),
      'Input "text_lengths" at [0] is 4611686018427388000, no whole number of 0 to 2.',
    ],
  ])('%s are refused', (__, json, bytes, message) => {
    expect(() => readBinary(json, bytes)).toThrow(message);
    expect(() => readBinary(json, bytes)).toThrow(Refusal);
  });

  test.each(['', '-1', '1e1', '3x', '99999', ' 2'])('a length %j of the JSON is refused', (length) => {
    expect(() => inferBody(encoded({}), length)).toThrow(
      /^Inference-Header-Content-Length must be a number of bytes up to the 2/,
    );
  });
});

test.each([
  ['{"id":"42"', /^The body is no JSON: .*position 10/],
  ['{"id":x}', /^The body is no JSON: Unexpected token 'x'/],
  ['', /^The body is no JSON: Unexpected end/],
  ['"\u00e9', /^The body is no JSON: it is not UTF-8\.$/],
])('%j is told to be no JSON', (body, message) => {
  expect(() => inferBody(Buffer.from(body, 'latin1'), undefined)).toThrow(message);
});

describe('whatever is sent', () => {
  const outcome = (work: () => InferRequest): void => {
    try {
      const { inputs } = work();
      expect(Object.keys(inputs)).toEqual(model.inputs.map(({ name }) => name));
    } catch (error) {
      expect(error).toBeInstanceOf(Refusal);
    }
  };
  const json = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(0, 1, 2, 3, null, 'FP32', 'INT64', [1, 1, 2], [1, 2], [[[1, 2]]]),
  );
  const tensor = fc.record(
    {
      name: fc.oneof(fc.constantFrom('text', 'text_lengths', 'audio', 'words_ids', 'words_lengths'), json),
      datatype: fc.oneof(fc.constantFrom('FP32', 'INT64'), json),
      shape: fc.oneof(fc.array(fc.oneof(fc.nat(3), fc.double(), fc.maxSafeInteger()), { maxLength: 4 }), json),
      data: fc.oneof(fc.array(fc.oneof(fc.double(), json)), json),
      parameters: fc.oneof(fc.record({ binary_data_size: fc.oneof(fc.nat(32), json) }, { requiredKeys: [] }), json),
    },
    { requiredKeys: [] },
  );
  const body = fc.record(
    { id: json, inputs: fc.oneof(fc.array(fc.oneof(tensor, json)), json), outputs: json, parameters: json },
    { requiredKeys: [] },
  );

  test('as JSON, it is taken or refused', () => {
    fc.assert(
      fc.property(fc.oneof(body, json), (given) => outcome(() => read(given))),
      { numRuns: 2000 },
    );
  });

  test('as bytes, it is taken or refused', () => {
    fc.assert(
      fc.property(body, fc.uint8Array({ maxLength: 64 }), (given, bytes) => outcome(() => readBinary(given, bytes))),
      { numRuns: 2000 },
    );
  });
});
