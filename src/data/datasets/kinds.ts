/** The kinds of dataset that lie in several files, one of which says what the others are. */

import { basename, dirname, extname } from 'node:path';
import type { Dataset } from '../dataset.ts';
import { manifestName } from '../packed/manifest.ts';
import type { TableOptions } from '../tables/dataset.ts';
import type { OpenFiles } from './open-files.ts';

export interface DatasetKind {
  /** As `inspect` calls a dataset of this kind. */
  readonly name: string;
  /** The name, in a folder of this kind, of the file that says what the others are. */
  readonly fileName: string;
  /** Whether a file, by its name, is the one that says what the others are. */
  readonly recognise: (file: string) => boolean;
  /** The dataset that `file` and those that it names hold, which are opened through `files`. */
  readonly read: (file: string, files: OpenFiles, options: TableOptions) => Promise<Dataset>;
}

/** The endings of a description's name. */
export const descriptionEndings: readonly string[] = ['.yaml', '.yml'];

const described: DatasetKind = {
  name: 'dataset description',
  fileName: 'dataset.yaml',
  recognise: (file) => descriptionEndings.includes(extname(file).toLowerCase()),
  // The library that reads YAML is loaded only where there is some.
  read: async (file, files, options) => (await import('../own/read.ts')).readDescribed(file, files, options),
};

const packed: DatasetKind = {
  name: 'packed dataset',
  fileName: manifestName,
  recognise: (file) => basename(file) === manifestName,
  read: async (file, files, options) => (await import('../packed/read.ts')).readPacked(dirname(file), files, options),
};

/** As `inspect` calls a dataset of which training reads samples where they are. */
export const packedKind = packed.name;

/** In the order in which a folder is asked for their files. */
export const datasetKinds: readonly DatasetKind[] = [packed, described];

/** The kind of dataset that a file describes; undefined for a file that holds the data itself. */
export const datasetKindOf = (file: string): DatasetKind | undefined =>
  datasetKinds.find(({ recognise }) => recognise(file));
