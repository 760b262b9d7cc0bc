import type { Ranks } from '../../parallel/ranks.ts';
import { size, type Shape } from '../../tensor/index.ts';
import type { InputSpec, Network, TrainingContext } from '../network.ts';
import { trainingGraph, type BatchResult } from '../programs/compile-training.ts';
import type { StateDict } from '../state-dict.ts';
import { Sums } from './sums.ts';

/** A part's own contribution to a step. */
export interface PartResult extends Omit<BatchResult, 'states'> {
  /** The running states after the part; none where it has none. */
  readonly states?: StateDict;
}

/** All that a step gives, summed over its parts and the ranks, in one array that is sent at once. */
export class StepSums {
  private readonly sums: Sums;
  private readonly names: Readonly<Record<'loss' | 'diagnostic' | 'gradient' | 'state', readonly string[]>>;
  private readonly perSample: ReadonlySet<string>;

  /** Of batches of so many samples. Names are those of the undivided batch, so that they are the same on every rank. */
  constructor(network: Network, spec: InputSpec, batch: number, training: TrainingContext, signals: number) {
    const { scope, losses, diagnostics, trained } = trainingGraph(network, spec, batch, training);
    const states = [...scope.states];
    const state = states.map(([name]) => name);
    this.names = {
      ...{ loss: Object.keys(losses), diagnostic: Object.keys(diagnostics), state },
      gradient: trained.flatMap(({ name, gradient }) => (gradient ? [name] : [])),
    };
    this.perSample = new Set(states.flatMap(([name, { perSample }]) => (perSample ? [name] : [])));
    const lengthOf = (shape: Shape): number => size(shape);
    this.sums = new Sums([
      ...this.names.gradient.map(
        (name) => [`gradient ${name}`, lengthOf(scope.parameters.get(name)!.value.shape)] as const,
      ),
      ...states.flatMap(([name, { value, perSample }]) => [
        [`state ${name}`, lengthOf(value.shape)] as const,
        ...(perSample ? [[`changed ${name}`, lengthOf(value.shape)] as const] : []),
      ]),
      ...this.names.loss.map((name) => [`loss ${name}`, 1] as const),
      ...this.names.diagnostic.map((name) => [`diagnostic ${name}`, 1] as const),
      ['signals', signals],
    ]);
  }

  clear(): void {
    this.sums.clear();
  }

  /** Adds what a part gives, times `share`; `before` are the running states that it began with. */
  add({ losses, diagnostics, gradients, states = {} }: PartResult, share: number, before: StateDict = {}): void {
    this.addNumbers('loss', losses, share);
    this.addNumbers('diagnostic', diagnostics, share);
    for (const name of this.names.gradient) {
      const gradient = gradients[name];
      if (gradient) this.sums.add(`gradient ${name}`, gradient, share);
    }
    for (const [name, next] of Object.entries(states)) this.addChange(name, next, before[name]!, share);
  }

  private addNumbers(kind: 'loss' | 'diagnostic', values: Readonly<Record<string, number>>, share: number): void {
    for (const name of this.names[kind]) this.sums.add(`${kind} ${name}`, [values[name] ?? 0], share);
  }

  private addChange(name: string, next: Float32Array, before: Float32Array, share: number): void {
    const change = this.sums.of(`state ${name}`);
    const changed = this.perSample.has(name) ? this.sums.of(`changed ${name}`) : undefined;
    for (let i = 0; i < change.length; i++) {
      const difference = next[i]! - before[i]!;
      change[i]! += changed ? difference : share * difference;
      if (changed && difference !== 0) changed[i]! += 1;
    }
  }

  /** Sums over the ranks, `signals` too, which then hold their sums. The result's arrays change with the next step. */
  async over(ranks: Ranks, signals: Float32Array): Promise<Omit<BatchResult, 'states'>> {
    this.sums.add('signals', signals);
    await ranks.sum(this.sums.values);
    signals.set(this.sums.of('signals'));
    const numbers = (kind: 'loss' | 'diagnostic'): Record<string, number> =>
      Object.fromEntries(this.names[kind].map((name) => [name, this.sums.of(`${kind} ${name}`)[0]!]));
    const losses = numbers('loss');
    return {
      losses: { ...losses, total: Object.values(losses).reduce((sum, loss) => sum + loss, 0) },
      diagnostics: numbers('diagnostic'),
      gradients: Object.fromEntries(this.names.gradient.map((name) => [name, this.sums.of(`gradient ${name}`)])),
    };
  }

  /**
   * Moves running states on by what has been summed: each by the mean of the changes that the parts made, and an entry of a
   * state that is of single samples by the mean over those that changed it.
   */
  moveOn(running: StateDict): void {
    for (const name of this.names.state) {
      const [values, change] = [running[name]!, this.sums.of(`state ${name}`)];
      const changed = this.perSample.has(name) ? this.sums.of(`changed ${name}`) : undefined;
      for (let i = 0; i < values.length; i++) values[i]! += change[i]! / Math.max(1, changed?.[i] ?? 1);
    }
  }
}
