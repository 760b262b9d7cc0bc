/** A data file whose arrays are read when they are asked for, and only while it is open. */
export interface OpenedFile {
  /** As a person calls it, such as "NumPy archive" or "HDF5". */
  readonly format: string;
  readonly file: string;
  /**
   * What the file holds by name, nested where the format nests: a `Map` of `NdArray`s, lists, texts and further `Map`s.
   * A file of one array holds that array, and a pickle whatever was pickled.
   */
  readonly value: unknown;
  /** Texts that the file says of itself. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly close: () => Promise<void>;
}
