import { size } from '../tensor/index.ts';
import { compile } from '../runtime/node.ts';
import { inMegabytes, memoryOf, memoryWarning, type Memory } from './memory.ts';
import type { Prepared } from './prepare.ts';
import { train } from '../train/index.ts';

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
  /** Nodes of the training graph. */
  readonly nodes?: number;
  readonly steps_per_epoch?: number;
  /** Steps of all seeds together, if none stops early. */
  readonly steps_at_most?: number;
  /** The median of a few steps after the first. */
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

/** Takes a few steps. */
async function timed(
  { config, network, spec, splits, selection }: Prepared,
  seeds: readonly number[],
): Promise<Omit<Plan, 'modalities' | 'samples' | 'parameters' | 'memory_mb'>> {
  const times: number[] = [];
  let nodes = 0;
  let stepsPerEpoch = 0;
  let epochs = 0;
  let before = 0;
  const events = train({
    compile,
    network,
    spec,
    train: splits.train,
    valid: splits.valid,
    config: config.train,
    seed: seeds[0]!,
    selection,
    evaluate: () => ({ [selection.metric]: 0 }),
  });
  for await (const event of events) {
    if (event.type === 'start') ({ nodes, stepsPerEpoch, epochs } = event);
    if (event.type === 'step') times.push(performance.now() - before);
    before = performance.now();
    if (times.length === 5) break;
  }
  const perStep = times.slice(1).sort((a, b) => a - b)[1] ?? times[0]!;
  const steps = stepsPerEpoch * epochs * seeds.length;
  return {
    nodes,
    steps_per_epoch: stepsPerEpoch,
    steps_at_most: steps,
    seconds_per_step: Number((perStep / 1000).toFixed(4)),
    seconds_at_most: Math.ceil((perStep / 1000) * steps),
  };
}
