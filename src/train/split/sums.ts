/** Named numbers in one array, so that all of them are summed over ranks at once. */
export class Sums {
  readonly values: Float32Array;
  private readonly views: ReadonlyMap<string, Float32Array>;

  /** `lengths` are the numbers of each name, in their order in the array. */
  constructor(lengths: readonly (readonly [name: string, length: number])[]) {
    // In memory of its own, for MPI: V8 keeps small arrays where it may move them meanwhile.
    this.values = new Float32Array(new ArrayBuffer(4 * lengths.reduce((sum, [, length]) => sum + length, 0)));
    let at = 0;
    this.views = new Map(lengths.map(([name, length]) => [name, this.values.subarray(at, (at += length))] as const));
  }

  /** The numbers of a name; they change with every step. */
  of(name: string): Float32Array {
    return this.views.get(name)!;
  }

  clear(): void {
    this.values.fill(0);
  }

  /** Adds `factor` times these numbers to those of a name. */
  add(name: string, numbers: ArrayLike<number>, factor = 1): void {
    const sums = this.of(name);
    for (let i = 0; i < sums.length; i++) sums[i]! += factor * numbers[i]!;
  }
}
