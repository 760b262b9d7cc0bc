import path from 'node:path';
import type { OpenOptions } from '../../formats/format.ts';
import { openFile } from '../../formats/open.ts';
import type { OpenedFile } from '../../formats/bytes/opened.ts';
import type { Dataset } from '../dataset.ts';
import { isInMemory } from '../features.ts';

/** Files that features of some dataset are still read from: Node warns of a file that is neither closed nor referred to. */
const needed = new Set<OpenFiles>();

/** The files that a dataset is read from: each is opened once, and all are closed together. */
export class OpenFiles {
  readonly #opened = new Map<string, Promise<OpenedFile>>();
  readonly #notes: string[] = [];

  /** What is to be told of how the files so far were read, each with the name of its file. */
  get notes(): readonly string[] {
    return this.#notes;
  }

  open(file: string, options: OpenOptions = {}): Promise<OpenedFile> {
    const place = path.resolve(file);
    const opened = this.#opened.get(place) ?? this.#open(file, options);
    this.#opened.set(place, opened);
    return opened;
  }

  async #open(file: string, options: OpenOptions): Promise<OpenedFile> {
    const opened = await openFile(file, options);
    for (const note of opened.notes ?? []) this.#notes.push(`${file}: ${note}`);
    return opened;
  }

  /** Takes over a file that was opened otherwise. */
  keep(opened: OpenedFile): OpenedFile {
    this.#opened.set(path.resolve(opened.file), Promise.resolve(opened));
    return opened;
  }

  async close(): Promise<void> {
    needed.delete(this);
    const settled = await Promise.allSettled(this.#opened.values());
    this.#opened.clear();
    for (const one of settled) if (one.status === 'fulfilled') await one.value.close();
  }

  /** The dataset that `read` makes of these files, which are closed then, or by the dataset where features stay in them. */
  async closedAfter(read: () => Promise<Dataset>): Promise<Dataset> {
    let dataset: Dataset | undefined;
    try {
      dataset = await read();
    } finally {
      if (!dataset || !hasStoredFeatures(dataset)) await this.close();
    }
    if (!hasStoredFeatures(dataset)) return dataset;
    needed.add(this);
    return { ...dataset, close: () => this.close() };
  }
}

const hasStoredFeatures = ({ splits }: Dataset): boolean =>
  Object.values(splits).some(({ features }) => !Object.values(features).every(isInMemory));
