/** What became of a value in a file. */
export interface Written {
  /** As a person calls it. */
  readonly format: string;
  readonly arrays: number;
  readonly bytes: number;
  /** Names of what the format cannot hold and the file does without: texts, or what is neither numbers nor texts. */
  readonly leftOut: readonly string[];
  /** Whether the texts of `metadata` are in the file. */
  readonly keptMetadata?: boolean;
}
