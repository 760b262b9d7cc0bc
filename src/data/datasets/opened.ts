import type { Dataset } from '../dataset.ts';

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
  return stored ? { ...dataset, close } : dataset;
}
