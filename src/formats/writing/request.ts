import type { FloatType } from './numbers.ts';

/** What every writer is asked for. */
export interface WriteRequest {
  readonly file: string;
  /** As `OpenedFile.value`. */
  readonly value: unknown;
  /** The type that floating arrays are to become. Default: their own, or the next wider one that the format has. */
  readonly dtype?: FloatType | undefined;
  /** Ends the writing between two pieces. */
  readonly signal?: AbortSignal | undefined;
  /** Texts in which the file is to describe itself, where its format has room for them. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** What was written, and what was not. */
export interface WriteResult {
  /** As a person calls it. */
  readonly format: string;
  readonly arrays: number;
  readonly bytes: number;
  /** Names of texts, and of values that are neither numbers nor texts, for which the format has no place. */
  readonly leftOut: readonly string[];
  /** Whether the texts of `metadata` are in the file. */
  readonly keptMetadata?: boolean;
}
