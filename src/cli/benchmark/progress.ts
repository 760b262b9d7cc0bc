/**
 * The progress of a benchmark on stderr: a line per finished job, and on a terminal a status line of the jobs under
 * way.
 */
import type { BenchmarkEvent } from '../../experiments/benchmark.ts';
import type { JobResult } from '../../experiments/benchmark/job.ts';
import type { JobName } from '../../experiments/benchmark/jobs.ts';
import { epochsOfStages } from '../../train/index.ts';
import { epochText } from '../printing/epoch-text.ts';
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
      const { epoch, epochs, stages } = event.at;
      this.underWay.set(jobNames(event.job), `${jobNames(event.job)} ${epochText(epoch, epochs, stages)}`);
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
    this.underWay.delete(jobNames(job));
    if (outcome.status === 'stopped') return;
    this.ended++;
    const place = `${this.ended}/${this.options.jobs}`;
    if (outcome.status === 'failed') {
      this.note(`${place}  ${jobNames(job)} failed: ${outcome.reason}`);
      return;
    }
    if (outcome.kept) {
      if (this.kept++ === 0) this.status.print('what an earlier call has finished is not done again');
      return;
    }
    this.status.print(`${place}  ${jobNames(job)}: ${outcomeText(outcome.result)}`);
  }
}

/** What a job came to on validation, in a few words. */
export function outcomeText({ valid, epochs, stages = [], best_epoch: best, seconds }: JobResult): string {
  const [metric, value] = Object.entries(valid)[0]!;
  const before = epochsOfStages(stages);
  const after = stages.map((stage) => ` after ${stage.epochs} of ${stage.name}`).join('');
  const length = epochs === null ? '' : `, best of ${epochs - before} epochs${after}: ${best! - before}`;
  return `valid ${metric} ${value.toFixed(4)}${length}, ${seconds.toFixed(1)} s`;
}

/** A job in a few words, as in `mosi decalign seed 2`. */
export const jobNames = ({ data, entry, what }: JobName): string =>
  [data, entry, what].filter((part) => part !== '').join(' ');
