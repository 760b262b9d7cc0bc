/** What a benchmark shows while it runs, on stderr: a line per finished job, and on a terminal what is under way. */
import { clearLine, cursorTo } from 'node:readline';
import type { BenchmarkEvent, JobName } from '../experiments/benchmark.ts';

export interface BenchmarkProgressOptions {
  readonly jobs: number;
  readonly quiet: boolean;
}

export class BenchmarkProgress {
  private readonly live: boolean;
  private readonly underWay = new Map<string, string>();
  private ended = 0;
  private kept = 0;

  constructor(private readonly options: BenchmarkProgressOptions) {
    const { TERM, CI } = process.env;
    this.live = process.stderr.isTTY && TERM !== 'dumb' && CI === undefined && !options.quiet;
  }

  show(event: BenchmarkEvent): void {
    if (event.type === 'comparing') this.line(`comparing on ${event.data}`);
    if (event.type === 'epoch') {
      const { epoch, epochs } = event.at;
      this.underWay.set(nameOf(event.job), `${nameOf(event.job)} ${epoch}/${epochs}`);
    }
    if (event.type === 'outcome') this.outcome(event);
    this.draw();
  }

  /** A line for the person at the terminal, --quiet or not. */
  note(text: string): void {
    this.line(text, true);
  }

  /** Leaves the terminal's line empty. */
  done(): void {
    if (!this.live) return;
    cursorTo(process.stderr, 0);
    clearLine(process.stderr, 0);
  }

  private outcome({ job, outcome }: Extract<BenchmarkEvent, { type: 'outcome' }>): void {
    this.underWay.delete(nameOf(job));
    if (outcome.status === 'stopped') return;
    this.ended++;
    const place = `${this.ended}/${this.options.jobs}`;
    if (outcome.status === 'failed') {
      this.line(`${place}  ${nameOf(job)} failed: ${outcome.reason}`, true);
      return;
    }
    if (outcome.kept) {
      if (this.kept++ === 0) this.line('what an earlier call has finished is not done again');
      return;
    }
    const { valid, epochs, best_epoch, seconds } = outcome.result;
    const [metric, value] = Object.entries(valid)[0]!;
    const length = epochs === null ? '' : `, best of ${epochs} epochs: ${best_epoch!}`;
    this.line(`${place}  ${nameOf(job)}: valid ${metric} ${value.toFixed(4)}${length}, ${seconds.toFixed(1)} s`);
  }

  private draw(): void {
    if (!this.live) return;
    const columns = (process.stderr.columns || 80) - 1;
    const text = `${this.ended}/${this.options.jobs}  ${[...this.underWay.values()].join('  ')}`;
    cursorTo(process.stderr, 0);
    process.stderr.write(text.slice(0, columns));
    clearLine(process.stderr, 1);
  }

  private line(text: string, always = false): void {
    if (this.options.quiet && !always) return;
    this.done();
    process.stderr.write(`${text}\n`);
  }
}

const nameOf = ({ data, entry, what }: JobName): string => [data, entry, what].filter((part) => part !== '').join(' ');
