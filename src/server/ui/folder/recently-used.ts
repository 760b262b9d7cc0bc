/** What was made of a few things, so that it need not be made again: those that were asked for last. */
export class RecentlyUsed<T> {
  private readonly kept = new Map<string, T>();

  /** `most`: how many are kept. */
  constructor(private readonly most: number) {}

  /** What is kept by that name, or else what `make` returns, which is kept then. */
  get(name: string, make: () => T): T {
    // A Map is in the order in which its entries came: what is asked for goes to its end.
    const value = this.kept.has(name) ? this.kept.get(name)! : make();
    this.kept.delete(name);
    this.kept.set(name, value);
    const [oldest] = this.kept.keys();
    if (this.kept.size > this.most && oldest !== undefined) this.kept.delete(oldest);
    return value;
  }

  /** What was made by that name is made again when it is asked for. */
  forget(name: string): void {
    this.kept.delete(name);
  }
}
