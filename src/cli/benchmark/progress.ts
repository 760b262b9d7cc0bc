/**
 * The progress of a benchmark on stderr: a line per finished job, and on a terminal a status line of the jobs under
 * way.
 */
import type { BenchmarkEvent } from '../../experiments/benchmark.ts';
import type { JobName } from '../../experiments/benchmark/grid.ts';
import { StatusLine } from '../printing/status-line.ts';

export interface BenchmarkProgressOptions {
  readonly jobs: number;
  readonly quiet: boolean;
}

export class BenchmarkProgress {
  private readonly status: StatusLine;
  /** The status of each job under way, by its name. */
  private readonly underWay = new Map<string, string>();
  private ended = 0;
  private kept = 0;

  constructor(private readonly options: BenchmarkProgressOptions) {
    this.status = new StatusLine(options.quiet);
  }

  show(event: BenchmarkEvent): void {
    if (event.type === 'comparing') this.status.print(`comparing on ${event.data}`);
    if (event.type === 'unmeasured') this.note(`${event.data} ${event.entry}: D was not measured: ${event.reason}`);
    if (event.type === 'epoch') {
      const { epoch, epochs } = event.at;
      this.underWay.set(nameOf(event.job), `${nameOf(event.job)} ${epoch}/${epochs}`);
    }
    if (event.type === 'outcome') this.outcome(event);
    this.status.draw([`${this.ended}/${this.options.jobs}  ${[...this.underWay.values()].join('  ')}`]);
  }

  /** Prints a line for the person at the terminal, under --quiet too. */
  note(text: string): void {
    this.status.print(text, { always: true });
  }

  /** Leaves the terminal's line empty. */
  done(): void {
    this.status.clear();
  }

  private outcome({ job, outcome }: Extract<BenchmarkEvent, { type: 'outcome' }>): void {
    this.underWay.delete(nameOf(job));
    if (outcome.status === 'stopped') return;
    this.ended++;
    const place = `${this.ended}/${this.options.jobs}`;
    if (outcome.status === 'failed') {
      this.note(`${place}  ${nameOf(job)} failed: ${outcome.reason}`);
      return;
    }
    if (outcome.kept) {
      if (this.kept++ === 0) this.status.print('what an earlier call has finished is not done again');
      return;
    }
    const { valid, epochs, best_epoch, seconds } = outcome.result;
    const [metric, value] = Object.entries(valid)[0]!;
    const length = epochs === null ? '' : `, best of ${epochs} epochs: ${best_epoch!}`;
    this.status.print(
      `${place}  ${nameOf(job)}: valid ${metric} ${value.toFixed(4)}${length}, ${seconds.toFixed(1)} s`,
    );
  }
}

const nameOf = ({ data, entry, what }: JobName): string => [data, entry, what].filter((part) => part !== '').join(' ');
