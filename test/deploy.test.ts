/** `decalign/deploy` on exported folders: what it predicts, what it refuses, and what it loads. */
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  FormatError,
  inputsOf,
  openExport,
  predictionsOf,
  PreparedSample,
  readSamples,
  SampleError,
  samplesIn,
  type ExportDescription,
  type ExportedModel,
  type Prediction,
  type Sample,
  type Tensors,
} from '../src/deploy.ts';
import { differenceBetween } from '../src/deploy/agreement.ts';
import { exportOnnx } from '../src/runs/export/export-onnx.ts';
import { openModel } from '../src/runs/open-model.ts';
import { temporaryFolder } from './cli/decalign.ts';
import { projectSources } from './sources.ts';

const root = path.resolve(import.meta.dirname, '..');
const folder = temporaryFolder();
const at = (...names: string[]): string => path.join(folder, ...names);

const steps = (count: number, width: number, from = 0): number[][] =>
  Array.from({ length: count }, (_, t) => Array.from({ length: width }, (_, d) => Math.sin(from + t + d)));
const sampleOf = (n: number): Sample => ({
  id: `s${n}`,
  text: steps(1 + (n % 12), 24, n),
  audio: steps(1 + (n % 20), 10, n),
});
const several = Array.from({ length: 7 }, (_, n) => sampleOf(n));

let model: ExportedModel;
let fixed: ExportedModel;
beforeAll(async () => {
  const trained = openModel(path.join(root, 'test/fixtures/runs/run-2'));
  await exportOnnx(trained, at('sound'));
  await exportOnnx(trained, at('five'), { batch: 5 });
  model = await openExport(at('sound'));
  fixed = await openExport(at('five'));
});
afterAll(async () => {
  await model.close();
  await fixed.close();
});

const close = (predictions: readonly Prediction[]): readonly unknown[] =>
  predictions.map(({ id, prediction }) => ({ id, prediction: expect.closeTo(Number(prediction), 5) as unknown }));

describe('predictions', () => {
  test('are those of each sample alone, in a file of any number of samples and in one of five', async () => {
    const together = await model.predict(several);
    expect(new Set(together.map(({ prediction }) => prediction)).size).toBe(several.length);
    const alone = await Promise.all(several.map(async (sample) => (await model.predict([sample]))[0]!));
    expect(alone).toEqual(close(together));
    expect(await fixed.predict(several)).toEqual(close(together));
    expect(await fixed.predict(several.slice(0, 5))).toEqual(close(together.slice(0, 5)));
    expect(await fixed.predict(several.slice(2, 3))).toEqual(close(together.slice(2, 3)));
  });

  test('come one after another of more samples than are run at once, with ids by place where there are none', async () => {
    let taken = 0;
    const endless = (function* () {
      for (;;) yield { ...sampleOf(taken++ % 7), id: undefined };
    })();
    const found: Prediction[] = [];
    for await (const prediction of model.predictEach(endless)) if (found.push(prediction) === 100) break;
    expect(taken).toBe(128);
    expect(found.map(({ id }) => id)).toEqual(Array.from({ length: 100 }, (_, n) => `row-${n}`));
    const known = await model.predict(several);
    for (const [n, { prediction }] of found.entries())
      expect(prediction).toBeCloseTo(Number(known[n % 7]!.prediction), 5);
  });

  test('are of what stands in typed arrays, objects of numbers and lists alike', async () => {
    const [sample] = several.slice(3);
    const typed = {
      id: 's3',
      text: steps(4, 24, 3).map((step) => Float32Array.from(step)),
      audio: steps(4, 10, 3).map((step) => Float64Array.from(step)),
    };
    expect(await model.predict([typed])).toEqual(close(await model.predict([sample!])));
    const named = steps(4, 24, 3).map((step) =>
      Object.fromEntries(step.map((x, d) => [String.fromCharCode(97 + d), x])),
    );
    expect(await model.predict([{ ...sample, text: named }])).toEqual(close(await model.predict([sample!])));
  });

  test('of samples that lack a modality, or have it as null, as nothing or as missing numbers, are the same', async () => {
    const { audio, ...text } = sampleOf(5);
    const missing = (audio as number[][]).map((step) => step.map(() => null));
    const lacking = [
      text,
      { ...text, audio: null },
      { ...text, audio: [] },
      { ...text, audio: undefined },
      { ...text, audio: missing },
    ];
    const found = await model.predict([...lacking, sampleOf(5)]);
    for (const { prediction } of found.slice(0, 5)) expect(prediction).toBeCloseTo(Number(found[0]!.prediction), 6);
    expect(Math.abs(Number(found[5]!.prediction) - Number(found[0]!.prediction))).toBeGreaterThan(1e-3);
  });

  test('of an open model are its own when several are asked for at once', async () => {
    const expected = await model.predict(several);
    const found = await Promise.all(several.map((sample) => model.predict([sample, ...several])));
    for (const [n, [first, ...rest]] of found.entries()) {
      expect([first]).toEqual(close([expected[n]!]));
      expect(rest).toEqual(close(expected));
    }
  });

  test('are what inputs, outputs and ids come to, one after another', async () => {
    const { inputs, ids, warnings } = inputsOf(model.description, several);
    expect(inputs['text']!.shape).toEqual([7, 12, 24]);
    expect(inputs['audio_lengths']).toEqual({ shape: [7], data: BigInt64Array.from([1n, 2n, 3n, 4n, 5n, 6n, 7n]) });
    expect(warnings).toEqual([]);
    expect(predictionsOf(model.description, await model.run(inputs), ids)).toEqual(close(await model.predict(several)));
    const parts = await fixed.run(inputs);
    expect(parts['prediction']!.shape).toEqual([7]);
    expect(predictionsOf(fixed.description, parts, ids)).toEqual(close(await model.predict(several)));
    expect(() => predictionsOf(model.description, parts, ids.slice(1))).toThrow(
      /gives 7 numbers of "prediction" for 6 samples, where 6 are expected/,
    );
  });

  test('are told with what a person should know of the samples', async () => {
    const told: string[] = [];
    const { audio, ...text } = sampleOf(1);
    await model.predict([{ ...text, text: steps(30, 24) }, text, {}], { warn: (line) => told.push(line) });
    expect(told).toEqual([
      "1 of 3 samples had more time steps than the model takes and were cut; long: 'refuse' stops instead.",
      'no sample has "audio": the model predicts without.',
      '1 of 3 samples have none of the modalities.',
    ]);
    const cut = await model.predict([{ text: steps(30, 24), audio }], { warn: () => undefined });
    expect(cut).toEqual(close(await model.predict([{ text: steps(12, 24), audio }])));
  });

  test('are given of none before some sample has a modality: the others may be those of another model', async () => {
    const empty = Array.from({ length: 70 }, (_, n) => ({ id: `e${n}` }));
    const given: string[] = [];
    const each = async (samples: readonly Sample[]): Promise<void> => {
      for await (const { id } of model.predictEach(samples, { warn: () => undefined })) given.push(id);
    };
    await expect(each(empty)).rejects.toThrow('samples: no sample has any of "text", "audio"');
    expect(given).toEqual([]);
    await each([...empty, sampleOf(1)]);
    expect(given).toEqual([...empty.map(({ id }) => id), 's1']);
  });

  test('of no samples are none', async () => {
    expect(await model.predict([])).toEqual([]);
  });
});

describe('samples', () => {
  test.each<[string, readonly Sample[], string]>([
    [
      'of another width',
      [sampleOf(0), { text: [...steps(2, 24), ...steps(1, 23)] }],
      'sample 1: "text" must have 1 to 12 steps of 24 numbers, and [2] has 23',
    ],
    [
      'that are texts',
      [{ id: 'a', text: 'words' }],
      'sample 0 ("a"): "text" must have 1 to 12 steps of 24 numbers, and is "words"',
    ],
    [
      'of texts for numbers',
      [{ text: [Array(23).fill(1).concat('1')] }],
      'sample 0: "text" must have 1 to 12 steps of 24 numbers, and [0, 23] is "1"',
    ],
    [
      'that are one list of all numbers',
      [{ text: new Float32Array(48) }],
      'sample 0: "text" must have 1 to 12 steps of 24 numbers, and [0] has 48',
    ],
    [
      'with an object in place of steps',
      [{ text: { length: 3 } }],
      'sample 0: "text" must have 1 to 12 steps of 24 numbers',
    ],
    [
      'with a length that is none',
      [{ text: steps(2, 24), text_lengths: -1 }],
      'sample 0: "text_lengths" is "-1", which is no length',
    ],
    [
      'with a length of less',
      [{ text: steps(2, 24), text_lengths: 1 }],
      'sample 0: "text" has numbers beyond its length of 1; correct one of them',
    ],
    ['without any modality', [{ id: 'a', words: [[1]] }, {}], 'samples: no sample has any of "text", "audio"'],
  ])('%s are refused', async (_, samples, says) => {
    const failed = await model.predict(samples).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(SampleError);
    expect((failed as SampleError).message).toBe(says);
  });

  test('that are longer are refused where that is asked for', async () => {
    await expect(model.predict([{ text: steps(13, 24) }], { long: 'refuse' })).rejects.toThrow(
      'sample 0: "text" must have 1 to 12 steps of 24 numbers, and has 13',
    );
    const wrong = { long: 'trim' } as unknown as { readonly long: 'cut' };
    await expect(model.predict(several, wrong)).rejects.toThrow('long must be cut or refuse, got "trim".');
  });

  test('that were prepared for another model are refused', async () => {
    const foreign = new PreparedSample('a', { text: steps(2, 23) });
    await expect(model.predict([foreign])).rejects.toThrow('sample "a": "text" has no 24 numbers a step');
    const long = new PreparedSample('a', { text: steps(13, 24) });
    await expect(model.predict([long])).rejects.toThrow('sample "a": "text" has 13 steps, more than 12');
  });

  test('are read of files, of one or joined by ids, in the order of the first', async () => {
    const [text, audio] = (['audio', 'text'] as const).map((left) =>
      several.map((sample) => ({ ...sample, [left]: undefined })),
    );
    const lines = (rows: readonly object[]): string => rows.map((row) => JSON.stringify(row)).join('\n');
    writeFileSync(at('all.jsonl'), lines(several));
    writeFileSync(at('text.jsonl'), lines(text!));
    writeFileSync(at('audio.ndjson'), lines(audio!.toReversed().slice(0, 6)));
    const told: string[] = [];
    const of = (...files: string[]): Promise<readonly Prediction[]> =>
      collected(
        model.predictEach(
          readSamples(
            files.map((file) => at(file)),
            model.description,
            { warn: (line) => told.push(line) },
          ),
        ),
      );
    const expected = await model.predict(several);
    expect(await of('all.jsonl')).toEqual(close(expected));
    const found = await of('text.jsonl', 'audio.ndjson');
    expect(found.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
    expect(found.slice(1)).toEqual(close(expected.slice(1)));
    expect(told).toEqual([]);
    expect(Math.abs(Number(found[0]!.prediction) - Number(expected[0]!.prediction))).toBeGreaterThan(1e-4);
  });

  test('are read of a text: lines, one object over several lines, a list of objects, a table', async () => {
    const expected = close(await model.predict(several));
    const pretty = JSON.stringify(several[2], null, 2);
    for (const [text, of] of [
      [several.map((sample) => JSON.stringify(sample)).join('\r\n'), expected],
      [pretty, expected.slice(2, 3)],
      [`  ${JSON.stringify(several, null, 1)}\n`, expected],
      [
        [
          'id,text,audio',
          ...several.map(({ id, text, audio }) => `${String(id)},"${JSON.stringify(text)}","${JSON.stringify(audio)}"`),
        ].join('\n'),
        expected,
      ],
    ] as const)
      expect(await model.predict(await samplesIn(text, model.description))).toEqual(of);
    await expect(samplesIn('{"text": [[1]]}', model.description, { name: 'pasted' })).rejects.toThrow(
      'pasted, line 1: "text" must have 1 to 12 steps of 24 numbers',
    );
    await expect(samplesIn('[1, 2]', model.description)).rejects.toThrow('text, line 1: is no JSON object');
    await expect(samplesIn('', model.description)).rejects.toThrow('text: holds no samples');
  });
});

const collected = async <T>(items: AsyncIterable<T>): Promise<readonly T[]> => {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
};

describe('inputs of one’s own', () => {
  test.each([
    ['another name', 'words', { shape: [1, 12, 24], data: new Float32Array(288) }, /takes "text", .* and is given /],
    [
      'another shape',
      'text',
      { shape: [1, 12, 23], data: new Float32Array(276) },
      /"text" must be float32 \[1, 12, 24\], and is float32 \[1, 12, 23\]/,
    ],
    [
      'another type',
      'text',
      { shape: [1, 12, 24], data: new BigInt64Array(288) },
      /"text" must be float32 .* and is int64/,
    ],
    ['fewer numbers', 'text', { shape: [1, 12, 24], data: new Float32Array(287) }, /"text" must be .* of 287 numbers/],
    [
      'other samples',
      'audio',
      { shape: [2, 20, 10], data: new Float32Array(400) },
      /"audio" must be float32 \[1, 20, 10\]/,
    ],
    ['no samples', 'text', { shape: [0, 12, 24], data: new Float32Array(0) }, /at least one sample/],
  ])('of %s are refused', async (_, name, values, says) => {
    const { inputs } = inputsOf(model.description, several.slice(0, 1));
    const { text, ...others } = inputs;
    const given = name === 'words' ? { ...others, words: values } : { ...others, text: text!, [name]: values };
    for (const each of [model, fixed]) await expect(each.run(given)).rejects.toThrow(says);
  });
});

/** A copy of the sound folder, changed. */
function forged(change: (onnx: string, json: string) => void): string {
  rmSync(at('forged'), { recursive: true, force: true });
  cpSync(at('sound'), at('forged'), { recursive: true });
  change(at('forged/model.onnx'), at('forged/model.json'));
  return at('forged');
}

type Said = { -readonly [K in keyof ExportDescription]: ExportDescription[K] };
/** Of the same model.onnx, something else said. */
const said = (change: (description: Said) => void) => (_: string, json: string) => {
  const description = JSON.parse(readFileSync(json, 'utf8')) as Said;
  change(description);
  writeFileSync(json, JSON.stringify(description));
};

describe('a folder', () => {
  const other = /model\.onnx: takes "text" float32 \[batch, 12, 24\], .* but model\.json says /;

  test.each<[string, (onnx: string, json: string) => void, RegExp]>([
    ['without a model', (onnx) => rmSync(onnx), /model\.onnx: cannot be read \(ENOENT\)$/],
    ['without a description', (_, json) => rmSync(json), /model\.json: cannot be read \(ENOENT\)$/],
    [
      'whose model is a folder',
      (onnx) => {
        rmSync(onnx);
        mkdirSync(onnx);
      },
      /model\.onnx: is no file$/,
    ],
    [
      'whose model is cut short',
      (onnx) => truncateSync(onnx, 1000),
      /has 1000 bytes, where model\.json says \d+; copy both/,
    ],
    [
      'with the model of another',
      (onnx) => cpSync(at('five/model.onnx'), onnx),
      /has \d+ bytes, where model\.json says/,
    ],
    [
      'whose model has one bit changed',
      (onnx) => {
        const bytes = readFileSync(onnx);
        bytes[bytes.length >> 1]! ^= 1;
        writeFileSync(onnx, bytes);
      },
      /model\.onnx: is damaged, or not the file that model\.json was written for: its SHA-256 is another; copy both again$/,
    ],
    [
      'whose model is none, with the hash of what it is',
      (onnx, json) => {
        const bytes = Buffer.alloc(5000, 'no model');
        writeFileSync(onnx, bytes);
        const sha256 = createHash('sha256').update(bytes).digest('hex');
        said((description) => Object.assign(description, { bytes: bytes.length, sha256 }))(onnx, json);
      },
      /model\.onnx: is not read by ONNX Runtime: /,
    ],
    ['of more time steps than the file', said(({ inputs }) => Object.assign(inputs[0]!.shape, { 1: 65536 })), other],
    [
      'of a fixed number of samples',
      said(({ inputs }) => inputs.forEach(({ shape }) => Object.assign(shape, { 0: 7 }))),
      other,
    ],
    ['of an input less', said((each) => (each.inputs = each.inputs.slice(0, 2))), other],
    [
      'of an input more',
      said((each) => (each.inputs = [...each.inputs, { ...each.inputs[0]!, name: 'vision' }])),
      other,
    ],
    [
      'of another type',
      said(
        (each) =>
          (each.inputs = each.inputs.map((input) =>
            input.name === 'text_lengths' ? { ...each.inputs[0]!, name: input.name } : input,
          )),
      ),
      other,
    ],
    [
      'of another task',
      said((each) => (each.task = { kind: 'classification', classes: ['a', 'b'] })),
      /model\.onnx: does not give "logits", which a classification is to give$/,
    ],
  ])('%s is refused in one line', async (_, change, says) => {
    const failed = await openExport(forged(change)).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(FormatError);
    expect((failed as FormatError).message).toMatch(says);
    expect((failed as FormatError).message).not.toContain('\n');
  });

  test('is opened by its URL, of files and of a server, and refused where that has not got it', async () => {
    const server = createServer((request, response) => {
      const name = request.url!.slice(1);
      if (/^(sound|forged)\/model\.(json|onnx)$/.test(name)) response.end(readFileSync(at(name)));
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const expected = await model.predict(several);
      for (const source of [pathToFileURL(at('sound')), new URL(`${address}/sound`), `${address}/sound/`]) {
        const opened = await openExport(source, { threads: 1 });
        expect(await opened.predict(several)).toEqual(close(expected));
        await opened.close();
      }
      await expect(openExport(`${address}/nowhere`)).rejects.toThrow(
        /^http:.*\/nowhere\/model\.json: could not be fetched: status 404$/,
      );
      forged((onnx) => writeFileSync(onnx, Buffer.alloc(2 ** 22)));
      await expect(openExport(`${address}/forged`)).rejects.toThrow(/model\.onnx: has more than \d+ bytes/);
    } finally {
      server.closeAllConnections();
      server.close();
    }
    await expect(openExport(address)).rejects.toThrow(/model\.json: could not be fetched \(/);
  });
});

describe('the difference between two devices', () => {
  const changed = (change: (value: number, n: number) => number): Pick<ExportedModel, 'run'> => ({
    async run(inputs) {
      const { prediction } = await model.run(inputs);
      return { prediction: { ...prediction!, data: Float32Array.from(prediction!.data as Float32Array, change) } };
    },
  });

  test('is none of a model and itself, and next to none of its file for five samples at once', async () => {
    expect(await differenceBetween(model, model)).toBe(0);
    expect(await differenceBetween(model, fixed)).toBeLessThan(1e-5);
  });

  test('is the largest of all samples, relative to what is more than 1', async () => {
    expect(
      await differenceBetween(
        model,
        changed((x, n) => (n === 2 ? x + 0.5 : x)),
      ),
    ).toBeCloseTo(0.5, 5);
    const large = changed((x) => 100 + x);
    const more = { ...model, run: large.run };
    expect(
      await differenceBetween(
        more,
        changed((x) => 101 + x),
      ),
    ).toBeLessThan(0.0105);
  });

  test('has no bound where one of them gives no number', async () => {
    expect(
      await differenceBetween(
        model,
        changed(() => NaN),
      ),
    ).toBe(Infinity);
    expect(await differenceBetween(model, { run: () => Promise.resolve({}) })).toBe(Infinity);
  });

  test('is looked for with samples that differ', async () => {
    let seen: Tensors = {};
    await differenceBetween(model, {
      run(inputs) {
        seen = inputs;
        return model.run(inputs);
      },
    });
    const { prediction } = await model.run(seen);
    expect(new Set(prediction!.data.toString().split(',')).size).toBe(5);
  });
});

test('decalign/deploy loads the runtime and what Node has, and nothing else', () => {
  const sources = projectSources();
  const seen = new Set(['src/deploy.ts']);
  const packages = new Set<string>();
  for (const file of seen)
    for (const { name, typeOnly, path: target } of sources.get(file)?.imports ?? []) {
      if (typeOnly) continue;
      if (target !== undefined) seen.add(target);
      else if (!name.startsWith('node:')) packages.add(name);
    }
  expect(seen).toContain('src/data/columns/numbers.ts');
  expect([...packages]).toEqual(['onnxruntime-node']);
});
