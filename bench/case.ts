/** What every case is told. */
export interface BenchOptions {
  /** Threads of the runtime inside one operator. */
  readonly threads: number;
  /** Timed repetitions of what a case repeats; each case says which. */
  readonly repetitions: number;
  /** Whether lines per operator follow, from the runtime's own profile. */
  readonly profile: boolean;
  /** A checkout of the authors' public code, for the cases that compare with it. */
  readonly authors?: string;
  /** The Python that runs the authors' code and NumPy. */
  readonly python: string;
}

/** One line of the bench's output, printed as JSON. */
export type BenchLine = Readonly<Record<string, unknown>>;

/** Something measured, run in a process of its own. */
export interface BenchCase {
  /** What `--case` calls it. */
  readonly name: string;
  /** What it measures, in one line for `--help`. */
  readonly about: string;
  /** Takes so long, or so much room, that it runs by `--case` alone. */
  readonly byName?: true;
  run(options: BenchOptions): AsyncGenerator<BenchLine>;
}
