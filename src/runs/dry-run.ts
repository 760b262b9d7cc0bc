import { size } from '../tensor/index.ts';
import { compile } from '../runtime/node.ts';
import { inMegabytes, memoryOf, memoryWarning, type Memory } from './memory.ts';
import type { Prepared } from './prepare.ts';
import { train, type EventOf } from '../train/index.ts';

/** The plan of a training, as `--dry-run` prints it. */
export interface Plan {
  /** Time steps and features of each modality, in words. */
  readonly modalities: Readonly<Record<string, string>>;
  readonly samples: Readonly<Record<string, number>>;
  /** How many numbers are trained. */
  readonly parameters: number;
  /** Memory at its peak, as shapes tell it: in all, and by what takes it; in MB of 2^20 bytes. */
  readonly memory_mb: Memory;
  /** A line where that is more memory than there is; no step is taken then, and what follows is absent. */
  readonly warning?: string;
  /** Nodes of the training graph of the usual epochs. */
  readonly nodes?: number;
  readonly steps_per_epoch?: number;
  /** Steps of all seeds together, if none stops early. */
  readonly steps_at_most?: number;
  /** Of the usual epochs: the median of a few steps after the first. */
  readonly seconds_per_step?: number;
  readonly seconds_at_most?: number;
}

/**
 * Plans a training without doing it: estimates its memory and, where that is there, times a few real steps with the first
 * seed. Writes nothing.
 */
export async function dryRun(prepared: Prepared, seeds: readonly number[]): Promise<Plan> {
  const { data, splits, parameters } = prepared;
  const memory = memoryOf(prepared);
  const warning = memoryWarning(prepared, memory);
  return {
    modalities: Object.fromEntries(data.features.map(({ name, time, width }) => [name, `${time} steps of ${width}`])),
    samples: Object.fromEntries(Object.entries(splits).map(([split, samples]) => [split, samples.ids.length])),
    parameters: [...parameters.values()].reduce((n, { shape }) => n + size(shape), 0),
    memory_mb: inMegabytes(memory),
    ...(warning === undefined ? await timed(prepared, seeds) : { warning }),
  };
}

/** Takes a few steps of the usual epochs, and of the first stage before them where there is one. */
async function timed(
  prepared: Prepared,
  seeds: readonly number[],
): Promise<Omit<Plan, 'modalities' | 'samples' | 'parameters' | 'memory_mb'>> {
  const { network } = prepared;
  const { stages = [] } = network;
  const seed = seeds[0]!;
  const usual = await timedSteps({ ...prepared, network: { ...network, stages: [] } }, seed);
  const staged = stages.length > 0 ? await timedSteps(prepared, seed) : undefined;
  const epochsBefore = stages.reduce((sum, { epochs }) => sum + epochs, 0);
  const steps = (epochs: number): number => usual.stepsPerEpoch * epochs * seeds.length;
  const seconds = usual.seconds * steps(usual.epochs) + (staged ? staged.seconds * steps(epochsBefore) : 0);
  return {
    nodes: usual.nodes,
    steps_per_epoch: usual.stepsPerEpoch,
    steps_at_most: steps(usual.epochs + epochsBefore),
    seconds_per_step: Number(usual.seconds.toFixed(4)),
    seconds_at_most: Math.ceil(seconds),
  };
}

interface TimedSteps extends Pick<EventOf<'start'>, 'nodes' | 'stepsPerEpoch' | 'epochs'> {
  /** The median of a few steps after the first. */
  readonly seconds: number;
}

async function timedSteps({ config, network, spec, splits, selection }: Prepared, seed: number): Promise<TimedSteps> {
  const times: number[] = [];
  let begun = { nodes: 0, stepsPerEpoch: 0, epochs: 0 };
  let before = 0;
  const events = train({
    ...{ compile, network, spec, selection, seed },
    train: splits.train,
    valid: splits.valid,
    config: config.train,
    evaluate: () => ({ [selection.metric]: 0 }),
  });
  for await (const event of events) {
    if (event.type === 'start') begun = event;
    if (event.type === 'step') times.push((performance.now() - before) / 1000);
    before = performance.now();
    if (times.length === 5) break;
  }
  const { nodes, stepsPerEpoch, epochs } = begun;
  return { nodes, stepsPerEpoch, epochs, seconds: times.slice(1).sort((a, b) => a - b)[1] ?? times[0]! };
}
