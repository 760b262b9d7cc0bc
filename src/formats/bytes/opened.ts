import { OpenFile } from './open-file.ts';

/** A data file whose arrays are read when they are asked for, and only while it is open. */
export interface OpenedFile {
  /** As a person calls it, such as "NumPy archive" or "HDF5". */
  readonly format: string;
  readonly file: string;
  /**
   * The arrays, lists and texts in the file by name, nested where the format nests: a `Map` of `NdArray`s, lists, texts
   * and further `Map`s. A file of one array holds that array, and a pickle whatever was pickled.
   */
  readonly value: unknown;
  /** Texts in which the file describes itself, such as who wrote it. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** What a person should know of how the file was read, such as an encoding that was guessed; sentences that go on from its name. */
  readonly notes?: readonly string[];
  readonly close: () => Promise<void>;
}

type Found = Pick<OpenedFile, 'value' | 'metadata' | 'notes'>;

/** Opens a file for as long as what `read` finds in it is used. */
export async function openWith(
  file: string,
  format: string,
  read: (source: OpenFile) => Found | Promise<Found>,
): Promise<OpenedFile> {
  const source = await OpenFile.open(file);
  try {
    return { format, file, ...(await read(source)), close: () => source.close() };
  } catch (error) {
    await source.close();
    throw error;
  }
}
