import { clearLine, cursorTo } from 'node:readline';

/**
 * Progress on stderr. On a terminal the last line shows the work under way and is drawn again and again, and finished
 * lines are printed above it; elsewhere (a file, CI, `TERM=dumb`) finished lines are all there is.
 */
export class StatusLine {
  /** Whether `draw` shows anything. */
  readonly live: boolean;

  /** With `quiet`, nothing is shown but the lines that `print` is told to print always. */
  constructor(private readonly quiet: boolean) {
    const { TERM, CI } = process.env;
    this.live = process.stderr.isTTY && TERM !== 'dumb' && CI === undefined && !quiet;
  }

  /** Draws the first of the texts that fits the terminal's line; give them from the longest to the shortest. */
  draw(texts: readonly string[]): void {
    if (!this.live) return;
    const columns = (process.stderr.columns || 80) - 1;
    const text = texts.find(({ length }) => length <= columns) ?? texts.at(-1)!.slice(0, columns);
    cursorTo(process.stderr, 0);
    process.stderr.write(text);
    clearLine(process.stderr, 1);
  }

  /** Leaves the terminal's line empty. */
  clear(): void {
    if (!this.live) return;
    cursorTo(process.stderr, 0);
    clearLine(process.stderr, 0);
  }

  /** Prints a line that stays; `always` prints it under --quiet too. */
  print(text: string, { always = false } = {}): void {
    if (this.quiet && !always) return;
    this.clear();
    process.stderr.write(`${text}\n`);
  }
}
