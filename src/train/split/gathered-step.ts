import { shareOf } from '../../parallel/ranks.ts';
import { BatchFeeds, type MicroBatch } from '../programs/batch-feeds.ts';
import type { BatchRunnerOptions } from '../programs/batch-runner.ts';
import type { StateDict } from '../state-dict.ts';
import { compilePart, compileWhole, type PartProgram, type WholeProgram } from './compile-split.ts';
import { partsOf, StepSums, type DividedResult, type Division } from './step-sums.ts';
import { Sums } from './sums.ts';

/** What is kept for steps of so many samples in a stage. */
interface Whole {
  readonly program: WholeProgram;
  readonly reads: Sums;
  readonly sums: StepSums;
  readonly parts: Map<number, Part>;
}

interface Part {
  readonly program: PartProgram;
  readonly batch: BatchFeeds;
}

interface PartOfStep {
  /** Which part of its batch it is, from 0. */
  readonly index: number;
  readonly microBatch: MicroBatch;
  readonly at: number;
}

/** Steps of a network whose losses look at the whole batch, where no program sees all of it at once. */
export class GatheredStep {
  private readonly wholes = new Map<string, Promise<Whole | undefined>>();

  /** `running` are the running states, which move on in place. */
  constructor(
    private readonly options: Omit<BatchRunnerOptions, 'running'>,
    private readonly running: Record<string, Float32Array>,
    private readonly division: Division,
  ) {}

  /** Whether the network names such losses in a stage, for steps of so many samples. */
  async serves(samples: number, stage: string | undefined): Promise<boolean> {
    return (await this.wholeFor(samples, stage)) !== undefined;
  }

  /** Compiles what steps of one batch need. The number of their nodes; undefined where the network names no such losses. */
  async prepare(samples: number, stage: string | undefined): Promise<number | undefined> {
    const whole = await this.wholeFor(samples, stage);
    if (!whole) return undefined;
    let { nodes } = whole.program;
    const own = partsOf(this.division);
    for (let part = own.from; part < own.to; part++) {
      const { from, to } = shareOf(samples, part, this.division.parts);
      if (to > from) nodes += (await this.partFor(whole, to - from, { samples, stage })).program.nodes;
    }
    return nodes;
  }

  /** The result of these batches taken as one. `stop` asks all ranks to stop after this step. */
  async run(parameters: StateDict, microBatches: readonly MicroBatch[], stop: boolean): Promise<DividedResult> {
    const samples = microBatches.reduce((sum, { rows }) => sum + rows.length, 0);
    const stage = microBatches[0]!.stage;
    const whole = (await this.wholeFor(samples, stage))!;
    const { program, reads, sums } = whole;
    const shares = this.ownParts(microBatches);
    const partOf = ({ rows }: MicroBatch): Promise<Part> => this.partFor(whole, rows.length, { samples, stage });

    const { running } = this;
    const known = { ...parameters, ...running };
    reads.clear();
    for (const { microBatch, at } of shares) {
      const { program: part, batch } = await partOf(microBatch);
      const read = await part.forward(known, batch.fill(microBatch));
      for (const [name, width] of program.reads) reads.of(name).set(read[name]!, at * width);
    }
    await this.division.ranks.sum(reads.values);

    const gathered = Object.fromEntries([...program.reads.keys()].map((name) => [name, reads.of(name)]));
    const { towards, ...shared } = await program.run(parameters, gathered);
    sums.clear();
    // Every rank has computed these: they count once, with the first part.
    if (this.isFirst) sums.add(0, shared);
    for (const { index, microBatch, at } of shares) {
      const { program: part, batch } = await partOf(microBatch);
      const own = Object.fromEntries(
        program.towards.map((name) => {
          const width = program.reads.get(name)!;
          return [name, towards[name]!.subarray(at * width, (at + microBatch.rows.length) * width)];
        }),
      );
      sums.add(index, await part.backward(known, batch.fill(microBatch), own), { before: running });
    }
    const result = await sums.over(stop);
    if (Number.isFinite(result.losses['total'])) sums.moveOn(running);
    return result;
  }

  /** The parts of each batch that are this rank's, and where their samples stand among all of the step. */
  private ownParts(microBatches: readonly MicroBatch[]): PartOfStep[] {
    const own = partsOf(this.division);
    const found: PartOfStep[] = [];
    let before = 0;
    for (const microBatch of microBatches) {
      const size = microBatch.rows.length;
      for (let index = own.from; index < own.to; index++) {
        const { from, to } = shareOf(size, index, this.division.parts);
        const part = { ...microBatch, rows: microBatch.rows.subarray(from, to), within: { from, size } };
        if (to > from) found.push({ index, microBatch: part, at: before + from });
      }
      before += size;
    }
    return found;
  }

  private get isFirst(): boolean {
    const { from, to } = partsOf(this.division);
    return from === 0 && to > 0;
  }

  private wholeFor(samples: number, stage: string | undefined): Promise<Whole | undefined> {
    const key = `${samples} ${stage ?? ''}`;
    const known = this.wholes.get(key);
    if (known) return known;
    const made = this.whole(samples, stage);
    this.wholes.set(key, made);
    return made;
  }

  private async whole(samples: number, stage: string | undefined): Promise<Whole | undefined> {
    const { network, spec, runtime } = this.options;
    const training = this.trainingOf(stage);
    const program = await compileWhole(network, spec, samples, { ...runtime, training });
    if (!program) return undefined;
    for (const [name, data] of Object.entries(program.states)) this.running[name] ??= data.slice();
    return {
      program,
      reads: new Sums([...program.reads].map(([name, width]) => [name, width * samples])),
      sums: new StepSums(network, spec, samples, training, this.division),
      parts: new Map(),
    };
  }

  private async partFor(
    { program: whole, parts }: Whole,
    size: number,
    { samples, stage }: { readonly samples: number; readonly stage: string | undefined },
  ): Promise<Part> {
    const known = parts.get(size);
    if (known) return known;
    const { network, spec, runtime } = this.options;
    const of = { part: size, batch: samples, whole };
    const program = await compilePart(network, spec, of, { ...runtime, training: this.trainingOf(stage) });
    const made = { program, batch: new BatchFeeds(this.options, size, program.dropouts) };
    parts.set(size, made);
    return made;
  }

  private trainingOf(stage: string | undefined): { samples: number; stage: string | undefined } {
    return { samples: this.options.samples.ids.length, stage };
  }

  async dispose(): Promise<void> {
    for (const whole of await Promise.all(this.wholes.values())) {
      await whole?.program.dispose();
      for (const { program } of whole?.parts.values() ?? []) await program.dispose();
    }
  }
}
