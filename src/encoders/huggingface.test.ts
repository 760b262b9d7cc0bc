import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readSafetensors } from '../formats/safetensors/read.ts';
import { writeSafetensors, type SafeTensor } from '../formats/safetensors/write.ts';
import { isNumericData } from '../formats/bytes/array.ts';
import { bert, bertPooler, Scope } from '../nn/index.ts';
import { evaluate, relativeError } from '../runtime/testing.ts';
import { constant, gradients, input, type DType, type Tensor } from '../tensor/index.ts';
import { readPretrained } from './huggingface.ts';

interface Golden {
  readonly ids: number[];
  readonly mask: number[];
  readonly segments: number[];
  readonly hidden: number[][];
  readonly pooled: number[];
  readonly loss: number;
  readonly gradients: Record<string, number[]>;
}
const fixtures = 'test/fixtures/bert';
const golden = JSON.parse(readFileSync(path.join(fixtures, 'torch.json'), 'utf8')) as Record<
  'bert' | 'roberta',
  Golden
>;
const [batch, steps, width] = [2, 6, 16];

/** Evenly spaced numbers from −1 to 1, or from 1 to −1 with `sign` −1. */
const ramp = (shape: readonly number[], dtype: DType, sign = 1): Tensor => {
  const n = shape.reduce((a, b) => a * b, 1);
  return constant(
    Array.from({ length: n }, (_, i) => sign * ((2 * i) / (n - 1) - 1)),
    shape,
    dtype,
  );
};

/**
 * The hidden states, pooled output, loss and gradients of the fixtures' two texts (the second padded), computed here.
 */
async function run(kind: 'bert' | 'roberta', dtype: 'float32' | 'float64'): Promise<Record<string, number[]>> {
  const { config, parameters } = readPretrained(path.join(fixtures, kind));
  const scope = new Scope({ dtype });
  const [ids, segments] = [input('ids', [batch, steps], 'int64'), input('segments', [batch, steps], 'int64')];
  const mask = input('mask', [batch, steps], dtype);
  const { last, hidden } = bert(scope, { ids, mask, segments }, config);
  const pooled = bertPooler(scope, last, config);
  const states = last.value.mul(mask.reshape([batch, steps, 1])).mul(ramp([batch, steps, width], dtype));
  const loss = states.sum().add(pooled.mul(ramp([batch, width], dtype, -1)).sum());
  const named = [...scope.parameters];
  const found = gradients(
    loss,
    named.map(([, { value }]) => value),
  );
  return evaluate(
    {
      ...Object.fromEntries(hidden.map((h, i) => [`hidden ${i}`, h])),
      ...{ pooled, loss },
      ...Object.fromEntries(named.flatMap(([name], i) => (found[i] ? [[name, found[i]] as const] : []))),
    },
    { ...parameters, ids: golden[kind].ids, mask: golden[kind].mask, segments: golden[kind].segments },
  );
}

// The relative errors measured are 5e-11 in float64 (the fixtures have 10 digits) and 1.3e-6 in float32.
describe.each([
  ['bert', 'float64', 1e-8],
  ['bert', 'float32', 1e-5],
  ['roberta', 'float64', 1e-8],
  ['roberta', 'float32', 1e-5],
] as const)('%s in %s', (kind, dtype, limit) => {
  test('hidden states, pooled output and gradients agree with PyTorch', async () => {
    const results = await run(kind, dtype);
    const { hidden, pooled, loss, gradients: expected } = golden[kind];
    const all: Record<string, readonly number[]> = { ...expected, pooled, loss: [loss] };
    hidden.forEach((h, i) => (all[`hidden ${i}`] = h));
    for (const [name, values] of Object.entries(all))
      expect(relativeError(results[name]!, values), name).toBeLessThan(limit);
  });
});

describe('a folder that is not as it should be', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'bert-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  let made = 0;
  /** A copy of a fixture's folder, to be damaged. */
  const copy = (kind = 'bert'): string => {
    const own = path.join(folder, String((made += 1)));
    cpSync(path.join(fixtures, kind), own, { recursive: true });
    return own;
  };
  const config = (changes: Record<string, unknown>): string => {
    const own = copy();
    const file = path.join(own, 'config.json');
    const before = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    writeFileSync(file, JSON.stringify({ ...before, ...changes }));
    return own;
  };
  const weights = (name: string, to?: SafeTensor): string => {
    const own = copy();
    const file = path.join(own, 'model.safetensors');
    const tensors = new Map<string, SafeTensor>();
    for (const [key, { shape, data }] of Object.entries(readSafetensors(readFileSync(file), { file }).tensors))
      if (isNumericData(data)) tensors.set(key, { shape, data });
    if (to) tensors.set(name, to);
    else tensors.delete(name);
    writeFileSync(file, writeSafetensors(Object.fromEntries(tensors)));
    return own;
  };
  const truncated = (kind: string, file: string, length: number): string => {
    const own = copy(kind);
    truncateSync(path.join(own, file), length);
    return own;
  };
  const without = (file: string): string => {
    const own = copy();
    rmSync(path.join(own, file));
    return own;
  };
  const word = 'bert.embeddings.word_embeddings.weight';

  test.each([
    ['none', () => path.join(folder, 'nowhere'), /nowhere: does not exist; give a folder/],
    ['no config', () => without('config.json'), /: holds no config.json/],
    ['config no JSON', () => truncated('bert', 'config.json', 40), /config.json: is no JSON object/],
    ['architecture', () => config({ model_type: 'xlnet' }), /config.json: has model_type "xlnet"; .* bert or roberta/],
    ['no architecture', () => config({ model_type: undefined }), /config.json: has no model_type/],
    ['a size', () => config({ hidden_size: 'wide' }), /config.json: "hidden_size": .*expected number/],
    ['activation', () => config({ hidden_act: 'swish' }), /config.json: has hidden_act "swish"; known are gelu, /],
    ['positions', () => config({ position_embedding_type: 'relative_key' }), /has positions "relative_key"/],
    ['heads', () => config({ num_attention_heads: 5 }), /splits a width of 16 into 5 heads/],
    ['no weights', () => without('model.safetensors'), /holds no weights: neither model.safetensors nor/],
    ['a tensor', () => weights(word), /safetensors: lacks "embeddings.word_embeddings.weight", which/],
    [
      'layers',
      () => config({ num_hidden_layers: 3 }),
      /lacks "encoder.layer.2.attention.self.query.weight", .* 13 more/,
    ],
    [
      'a shape',
      () => weights(word, { shape: [1, 16], data: new Float32Array(16) }),
      /holds "embeddings.word_embeddings.weight" of shape \[1,16\], but config.json asks for \[50,16\]/,
    ],
    [
      'half a safetensors',
      () => truncated('bert', 'model.safetensors', 9000),
      /model.safetensors: describes \d+ bytes/,
    ],
    [
      'half a .bin',
      () => truncated('roberta', 'pytorch_model.bin', 9000),
      /bin, byte 9000: the zip archive has no end/,
    ],
  ])('%s: one line says so', (_, make, expected) => {
    const own = make();
    let message = '';
    try {
      readPretrained(own);
    } catch (error) {
      ({ message } = error as Error);
    }
    expect(message).toMatch(expected);
    expect(message).not.toContain('\n');
  });
});
