/** The sentences of samples, which a report shows only where that is asked for. */
import { splitTables, texts } from '../data/tables/table.ts';
import { openFile } from '../formats/open.ts';

/** By id, the sentence of each sample of a file whose splits hold `raw_text` and `id`. Throws an Error where it has none. */
export async function textsIn(file: string): Promise<ReadonlyMap<string, string>> {
  const opened = await openFile(file);
  try {
    const found = new Map<string, string>();
    for (const { columns } of splitTables(opened.value, 'present', file)) {
      const [ids, sentences] = [texts(columns.get('id')) ?? [], texts(columns.get('raw_text')) ?? []];
      for (const [n, id] of ids.entries()) if (sentences[n] !== undefined) found.set(id, sentences[n]);
    }
    if (found.size === 0) throw new Error('there is no raw_text beside ids in it');
    return found;
  } finally {
    await opened.close();
  }
}
