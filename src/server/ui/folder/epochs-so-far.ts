/** What a list shows of the epochs of a run, kept small: one number an epoch, and the metrics of the best. */
import { GrowingLines } from '../../../files/growing-lines.ts';
import type { Tree } from '../../../json/tree.ts';
import type { Figures } from '../api/routes.ts';
import { epochIn } from './epoch-line.ts';

/** So many points are enough for the smallest of curves, which are chosen of so many at most. */
const [mostPoints, mostValues] = [48, 1024];

export class EpochsSoFar {
  /** Epochs that are on record. */
  done = 0;
  /** From 1; undefined where no epoch was the best so far. */
  best: number | undefined;
  /** The metrics of the best epoch. */
  figures: Figures = {};
  /** Lines that are no epoch. */
  damaged = 0;
  private readonly lines: GrowingLines;
  /** The metric of every `stride`-th epoch, NaN where it was not finite, and of the last one. */
  private values: number[] = [];
  private last: number | undefined;
  private stride = 1;
  private count = 0;

  /** `metric` tells from the metrics of an epoch which one is shown. */
  constructor(
    file: string,
    private readonly metric: (valid: Tree) => string,
  ) {
    this.lines = new GrowingLines(file);
  }

  /** Reads what came since; true where there is more to be read at once. Throws what the system says. */
  read(): boolean {
    const { lines, anew, more } = this.lines.read();
    if (anew) {
      [this.done, this.best, this.figures, this.damaged] = [0, undefined, {}, 0];
      [this.values, this.last, this.stride, this.count] = [[], undefined, 1, 0];
    }
    for (const line of lines) if (line !== '') this.add(line);
    return more;
  }

  /** The metric by epoch, some of them evenly, the last one always; null where it was not finite. */
  spark(): readonly (number | null)[] {
    // The last one is among those that are kept where its turn was.
    const isKept = this.last === undefined || (this.count - 1) % this.stride === 0;
    const values = isKept ? this.values : [...this.values, this.last];
    const count = Math.min(values.length, mostPoints);
    return Array.from({ length: count }, (_, i) => {
      const value = values[count === 1 ? 0 : Math.round((i * (values.length - 1)) / (count - 1))]!;
      // Four digits are more than it shows.
      return Number.isFinite(value) ? Number(value.toPrecision(4)) : null;
    });
  }

  private add(line: string): void {
    const found = epochIn(line);
    if (!found) {
      this.damaged++;
      return;
    }
    const { epoch, valid, isBest } = found;
    this.done = epoch;
    const value = valid[this.metric(valid)];
    this.addValue(typeof value === 'number' ? value : NaN);
    if (!isBest) return;
    this.best = epoch;
    this.figures = headline(valid);
  }

  /** Keeps memory small whatever the number of epochs: of a full list every second value stays. */
  private addValue(value: number): void {
    if (this.count % this.stride === 0) this.values.push(value);
    this.last = value;
    this.count++;
    if (this.values.length <= mostValues) return;
    this.values = this.values.filter((_, n) => n % 2 === 0);
    this.stride *= 2;
  }
}

/** The figures of whole splits, without those of single classes and labels. */
export const headline = (valid: Tree): Figures =>
  Object.fromEntries(
    Object.entries(valid).filter(
      (entry): entry is [string, number] => !entry[0].includes('/') && typeof entry[1] === 'number',
    ),
  );
