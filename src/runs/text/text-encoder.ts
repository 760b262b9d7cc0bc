/**
 * Pretrained text encoders in a run: how text is read for them, and their outputs, computed once where they are frozen.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { ConfigError, type RunConfig } from '../../config/index.ts';
import type { Dataset, Samples } from '../../data/dataset.ts';
import { blocksOf, type InMemoryFeatures } from '../../data/features.ts';
import { createBatch, fillBatch } from '../../data/batch.ts';
import type { TokenOptions } from '../../data/tables/tokens.ts';
import { isNumericData, toFloat32 } from '../../formats/bytes/array.ts';
import { bytesOf } from '../../formats/bytes/numbers.ts';
import { readSafetensors } from '../../formats/safetensors/read.ts';
import { writeSafetensors } from '../../formats/safetensors/write.ts';
import { readBertConfig, readPretrained, type Pretrained } from '../../encoders/huggingface.ts';
import { readTokenizer } from '../../encoders/tokenizer.ts';
import { toOnnx } from '../../onnx/serialize.ts';
import { Scope, type BertConfig } from '../../nn/index.ts';
import { compile, type RuntimeOptions } from '../../runtime/node.ts';
import { input, type Tensor } from '../../tensor/index.ts';
import { openBatch, withOpenBatch, type StateDict } from '../../train/index.ts';
import { encode, encoderScope } from './text-network.ts';
import { makeFolder } from '../../files/append.ts';
import { writeFileAtomic } from '../../files/atomic.ts';

/** The parts of a configuration that say how text is read. */
export type TextConfig = Pick<RunConfig, 'data' | 'text'>;

/** What an encoder that is frozen runs on. */
export type EncodingOptions = Pick<RuntimeOptions, 'threads' | 'device'>;

/** The folder of the encoder; undefined where text comes as features. */
function encoderFolder({ data, text }: TextConfig): string | undefined {
  if (data.text !== 'tokens') return undefined;
  if (text.bert.path === undefined)
    throw new ConfigError('data.text is tokens, so text.bert.path must name the folder of an encoder.');
  return text.bert.path;
}

/** How text is read as tokens for the encoder of a configuration; undefined where text comes as features. */
export function tokenOptions(config: TextConfig): TokenOptions | undefined {
  const folder = encoderFolder(config);
  if (folder === undefined) return undefined;
  const { vocabulary, positions, kind, padding } = readBertConfig(folder);
  const { maxLength, from } = config.text.bert;
  const most = kind === 'bert' ? positions : positions - padding - 1;
  if (maxLength > most)
    throw new ConfigError(`text.bert.maxLength: ${maxLength} is more than the ${most} positions of ${folder}.`);
  const tokenizer = from === 'raw_text' ? readTokenizer(folder) : undefined;
  return {
    ...{ vocabulary, maxLength, from },
    tokenize(texts, length) {
      if (!tokenizer) throw new Error('Tokens are read from the file, so there is nothing to tokenise.');
      return tokenizer.tokenize(texts, length);
    },
  };
}

/** The sizes of the encoder that is part of the network; undefined for a dataset whose text is features. */
export function encoderOf(config: TextConfig, { modalities, name }: Dataset): BertConfig | undefined {
  const tokens = modalities.some((modality) => modality.tokens);
  const folder = encoderFolder(config);
  if (tokens && folder === undefined)
    throw new ConfigError(`${name} holds tokens of text; set data.text to tokens and text.bert.path to their encoder.`);
  if (!tokens && folder !== undefined && config.text.bert.freeze !== 'all')
    throw new ConfigError(`data.text is tokens, but ${name} was read as features; read it with loadRunData.`);
  return tokens ? readBertConfig(folder!) : undefined;
}

/** The pretrained parameters of the encoder, by the names that they have in the network. */
export function encoderParameters(config: TextConfig): StateDict {
  const { parameters } = readPretrained(encoderFolder(config)!);
  return Object.fromEntries(Object.entries(parameters).map(([name, data]) => [`${encoderScope}.${name}`, data]));
}

/**
 * The dataset with the encoder's last hidden states `[N, T, D]` in place of its tokens; `text.bert.cache` may name a
 * folder that keeps them.
 */
export async function withEncodedText(
  dataset: Dataset,
  config: TextConfig,
  options: EncodingOptions = {},
): Promise<Dataset> {
  const folder = encoderFolder(config)!;
  const file = config.text.bert.cache && path.join(config.text.bert.cache, `${cacheKey(dataset, folder)}.safetensors`);
  const found =
    file && existsSync(file) ? readHiddenStates(file) : await hiddenStatesOf(dataset, readPretrained(folder), options);
  if (file && !existsSync(file)) {
    makeFolder(path.dirname(file));
    writeFileAtomic(file, writeSafetensors(found));
  }
  const width = Object.values(found)[0]!.shape[2]!;
  return {
    ...dataset,
    modalities: dataset.modalities.map(({ tokens, ...modality }) => (tokens ? { ...modality, width } : modality)),
    splits: Object.fromEntries(
      Object.entries(dataset.splits).map(([split, samples]): [string, Samples] => [
        split,
        { ...samples, features: { ...samples.features, text: found[split]! } },
      ]),
    ),
  };
}

/** Hidden states `[N, T, D]` by split. */
type HiddenStates = Readonly<Record<string, InMemoryFeatures>>;

async function hiddenStatesOf(
  { splits, modalities }: Dataset,
  { config, parameters }: Pretrained,
  { threads, device }: EncodingOptions,
): Promise<HiddenStates> {
  const text = modalities.find(({ tokens }) => tokens)!;
  const { time } = text;
  const graph = encoderGraph(config, time);
  const program = await compile(graph, { batch: openBatch, threads, device });
  const found: Record<string, InMemoryFeatures> = {};
  try {
    for (const [split, samples] of Object.entries(splits)) {
      const count = samples.ids.length;
      const data = new Float32Array(count * time * config.width);
      for (let start = 0; start < count; start += batchSize) {
        const rows = Int32Array.from({ length: Math.min(batchSize, count - start) }, (_, i) => start + i);
        const batch = createBatch([text], rows.length);
        fillBatch(batch, samples, rows);
        const { features: tokens, mask } = batch.modalities['text']!;
        const { states } = await program.run({ ...parameters, tokens, mask });
        data.set(states as Float32Array, start * time * config.width);
      }
      found[split] = { shape: [count, time, config.width], data };
    }
  } finally {
    await program.dispose();
  }
  return found;
}

/** `states` `[N, T, D]` of `tokens` `[N, T, 2]`, each an id and a segment, with their `mask` `[N, T]`. */
const encoderGraph = (config: BertConfig, time: number): Record<string, Tensor> =>
  withOpenBatch('The encoder of text', (batch) => {
    const tokens = { value: input('tokens', [batch, time, 2]), mask: input('mask', [batch, time]) };
    return { states: encode(new Scope(), tokens, config).value };
  });

/** An encoder that is no part of a model, as an ONNX file of its own: from tokens, as `encoderGraph` has them, to hidden states. */
export function encoderFile(config: TextConfig): Uint8Array {
  const { config: sizes, parameters } = readPretrained(encoderFolder(config)!);
  const graph = encoderGraph(sizes, config.text.bert.maxLength);
  return toOnnx(graph, { portable: true, batch: openBatch, weights: new Map(Object.entries(parameters)) }).bytes;
}

/** How many samples are encoded at once. */
const batchSize = 32;

function readHiddenStates(file: string): HiddenStates {
  const { tensors } = readSafetensors(readFileSync(file), { file });
  return Object.fromEntries(
    Object.entries(tensors).flatMap(([split, { shape, data }]) =>
      isNumericData(data) ? [[split, { shape, data: toFloat32(data) }] as const] : [],
    ),
  );
}

/** The name of a cached file: a hash of the tokens, and of the path, size and time of change of the encoder's files. */
function cacheKey({ splits }: Dataset, folder: string): string {
  const hash = createHash('sha256');
  for (const name of ['config.json', 'model.safetensors', 'pytorch_model.bin']) {
    const { size, mtimeMs } = statSync(path.join(folder, name), { throwIfNoEntry: false }) ?? {};
    hash.update(`${path.resolve(folder, name)} ${size} ${mtimeMs}\n`);
  }
  for (const [split, { features, lengths }] of Object.entries(splits)) {
    hash.update(`${split} ${features['text']!.shape.join()}\n`);
    for (const { data } of blocksOf(features['text']!)) hash.update(bytesOf(data));
    hash.update(bytesOf(lengths['text']!));
  }
  return hash.digest('hex').slice(0, 24);
}
