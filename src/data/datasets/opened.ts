import type { Dataset } from '../dataset.ts';

/** What closes the files that features stay in: of a file that is neither closed nor referred to, Node warns. */
const open = new Set<() => Promise<void>>();

/** Keeps files open until the function that is returned is called, which closes them. */
export function keptOpen(close: () => Promise<void>): () => Promise<void> {
  open.add(close);
  return () => {
    open.delete(close);
    return close();
  };
}

/** What `read` makes of files that are open: they are closed after it, or by the dataset whose features stay in them. */
export async function readAndClose(
  close: () => Promise<void>,
  { stored = false }: { readonly stored?: boolean },
  read: () => Promise<Dataset>,
): Promise<Dataset> {
  let dataset: Dataset | undefined;
  try {
    dataset = await read();
  } finally {
    if (!dataset || !stored) await close();
  }
  return stored ? { ...dataset, close: keptOpen(close) } : dataset;
}
