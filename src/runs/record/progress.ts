/** How far a training is, `progress.json`, for whoever looks at it from outside. Training itself never reads it. */
import path from 'node:path';
import * as z from 'zod';
import { writeFileAtomic } from '../../files/atomic.ts';
import { jsonIn } from '../../files/json.ts';
import type { EventOf, TrainEvent } from '../../train/index.ts';

/** Stages with their epochs, where they are read back. */
export const stageLengths = z.array(z.object({ name: z.string(), epochs: z.int() })).readonly();

const schema = z.object({
  /** The epoch under way, from 1, and how many there are at most: patience may end a training before. */
  epoch: z.int(),
  epochs: z.int(),
  /** The stages before the usual epochs, which the numbers above count too; absent where there are none. */
  stages: stageLengths.optional(),
  /** Steps that are done, and how many there are at most. */
  step: z.int(),
  steps: z.int(),
  /** The loss of the last step; null before the first one of this process, and where it was not finite. */
  loss: z.number().nullable(),
  /** Of this process, validation included; null before its first step. */
  steps_per_second: z.number().nullable(),
  /** How long the steps that are left take at that speed, at most; null before the first step. */
  seconds_left: z.number().nullable(),
  /** How long it has trained, all its processes together; absent in earlier runs. */
  seconds: z.number().optional(),
  /** Why training ended, where that was an error and nobody has gone on since. */
  failure: z.string().optional(),
  /** When this was written. */
  updated: z.iso.datetime(),
});
/** The contents of `progress.json`. */
export type RunProgress = z.output<typeof schema>;

const progressName = 'progress.json';

/** The least time between two writings, in milliseconds. */
const interval = 1000;

/** Replaces `progress.json` as events of a training come: at its start and its end, and at most once a second between. */
export class ProgressFile {
  private start: EventOf<'start'> | undefined;
  private started = 0;
  /** Seconds of the processes before. */
  private before = 0;
  private written = 0;
  private epoch = 0;
  private step = 0;
  private loss: number | null = null;

  /** `now` is a clock in milliseconds. */
  constructor(
    private readonly directory: string,
    private readonly now = (): number => performance.now(),
  ) {}

  note(event: TrainEvent): void {
    if (event.type === 'start') {
      this.start = event;
      this.started = this.now();
      this.before = readProgress(this.directory)?.seconds ?? 0;
      [this.epoch, this.step] = [Math.min(event.epoch + 1, event.epochs), event.step];
      this.write();
    }
    if (event.type === 'step' || event.type === 'left out') {
      [this.epoch, this.step] = [event.epoch, event.step];
      const loss = event.type === 'step' ? event.losses['total'] : undefined;
      this.loss = loss !== undefined && Number.isFinite(loss) ? loss : null;
    }
    if (event.type === 'end') this.write({ left: event.reason === 'aborted' });
    else if (this.now() - this.written >= interval) this.write();
  }

  /** Notes down that training ended with an error. */
  fail(failure: string): void {
    this.write({ failure });
  }

  /** `left`: whether steps that are not done are still to be done. */
  private write({ left = true, failure }: { readonly left?: boolean; readonly failure?: string } = {}): void {
    if (!this.start) return;
    this.written = this.now();
    const { epochs, stages, stepsPerEpoch } = this.start;
    const steps = epochs * stepsPerEpoch;
    const done = this.step - this.start.step;
    const seconds = (this.written - this.started) / 1000;
    const progress: RunProgress = {
      ...{ epoch: this.epoch, epochs, ...(stages && { stages }), step: this.step, steps, loss: this.loss },
      steps_per_second: done > 0 && seconds > 0 ? rounded(done / seconds) : null,
      seconds_left: !left ? 0 : done > 0 ? rounded(((steps - this.step) * seconds) / done) : null,
      seconds: rounded(this.before + seconds),
      ...(failure !== undefined && { failure }),
      updated: new Date().toISOString(),
    };
    // Nothing rests on it, so that training does not wait for the disk.
    writeFileAtomic(path.join(this.directory, progressName), `${JSON.stringify(progress)}\n`, { durable: false });
  }
}

/** Four digits, which is more than such times tell. */
const rounded = (x: number): number => Number(x.toPrecision(4));

/** The progress of a run; undefined where it has none, as runs of format 2 and before, or none that can be read. */
export const readProgress = (directory: string): RunProgress | undefined => jsonIn(directory, progressName, schema);
