/** Texts of samples become what a model with an encoder takes: tokens, or the hidden states of an encoder that is frozen whole. */
import path from 'node:path';
import type { ExportDescription } from '../../deploy/description.ts';
import type { Sample } from '../../deploy/sample.ts';
import { readTokenizer, type Tokenized } from '../../encoders/tokenizer.ts';
import { tokenizerFolder } from '../../runs/export/tokenizer-files.ts';
import type { Queue } from './queue.ts';

/** The samples with tokens or hidden states in place of their texts. */
export type ReadTexts = (samples: readonly Sample[], signal: AbortSignal) => Promise<readonly Sample[]>;

/** The modality that encoders read. */
const modality = 'text';

/**
 * How the texts of an export are read; undefined where it has no tokeniser. `encoder` gives the hidden states of an encoder that
 * was frozen whole, which no export holds.
 */
export function textReader(
  folder: string,
  { rows, tokenizer, inputs }: ExportDescription,
  encoder?: Queue,
): ReadTexts | undefined {
  const takesTokens = inputs.some(({ name }) => name === `${modality}_ids`);
  if (!tokenizer || (!takesTokens && !encoder)) return undefined;
  const tokenizing = readTokenizer(path.join(folder, tokenizerFolder));
  const columns = [...new Set([modality, ...(rows[modality]?.texts ?? []), 'raw_text'])];
  return async (samples, signal) => {
    const texts = samples.map((sample) => textIn(sample, columns));
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

/** The text of a sample, of several columns together, as in training; undefined where it has none. */
function textIn(sample: Sample, columns: readonly string[]): string | undefined {
  const found = columns
    .map((name) => (Object.hasOwn(sample, name) ? sample[name] : undefined))
    .filter((value) => typeof value === 'string');
  return found.length > 0 ? found.join(' ').trim() : undefined;
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
