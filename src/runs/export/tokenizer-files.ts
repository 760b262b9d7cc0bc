/** The tokeniser of an exported model's encoder, beside the model: whoever serves it can take texts. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ExportDescription } from '../../deploy/description.ts';
import { makeFolder } from '../../files/append.ts';
import { writeFileAtomic } from '../../files/atomic.ts';
import type { OpenModel } from '../open-model.ts';

/** The folder of an export that holds it. */
export const tokenizerFolder = 'tokenizer';

const names = ['tokenizer.json', 'vocab.txt', 'tokenizer_config.json'] as const;

/**
 * Copies the tokeniser of a model that was trained on texts, and returns what the description says of it; undefined where the
 * model takes no texts, or the folder of its encoder is gone.
 */
export function copyTokenizer({ trained }: OpenModel, directory: string): ExportDescription['tokenizer'] {
  const { data, text } = trained?.config ?? {};
  const { from, path: folder, maxLength } = text?.bert ?? {};
  if (data?.text !== 'tokens' || from !== 'raw_text' || folder === undefined || maxLength === undefined)
    return undefined;
  const found = names.filter((name) => existsSync(path.join(folder, name)));
  if (!found.some((name) => name !== 'tokenizer_config.json')) return undefined;
  makeFolder(path.join(directory, tokenizerFolder));
  for (const name of found)
    writeFileAtomic(path.join(directory, tokenizerFolder, name), readFileSync(path.join(folder, name)));
  return { maxLength };
}
