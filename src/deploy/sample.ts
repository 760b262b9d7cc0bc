/** A sample as a person has it, and as a model takes it. */
import type { ParsedCell } from '../formats/delimited/cells.ts';

/**
 * A row of data as it is trained on: `id`, and each modality by its name, as a list of steps `[T][D]`, a vector `[D]` or the
 * columns that it is made of; objects within it are gone through (`imu/acc`). What the sample lacks is null, `[]` or left out,
 * and a missing number is null or NaN.
 */
export type Sample = Readonly<Record<string, unknown>>;

/** A row of data: its cells by the names of their columns. */
export interface Row {
  readonly cells: ReadonlyMap<string, ParsedCell>;
  /** The same as they stand in a file of text; absent where the data says by itself which of them are texts. */
  readonly texts?: ReadonlyMap<string, string>;
  /** Its place, for errors. */
  readonly where: string;
}

/** A step of a sequence: features, of which a missing one is null or NaN, or the id of a token. */
export type Step = readonly (number | null)[] | number;

/** A sample whose numbers are those of the model's inputs: of each the true steps, none where the sample lacks it. */
export class PreparedSample {
  readonly id: string;
  /** By the name of the input: `[t][D]`, or `[t]` of tokens, with 0 to T steps. */
  readonly steps: Readonly<Record<string, readonly Step[]>>;

  constructor(id: string, steps: PreparedSample['steps']) {
    this.id = id;
    this.steps = steps;
  }
}

/** A sample that is not what the model takes: where it stands, the input or column, and what is wrong. */
export class SampleError extends Error {
  override readonly name = 'SampleError';

  constructor(
    /** Its place: `sample 3`, counted from 0, or `FILE, line 4`. */
    readonly where: string,
    problem: string,
    /** The input or column that is wrong, where it is one. */
    readonly input?: string,
  ) {
    super(`${where}: ${problem}`.replace(/\p{Cc}+/gu, ' '));
  }
}
