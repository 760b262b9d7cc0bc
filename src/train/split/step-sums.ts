import { shareOf, type Ranks } from '../../parallel/ranks.ts';
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

/** The same on every rank. */
export interface DividedResult extends Omit<BatchResult, 'states'> {
  /** Whether any rank asks to stop after this step. */
  readonly stops: boolean;
}

/** The parts that a batch is computed in, some or all of them by this rank. */
export interface Division {
  readonly ranks: Ranks;
  readonly parts: number;
}

/** Which parts, from 0, a rank computes: from, to (exclusive). */
export const partsOf = (
  { ranks, parts }: Division,
  rank = ranks.rank,
): { readonly from: number; readonly to: number } => shareOf(parts, rank, ranks.size);

/**
 * All that a step gives, summed over its parts, those of other ranks too: in the order of the parts, whichever rank computes
 * which, so that the sums are the same bits on any number of ranks.
 */
export class StepSums {
  /** Of each part of this rank; of a rank that has none, one that stays 0. */
  private readonly own: readonly Sums[];
  private readonly counts: readonly number[];
  private readonly sums: Sums;
  private readonly names: Readonly<Record<'loss' | 'diagnostic' | 'gradient' | 'state', readonly string[]>>;
  private readonly perSample: ReadonlySet<string>;

  /** Of batches of so many samples. Names are those of the undivided batch, so that they are the same on every rank. */
  constructor(
    network: Network,
    spec: InputSpec,
    batch: number,
    training: TrainingContext,
    private readonly division: Division,
  ) {
    const { scope, losses, diagnostics, trained } = trainingGraph(network, spec, batch, training);
    const states = [...scope.states];
    const state = states.map(([name]) => name);
    this.names = {
      ...{ loss: Object.keys(losses), diagnostic: Object.keys(diagnostics), state },
      gradient: trained.flatMap(({ name, gradient }) => (gradient ? [name] : [])),
    };
    this.perSample = new Set(states.flatMap(([name, { perSample }]) => (perSample ? [name] : [])));
    const lengthOf = (shape: Shape): number => size(shape);
    const lengths = [
      ...this.names.gradient.map(
        (name) => [`gradient ${name}`, lengthOf(scope.parameters.get(name)!.value.shape)] as const,
      ),
      ...states.flatMap(([name, { value, perSample }]) => [
        [`state ${name}`, lengthOf(value.shape)] as const,
        ...(perSample ? [[`changed ${name}`, lengthOf(value.shape)] as const] : []),
      ]),
      ...this.names.loss.map((name) => [`loss ${name}`, 1] as const),
      ...this.names.diagnostic.map((name) => [`diagnostic ${name}`, 1] as const),
      ['stops', 1] as const,
    ];
    this.counts = Array.from({ length: division.ranks.size }, (_, rank) => {
      const { from, to } = partsOf(division, rank);
      return Math.max(1, to - from);
    });
    this.own = Array.from({ length: this.counts[division.ranks.rank]! }, () => new Sums(lengths));
    this.sums = new Sums(lengths);
  }

  clear(): void {
    for (const sums of this.own) sums.clear();
  }

  /** Adds what a part of this rank gives, times `share`; `before` are the running states that it began with. */
  add(
    part: number,
    { losses, diagnostics, gradients, states = {} }: PartResult,
    { share = 1, before = {} }: { readonly share?: number; readonly before?: StateDict } = {},
  ): void {
    const sums = this.own[part - partsOf(this.division).from]!;
    const addNumbers = (kind: 'loss' | 'diagnostic', values: Readonly<Record<string, number>>): void => {
      for (const name of this.names[kind]) sums.add(`${kind} ${name}`, [values[name] ?? 0], share);
    };
    addNumbers('loss', losses);
    addNumbers('diagnostic', diagnostics);
    for (const name of this.names.gradient) {
      const gradient = gradients[name];
      if (gradient) sums.add(`gradient ${name}`, gradient, share);
    }
    for (const [name, next] of Object.entries(states)) this.addChange(sums, name, next, before[name]!, share);
  }

  private addChange(sums: Sums, name: string, next: Float32Array, before: Float32Array, share: number): void {
    const change = sums.of(`state ${name}`);
    const changed = this.perSample.has(name) ? sums.of(`changed ${name}`) : undefined;
    for (let i = 0; i < change.length; i++) {
      const difference = next[i]! - before[i]!;
      change[i]! += changed ? difference : share * difference;
      if (changed && difference !== 0) changed[i]! += 1;
    }
  }

  /** The sums over all parts; `stop` asks all ranks to stop after this step. The result's arrays change with the next one. */
  async over(stop: boolean): Promise<DividedResult> {
    this.own[0]!.add('stops', [Number(stop)]);
    await this.division.ranks.sumInOrder(
      this.own.map(({ values }) => values),
      this.sums.values,
      this.counts,
    );
    const numbers = (kind: 'loss' | 'diagnostic'): Record<string, number> =>
      Object.fromEntries(this.names[kind].map((name) => [name, this.sums.of(`${kind} ${name}`)[0]!]));
    const losses = numbers('loss');
    return {
      losses: { ...losses, total: Object.values(losses).reduce((sum, loss) => sum + loss, 0) },
      diagnostics: numbers('diagnostic'),
      gradients: Object.fromEntries(this.names.gradient.map((name) => [name, this.sums.of(`gradient ${name}`)])),
      stops: this.sums.of('stops')[0]! > 0,
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
