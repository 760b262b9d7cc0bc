/** Reads pretrained text encoders from a folder in Hugging Face's layout: `config.json` beside the weights. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { isNumericData, toFloat32, type NdArray } from '../formats/bytes/array.ts';
import { FormatError, quoted } from '../files/error.ts';
import { isTree, type Tree } from '../json/tree.ts';
import { readSafetensors } from '../formats/safetensors/read.ts';
import { readTorch } from '../formats/torch/read.ts';
import { bert, bertPooler, Scope, type BertConfig } from '../nn/index.ts';
import { input, size, type Shape } from '../tensor/index.ts';
import type { StateDict } from '../train/index.ts';

/** A pretrained text encoder: BERT or RoBERTa. */
export interface Pretrained {
  /** The architecture and its sizes, as `bert` takes them. */
  readonly config: BertConfig;
  /** The parameters, by the names that `bert` declares, and those of `bertPooler` where the file has a pooler. */
  readonly parameters: StateDict;
}

const activations: Readonly<Record<string, BertConfig['activation']>> = {
  gelu: 'gelu',
  gelu_new: 'gelu_tanh',
  gelu_fast: 'gelu_tanh',
  gelu_pytorch_tanh: 'gelu_tanh',
  relu: 'relu',
};
const architectures = ['bert', 'roberta'] as const;

const count = z.int().positive();
const rate = z.number().min(0).lt(1);
/**
 * The keys of a `config.json` that decide the encoder; their defaults are those of Hugging Face's transformers library.
 */
const schema = z.object({
  model_type: z.enum(architectures),
  vocab_size: count,
  hidden_size: count,
  num_hidden_layers: count,
  num_attention_heads: count,
  intermediate_size: count,
  max_position_embeddings: count,
  hidden_act: z.string().default('gelu'),
  type_vocab_size: count.default(2),
  pad_token_id: z.int().nonnegative().optional(),
  layer_norm_eps: z.number().positive().default(1e-12),
  hidden_dropout_prob: rate.default(0.1),
  attention_probs_dropout_prob: rate.default(0.1),
  initializer_range: z.number().positive().default(0.02),
  position_embedding_type: z.string().default('absolute'),
});

/**
 * Reads the encoder in `folder`: `config.json`, and `model.safetensors` or `pytorch_model.bin`.
 *
 * Throws a FormatError for a missing or damaged file, an architecture other than BERT and RoBERTa, and a tensor that is
 * missing or of another shape than `config.json` asks for.
 */
export function readPretrained(folder: string): Pretrained {
  const config = readBertConfig(folder);
  const { file, tensors } = readWeights(folder);
  return { config, parameters: parametersOf(config, tensors, file) };
}

/** Reads the architecture and sizes of the encoder in `folder` from its `config.json`. Throws a FormatError. */
export function readBertConfig(folder: string): BertConfig {
  const file = path.join(folder, 'config.json');
  if (!existsSync(folder))
    throw new FormatError(folder, 'does not exist; give a folder with config.json, model.safetensors and vocab.txt.');
  if (!existsSync(file)) throw new FormatError(folder, 'holds no config.json; give a folder in Hugging Face layout.');
  const raw = parseJson(readFileSync(file, 'utf8'), file);
  const kind: unknown = raw['model_type'];
  if (!architectures.some((known) => known === kind)) {
    const found = typeof kind === 'string' ? `model_type ${quoted(kind)}` : 'no model_type';
    throw new FormatError(file, `has ${found}; encoders of text are read of model_type ${architectures.join(' or ')}.`);
  }
  const parsed = schema.safeParse(raw);
  if (!parsed.success) {
    const { path: key, message } = parsed.error.issues[0]!;
    throw new FormatError(file, `${quoted(key.join('.'))}: ${message}.`);
  }
  const { data } = parsed;
  const activation = Object.hasOwn(activations, data.hidden_act) ? activations[data.hidden_act] : undefined;
  if (!activation)
    throw new FormatError(
      file,
      `has hidden_act ${quoted(data.hidden_act)}; known are ${Object.keys(activations).join(', ')}.`,
    );
  if (data.position_embedding_type !== 'absolute')
    throw new FormatError(file, `has positions ${quoted(data.position_embedding_type)}; known are "absolute" ones.`);
  if (data.hidden_size % data.num_attention_heads !== 0)
    throw new FormatError(file, `splits a width of ${data.hidden_size} into ${data.num_attention_heads} heads.`);
  return {
    kind: data.model_type,
    vocabulary: data.vocab_size,
    width: data.hidden_size,
    layers: data.num_hidden_layers,
    heads: data.num_attention_heads,
    inner: data.intermediate_size,
    activation,
    positions: data.max_position_embeddings,
    segments: data.type_vocab_size,
    padding: data.pad_token_id ?? (data.model_type === 'bert' ? 0 : 1),
    epsilon: data.layer_norm_eps,
    dropout: { hidden: data.hidden_dropout_prob, attention: data.attention_probs_dropout_prob },
    deviation: data.initializer_range,
  };
}

/** The JSON object that a text of `file` holds. Throws a FormatError where it holds none. */
export function parseJson(text: string, file: string): Tree {
  try {
    const value: unknown = JSON.parse(text);
    if (isTree(value)) return value;
  } catch {
    // The error is thrown below, together with that of JSON that is no object.
  }
  throw new FormatError(file, 'is no JSON object; copy it again.');
}

/** The tensors of `model.safetensors`, or else of `pytorch_model.bin`. */
function readWeights(folder: string): { readonly file: string; readonly tensors: Readonly<Record<string, NdArray>> } {
  const [safe, torch] = ['model.safetensors', 'pytorch_model.bin'].map((name) => path.join(folder, name));
  if (existsSync(safe!)) return { file: safe!, tensors: readSafetensors(readFileSync(safe!), { file: safe! }).tensors };
  if (existsSync(torch!)) return { file: torch!, tensors: readTorch(readFileSync(torch!), { file: torch! }) };
  const parts = existsSync(`${safe!}.index.json`) || existsSync(`${torch!}.index.json`);
  throw new FormatError(
    folder,
    parts
      ? 'holds weights in several files, which are not read; save them as one model.safetensors.'
      : 'holds no weights: neither model.safetensors nor pytorch_model.bin.',
  );
}

/** The encoder's parameters among the tensors of a file, in which heads for other tasks may stand too. */
function parametersOf(config: BertConfig, tensors: Readonly<Record<string, NdArray>>, file: string): StateDict {
  const found = new Map(Object.entries(tensors).map(([name, tensor]) => [encoderName(name), tensor]));
  const wanted = shapesOf(config, { pooler: found.has('pooler.dense.weight') });
  const missing = [...wanted.keys()].filter((name) => !found.has(name));
  if (missing.length > 0) {
    const more = missing.length > 3 ? ` and ${missing.length - 3} more` : '';
    throw new FormatError(
      file,
      `lacks ${missing.slice(0, 3).map(quoted).join(', ')}${more}, which config.json asks for.`,
    );
  }
  return Object.fromEntries(
    [...wanted].map(([name, shape]) => {
      const { shape: own, data } = found.get(name)!;
      if (!isNumericData(data) || data.length !== size(shape) || own.join() !== shape.join())
        throw new FormatError(
          file,
          `holds ${quoted(name)} of shape [${own.join(',')}], but config.json asks for [${shape.join(',')}].`,
        );
      return [name, toFloat32(data)];
    }),
  );
}

/**
 * The encoder's name of a tensor: without the prefix of its architecture, which files with heads have, and with the
 * names of layer norms that PyTorch uses, where the oldest files have those of TensorFlow.
 */
const encoderName = (name: string): string =>
  name
    .replace(/^(bert|roberta)\./, '')
    .replace(/LayerNorm\.gamma$/, 'LayerNorm.weight')
    .replace(/LayerNorm\.beta$/, 'LayerNorm.bias');

function shapesOf(config: BertConfig, { pooler }: { readonly pooler: boolean }): Map<string, Shape> {
  const scope = new Scope();
  const { last } = bert(scope, { ids: input('ids', [1, 1], 'int64') }, config);
  if (pooler) bertPooler(scope, last, config);
  return new Map([...scope.parameters].map(([name, { value }]) => [name, value.shape]));
}
