import type { OpenedFile } from './bytes/opened.ts';
import type { Source } from './bytes/stored.ts';
import type { WriteRequest, WriteResult } from './writing/request.ts';

/**
 * A file format: the one value that a room exports, and a line of the table in `formats.ts`. What reads and writes is
 * imported when it is called, as a process needs few of the formats and some take long to load.
 */
export interface Format {
  /** As a person calls it, in errors and in `docs/formats.md`. */
  readonly name: string;
  /** Endings of file names, in lower case, such as `.npz`. A file that is to be written gets its format by them. */
  readonly endings: readonly string[];
  /** Further endings, of files that are read and never written. */
  readonly readEndings?: readonly string[];
  /** The endings that errors put beside the name. Default: none. */
  readonly shownEndings?: readonly string[];
  /**
   * Whether the content is of this format and can be of no other that comes later in the table. Formats of plain text
   * have no such sign and leave this out: their files are known by their endings.
   */
  readonly recognise?: (file: UnknownFile) => boolean;
  /** Whether the content may well be of this format, where no format recognised it and no format of text has its ending. */
  readonly guess?: (file: UnknownFile) => boolean | Promise<boolean>;
  /** Opens a file of this format; `seen` is what it was recognised by. */
  readonly open: (file: string, seen: FileSigns, options: OpenOptions) => Promise<OpenedFile>;
  /** Writes a file by one of `endings`, as a whole or not at all. Left out where the format is only read. */
  readonly write?: (request: WriteRequest) => Promise<WriteResult>;
}

/** How a file is opened. */
export interface OpenOptions {
  /** The names of the columns, in their order, of a text file that has no line of them; of no use to other files. */
  readonly columns?: readonly string[] | undefined;
  /** Ends the reading, at once or within a moment, with an error of any kind. */
  readonly signal?: AbortSignal | undefined;
}

/** Signs of a file's format that are seen without reading all of it. */
export interface FileSigns {
  /** Its first 16 bytes, or all of them where there are fewer. */
  readonly start: Uint8Array;
  /** The ending of its name, in lower case; empty where it has none. */
  readonly ending: string;
  /** The paths in the file, where it is a zip archive, in which several formats keep their parts. */
  readonly members?: readonly string[];
}

/** A file whose format is to be found. */
export interface UnknownFile extends FileSigns {
  /** Its bytes. */
  readonly source: Source;
}
