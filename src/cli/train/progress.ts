/**
 * The progress of training on stderr: a line per epoch, and on a terminal a status line that every step draws again.
 */
import { labelOf } from '../../metrics/headings.ts';
import { type MetricKind, type MetricName } from '../../metrics/metric.ts';
import type { FoldsEvent } from '../../experiments/cross-validation.ts';
import type { SeedsEvent } from '../../experiments/seeds.ts';
import { shortNames } from '../../models/index.ts';
import { placeOfEpoch, type PlaceOfEpoch, type Selection, type StageLength } from '../../train/index.ts';
import { epochText } from '../printing/epoch-text.ts';
import { StatusLine } from '../printing/status-line.ts';

export interface ProgressOptions {
  /** The dataset in one line, as `dataLine` gives it. */
  readonly data: string;
  /** Lines on what of its file is not read. */
  readonly notRead: readonly string[];
  readonly seeds: number;
  readonly selection: Selection;
  /** The kind of the metrics that `selection` is one of. */
  readonly metrics: MetricKind;
  readonly quiet: boolean;
}

type EventOf<T extends SeedsEvent['type']> = Extract<SeedsEvent, { readonly type: T }>;

export class Progress {
  private readonly status: StatusLine;
  private stepsPerEpoch = 0;
  private epochs = 0;
  private stages: readonly StageLength[] = [];
  private started = 0;
  private done = 0;
  private drawn = 0;
  /** The validation metric of the last epoch as text; empty before there is one. */
  private latest = '';
  private introduced = false;
  /** How many steps have been left out so far. */
  private skipped = 0;
  /** The messages of warnings so far. */
  private readonly told = new Set<string>();

  constructor(private readonly options: ProgressOptions) {
    this.status = new StatusLine(options.quiet);
  }

  show(event: SeedsEvent | FoldsEvent): void {
    if (event.type === 'warning') this.warn(event);
    if (event.type === 'left out') this.leftOut(event);
    if (event.type === 'waiting') this.note(event.message);
    if (this.options.quiet) return;
    if (event.type === 'seed' && this.options.seeds > 1)
      this.status.print(`seed ${event.seed} (${event.index + 1} of ${this.options.seeds})`);
    if (event.type === 'fold') this.status.print(`fold ${event.fold + 1} of ${event.count}`);
    if (event.type === 'extended') this.extended(event);
    if (event.type === 'start') this.start(event);
    if (event.type === 'step') this.step(event);
    if (event.type === 'epoch') this.epoch(event);
    if (event.type === 'end' && event.reason === 'stopped early')
      this.status.print(
        `stopped early after epoch ${this.place(event.state.epoch).epoch}: none was better since ${this.place(event.state.best!.epoch).epoch}`,
      );
  }

  /** Tells of each warning once, whichever seeds or folds have it; how samples were read is no warning under --quiet. */
  private warn({ kind, message }: Extract<SeedsEvent, { type: 'warning' }>): void {
    if (this.told.has(message)) return;
    this.told.add(message);
    if (kind === 'reading') this.status.print(message);
    else this.note(`warning: ${message}`);
  }

  /** Prints a line for the person at the terminal, under --quiet too. */
  note(text: string): void {
    this.status.print(text, { always: true });
  }

  /** Warns of the first step that was left out; the line of each epoch counts the others. */
  private leftOut({ step, reason }: EventOf<'left out'>): void {
    this.skipped += 1;
    if (this.skipped === 1) this.note(`warning: step ${step} was left out: ${reason}`);
  }

  /** Where an epoch lies: stages before the usual epochs are counted by themselves. */
  private readonly place = (epoch: number): PlaceOfEpoch => placeOfEpoch(epoch, this.epochs, this.stages);

  private extended({ extension: { epoch, epochs_before: before, epochs_after: after } }: EventOf<'extended'>): void {
    const { stage, epoch: from } = this.place(epoch);
    this.status.print(
      `${after} epochs in place of ${before}, from epoch ${from}${stage === undefined ? '' : ` of ${stage}`} on: the learning rate goes on as in a run of ${after}`,
    );
  }

  private start({ parameters, stepsPerEpoch, epochs, stages = [], nodes, step }: EventOf<'start'>): void {
    this.stepsPerEpoch = stepsPerEpoch;
    this.epochs = epochs;
    this.stages = stages;
    this.started = performance.now();
    this.done = 0;
    this.latest = '';
    // The dataset is shown when training has really begun: a call that fails before then prints its error alone.
    if (!this.introduced) for (const line of [this.options.data, ...this.options.notRead]) this.status.print(line);
    this.introduced = true;
    const from = step > 0 ? `, going on after step ${step}` : '';
    this.status.print(
      `${parameters.toLocaleString('en')} parameters, ${nodes.toLocaleString('en')} nodes, ${stepsPerEpoch} steps an epoch${from}`,
    );
  }

  private step({ epoch, step, losses, learningRate }: EventOf<'step'>): void {
    this.done++;
    const now = performance.now();
    if (!this.status.live || now - this.drawn < 100) return;
    this.drawn = now;
    const perStep = (now - this.started) / this.done;
    const within = step - (epoch - 1) * this.stepsPerEpoch;
    const left = ((this.epochs - epoch + 1) * this.stepsPerEpoch - within) * perStep;
    const bar = '━'.repeat(Math.round((10 * within) / this.stepsPerEpoch)).padEnd(10, '─');
    const head = `${epochText(epoch, this.epochs, this.stages)} ${bar} ${within}/${this.stepsPerEpoch}`;
    const rate = `${(1000 / perStep).toFixed(1)} it/s  at most ${clock(left)} left`;
    const loss = `loss ${losses['total']!.toFixed(3)}`;
    this.status.draw([
      `${head}  ${lossText(losses)}  lr ${learningRate.toExponential(1)}  ${rate}${this.latest}`,
      `${head}  ${loss}  ${rate}${this.latest}`,
      `${head}  ${loss}  ${rate}`,
      `${head}  ${loss}`,
    ]);
  }

  private epoch({ epoch, stage, losses, valid, learningRate, leftOut, best }: EventOf<'epoch'>): void {
    const { metric, better } = this.options.selection;
    const label = labelOf(this.options.metrics, metric as MetricName);
    const arrow = better === 'lower' ? '↓' : '↑';
    // The task has no part in a stage, so that its validation metric would say nothing.
    this.latest =
      stage === undefined ? `  valid ${label} ${valid[metric]!.toFixed(4)}${best ? ` ${arrow} best` : ''}` : '';
    const head = `${epochText(epoch, this.epochs, this.stages)}${leftOut > 0 ? `  ${leftOut} ${leftOut === 1 ? 'step' : 'steps'} left out` : ''}`;
    this.status.print(`${head}  ${lossText(losses)}  lr ${learningRate.toExponential(1)}${this.latest}`);
  }
}

function lossText(losses: Readonly<Record<string, number>>): string {
  const terms = Object.entries(losses).flatMap(([name, value]) =>
    name === 'total' ? [] : [`${Object.hasOwn(shortNames, name) ? shortNames[name] : name} ${value.toFixed(3)}`],
  );
  return `loss ${losses['total']!.toFixed(3)} (${terms.join(' ')})`;
}

function clock(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
