/** What a run warned of, a line each as it stands in its file: of any release, and perhaps damaged. */
import path from 'node:path';
import { GrowingLines } from '../../../files/growing-lines.ts';

/** So many are shown one by one, of at most so many characters each. */
const [most, longest] = [1000, 10_000];

const fileOf = (directory: string): string => path.join(directory, 'warnings.jsonl');
const isLine = (line: string): boolean => line !== '';

/** The first warnings, which say what was wrong; none where the file is not there or cannot be read. */
export function firstWarnings(directory: string): readonly string[] {
  try {
    const { lines } = new GrowingLines(fileOf(directory)).read();
    return lines.filter((line) => isLine(line) && line.length <= longest).slice(0, most);
  } catch {
    return [];
  }
}

/** How many there are, of which a run may have a million: what came since is counted, and nothing of it kept. */
export class WarningCount {
  count = 0;
  private readonly lines: GrowingLines;

  constructor(directory: string) {
    this.lines = new GrowingLines(fileOf(directory));
  }

  /** Reads what came since; true where there is more to be read at once. What cannot be read has no more. */
  read(): boolean {
    try {
      const { lines, anew, more } = this.lines.read();
      this.count = (anew ? 0 : this.count) + lines.filter(isLine).length;
      return more;
    } catch {
      return false;
    }
  }
}
