/** Rows by id whose changes are numbered, so that whoever was told up to one is told what came since. */

/** Of so many that are gone it is known when; whoever was told of none of them is told everything. */
const mostGone = 10_000;

export class NumberedRows<Row extends { readonly id: string }> {
  private readonly rows = new Map<string, { readonly row: Row; readonly changed: number }>();
  private readonly gone = new Map<string, number>();
  /** Up to this number nothing is known of what is gone. */
  forgotten = 0;

  /** `next` gives each change its number, which grows. */
  constructor(private readonly next: () => number) {}

  set(row: Row): void {
    this.gone.delete(row.id);
    this.rows.set(row.id, { row, changed: this.next() });
  }

  remove(id: string): void {
    if (!this.rows.delete(id)) return;
    this.gone.set(id, this.next());
    for (const [oldest, changed] of this.gone) {
      if (this.gone.size <= mostGone) break;
      this.gone.delete(oldest);
      this.forgotten = changed;
    }
  }

  all(): readonly Row[] {
    return Array.from(this.rows.values(), ({ row }) => row);
  }

  /** The rows that changed after a number, and the ids of those that are gone since. */
  since(number: number): { readonly rows: readonly Row[]; readonly gone: readonly string[] } {
    return {
      rows: [...this.rows.values()].flatMap(({ row, changed }) => (changed > number ? [row] : [])),
      gone: [...this.gone].flatMap(([id, changed]) => (changed > number ? [id] : [])),
    };
  }
}
