/** A file that is not what it should be: one line naming the file, what is wrong in it, where, and what to do. */
export class FormatError extends Error {
  readonly file: string;
  /** Byte offset of the fault, where it is known. */
  readonly offset: number | undefined;

  constructor(file: string, problem: string, options: { readonly offset?: number; readonly cause?: unknown } = {}) {
    const place = options.offset === undefined ? file : `${file}, byte ${options.offset}`;
    super(oneLine(`${place}: ${problem}`), options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'FormatError';
    this.file = file;
    this.offset = options.offset;
  }
}

/** Runs a reader of foreign bytes: whatever goes wrong inside, from a bad length to a full memory, is a FormatError. */
export function reading<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof FormatError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new FormatError(file, `cannot be read (${reason}); the file is damaged, copy or write it again.`, {
      cause: error,
    });
  }
}

/** Text from a file, fit for an error message: quoted, on one line, and not too long. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

// Control characters arrive in file names as well as in damaged files, and would break the one line.
const oneLine = (text: string): string => text.replace(/\p{Cc}+/gu, ' ');
