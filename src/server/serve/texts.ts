/** Texts of samples become what a model with an encoder takes: tokens, or the hidden states of an encoder that is frozen whole. */
import path from 'node:path';
import { shown } from '../../deploy/checks.ts';
import type { ExportDescription } from '../../deploy/description.ts';
import { inputsOf } from '../../deploy/inputs.ts';
import { type Sample, SampleError } from '../../deploy/sample.ts';
import { readTokenizer, type Tokenized } from '../../encoders/tokenizer.ts';
import { tokenizerFolder } from '../../runs/export/tokenizer-files.ts';
import type { Queue } from './queue.ts';
import { quoted } from '../../files/error.ts';
import { Refusal } from './refusal.ts';

/** The samples with tokens or hidden states in place of their texts. */
export type ReadTexts = (samples: readonly Sample[], signal: AbortSignal) => Promise<readonly Sample[]>;

/** Characters of all texts of a request. A tokeniser takes a millisecond or two for a thousand, and nobody is heard meanwhile. */
const longest = 2 ** 17;

/** The modality that encoders read. */
const modality = 'text';

/**
 * How the texts of an export are read; undefined where it has no tokeniser. `encoder` gives the hidden states of an encoder that
 * was frozen whole, which no export holds.
 */
export function textReader(folder: string, description: ExportDescription, encoder?: Queue): ReadTexts | undefined {
  const { rows, tokenizer, inputs } = description;
  const takesTokens = inputs.some(({ name }) => name === `${modality}_ids`);
  if (!tokenizer || (!takesTokens && !encoder)) return undefined;
  const tokenizing = readTokenizer(path.join(folder, tokenizerFolder));
  const columns = [...new Set([modality, ...(rows[modality]?.texts ?? []), 'raw_text'])];
  return async (samples, signal) => {
    const texts = samples.map((sample, n) => textIn(sample, columns, n));
    // Where nobody has a text there must be something else to go by.
    if (!texts.some(Boolean)) inputsOf(description, samples);
    const length = texts.reduce((sum, text = '') => sum + text.length, 0);
    if (length > longest)
      throw new Refusal(
        413,
        `The texts come to ${length} characters, more than ${longest}: send fewer samples at once.`,
      );
    const tokens = tokenizing.tokenize(
      texts.filter((text) => text !== undefined),
      tokenizer.maxLength,
    );
    const steps = encoder ? await hiddenStates(tokens, { encoder, signal, time: tokenizer.maxLength }) : idsOf(tokens);
    let next = 0;
    return samples.map((sample, n): Sample => {
      if (texts[n] === undefined) return sample;
      const own = steps[next++]!;
      const rest = Object.fromEntries(Object.entries(sample).filter(([name]) => !columns.includes(name)));
      return takesTokens
        ? { ...rest, [`${modality}_ids`]: own, [`${modality}_segments`]: own.map(() => 0) }
        : { ...rest, [modality]: own };
    });
  };
}

/**
 * The text of a sample, of several columns together, as in training, where a row without one had an empty one. Undefined where a
 * sample has tokens or hidden states already.
 */
function textIn(sample: Sample, columns: readonly string[], n: number): string | undefined {
  const valueOf = (name: string): unknown => (Object.hasOwn(sample, name) ? sample[name] : undefined);
  if ([modality, `${modality}_ids`].some((name) => Array.isArray(valueOf(name)))) return undefined;
  const found = columns.flatMap((name) => {
    const value = valueOf(name) ?? undefined;
    if (value === undefined) return [];
    if (typeof value !== 'string')
      throw new SampleError(`sample ${n}`, `${quoted(name)} is ${shown(value)}, and must be a text`, name);
    return [value];
  });
  return found.join(' ').trim();
}

/** The ids of each text's tokens. */
const idsOf = ({ shape: [count, steps], ids, mask }: Tokenized): readonly (readonly number[])[] =>
  Array.from({ length: count }, (_, n) =>
    [...ids.subarray(n * steps, (n + 1) * steps)].filter((__, t) => mask[n * steps + t] === 1),
  );

interface Encoding {
  readonly encoder: Queue;
  readonly signal: AbortSignal;
  /** The steps that the encoder takes. */
  readonly time: number;
}

/** The hidden states of each text's tokens. */
async function hiddenStates(
  tokens: Tokenized,
  { encoder, signal, time }: Encoding,
): Promise<readonly (readonly (readonly number[])[])[]> {
  const rows = idsOf(tokens);
  if (rows.length === 0) return [];
  const pairs = new Float32Array(rows.length * time * 2);
  const mask = new Float32Array(rows.length * time);
  for (const [n, ids] of rows.entries())
    for (const [t, id] of ids.entries()) {
      pairs[(n * time + t) * 2] = id;
      mask[n * time + t] = 1;
    }
  const given = {
    tokens: { shape: [rows.length, time, 2], data: pairs },
    mask: { shape: [rows.length, time], data: mask },
  };
  const { outputs } = await encoder.run(given, signal);
  const { shape, data } = outputs['states']!;
  const width = shape[2]!;
  return rows.map((ids, n) =>
    ids.map((_, t) => Array.from(data.subarray((n * time + t) * width, (n * time + t + 1) * width), Number)),
  );
}
