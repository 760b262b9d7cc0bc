/** What training shows while it runs, on stderr: one updating line on a terminal, else one line per epoch. */
import { clearLine, cursorTo } from 'node:readline';
import { metrics, type MetricName } from '../metrics/metric.ts';
import type { FoldsEvent } from '../experiments/cross-validation.ts';
import type { SeedsEvent } from '../experiments/seeds.ts';
import { shortNames } from '../models/index.ts';
import type { Selection } from '../train/index.ts';

export interface ProgressOptions {
  /** What is trained on, in a line. */
  readonly data: string;
  readonly seeds: number;
  readonly selection: Selection;
  readonly quiet: boolean;
}

export class Progress {
  private readonly live: boolean;
  private stepsPerEpoch = 0;
  private epochs = 0;
  private started = 0;
  private done = 0;
  private drawn = 0;
  /** The last epoch's validation metric. */
  private latest = '';
  private introduced = false;
  /** Steps left out so far. */
  private skipped = 0;

  constructor(private readonly options: ProgressOptions) {
    const { TERM, CI } = process.env;
    this.live = process.stderr.isTTY && TERM !== 'dumb' && CI === undefined && !options.quiet;
  }

  show(event: SeedsEvent | FoldsEvent): void {
    if (event.type === 'warning') this.line(`warning: ${event.message}`, true);
    if (event.type === 'left out') this.leftOut(event);
    if (this.options.quiet) return;
    if (event.type === 'seed' && this.options.seeds > 1)
      this.line(`seed ${event.seed} (${event.index + 1} of ${this.options.seeds})`);
    if (event.type === 'fold') this.line(`fold ${event.fold + 1} of ${event.count}`);
    if (event.type === 'start') this.start(event);
    if (event.type === 'step') this.step(event);
    if (event.type === 'epoch') this.epoch(event);
    if (event.type === 'end' && event.reason === 'stopped early')
      this.line(`stopped early after epoch ${event.state.epoch}: none was better since ${event.state.best!.epoch}`);
  }

  /** A line for the person at the terminal, --quiet or not. */
  note(text: string): void {
    this.line(text, true);
  }

  /** The first in full; of the rest, that there are more. */
  private leftOut({ step, reason }: Extract<SeedsEvent, { type: 'left out' }>): void {
    this.skipped += 1;
    if (this.skipped === 1) this.line(`warning: step ${step} was left out: ${reason}`, true);
  }

  private start({ parameters, stepsPerEpoch, epochs, nodes, step }: Extract<SeedsEvent, { type: 'start' }>): void {
    this.stepsPerEpoch = stepsPerEpoch;
    this.epochs = epochs;
    this.started = performance.now();
    this.done = 0;
    this.latest = '';
    // Said once training has really begun, so that a call that fails says only why.
    if (!this.introduced) this.line(this.options.data);
    this.introduced = true;
    const from = step > 0 ? `, going on after step ${step}` : '';
    this.line(
      `${parameters.toLocaleString('en')} parameters, ${nodes.toLocaleString('en')} nodes, ${stepsPerEpoch} steps an epoch${from}`,
    );
  }

  private step({ epoch, step, losses, learningRate }: Extract<SeedsEvent, { type: 'step' }>): void {
    this.done++;
    const now = performance.now();
    if (!this.live || now - this.drawn < 100) return;
    this.drawn = now;
    const perStep = (now - this.started) / this.done;
    const within = step - (epoch - 1) * this.stepsPerEpoch;
    const left = ((this.epochs - epoch + 1) * this.stepsPerEpoch - within) * perStep;
    const bar = '━'.repeat(Math.round((10 * within) / this.stepsPerEpoch)).padEnd(10, '─');
    const head = `epoch ${epoch}/${this.epochs} ${bar} ${within}/${this.stepsPerEpoch}`;
    const rate = `${(1000 / perStep).toFixed(1)} it/s  at most ${clock(left)} left`;
    const loss = `loss ${losses['total']!.toFixed(3)}`;
    this.draw([
      `${head}  ${lossText(losses)}  lr ${learningRate.toExponential(1)}  ${rate}${this.latest}`,
      `${head}  ${loss}  ${rate}${this.latest}`,
      `${head}  ${loss}  ${rate}`,
      `${head}  ${loss}`,
    ]);
  }

  private epoch({ epoch, losses, valid, learningRate, leftOut, best }: Extract<SeedsEvent, { type: 'epoch' }>): void {
    const { metric, better } = this.options.selection;
    const label = metrics[metric as MetricName].label;
    const arrow = better === 'lower' ? '↓' : '↑';
    this.latest = `  valid ${label} ${valid[metric]!.toFixed(4)}${best ? ` ${arrow} best` : ''}`;
    const head = `epoch ${epoch}/${this.epochs}${leftOut > 0 ? `  ${leftOut} ${leftOut === 1 ? 'step' : 'steps'} left out` : ''}`;
    this.line(`${head}  ${lossText(losses)}  lr ${learningRate.toExponential(1)}${this.latest}`);
  }

  /** Draws the longest of the texts that fits the terminal's line. */
  private draw(texts: readonly string[]): void {
    const columns = (process.stderr.columns || 80) - 1;
    const text = texts.find(({ length }) => length <= columns) ?? texts.at(-1)!.slice(0, columns);
    cursorTo(process.stderr, 0);
    process.stderr.write(text);
    clearLine(process.stderr, 1);
  }

  private line(text: string, always = false): void {
    if (this.options.quiet && !always) return;
    if (this.live) {
      cursorTo(process.stderr, 0);
      clearLine(process.stderr, 0);
    }
    process.stderr.write(`${text}\n`);
  }
}

function lossText(losses: Readonly<Record<string, number>>): string {
  const terms = Object.entries(losses).flatMap(([name, value]) =>
    name === 'total' ? [] : [`${shortNames[name] ?? name} ${value.toFixed(3)}`],
  );
  return `loss ${losses['total']!.toFixed(3)} (${terms.join(' ')})`;
}

function clock(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
