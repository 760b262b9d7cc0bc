/** A finished run done again from its own record, and compared with it number by number. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { isMade } from '../data/datasets/made.ts';
import { foldOf } from '../data/folds.ts';
import { loadRunData } from '../runs/load.ts';
import { codeDifference, type OwnModel } from '../runs/own-model/code.ts';
import { environment } from '../runs/record/run-directory.ts';
import { readRecord, type RunRecord } from '../runs/record/run-record.ts';
import { runBelow } from '../runs/record/several-runs.ts';
import { readModel } from '../runs/trained-model.ts';
import { datasetBegun } from '../runs/as-begun.ts';
import { hashOf } from '../runs/data-hash.ts';
import { prepare, type Prepared } from '../runs/prepare.ts';
import { runTraining, type RunEvent } from '../runs/training-run.ts';
import { foldsFor } from './folds.ts';

/** A number that a run wrote down, twice. */
export interface Difference {
  /** The place of the number, such as `metrics.jsonl epoch 3 valid.mae` or `parameter text.conv.weight`. */
  readonly where: string;
  readonly before: number | undefined;
  readonly after: number | undefined;
}

export interface Reproduction {
  readonly run: string;
  readonly again: string;
  /** Whether every number and every bit of the weights is the same. */
  readonly identical: boolean;
  readonly epochs: number;
  /** How many numbers were compared: losses, diagnostics and metrics by epoch, the result, and parameters. */
  readonly numbers: number;
  readonly parameters: number;
  /** The first numbers that differ, in the order in which a run writes them. */
  readonly differences: readonly Difference[];
  /** How many numbers differ. */
  readonly different: number;
  /** The largest |after − before| / max(|before|, |after|); of weights, relative to the largest of their parameter. */
  readonly largest: number;
  /** Surroundings of the run that are others now: versions, processor, threads. */
  readonly surroundings: readonly { readonly key: string; readonly before: string; readonly after: string }[];
}

export interface ReproduceOptions {
  /** Where the run is done again. */
  readonly directory: string;
  /** Where the data is now. Default: where it was. */
  readonly source?: string | undefined;
  /** What it is trained on. Default: what the run was trained on. */
  readonly device?: string | undefined;
  /** The model, where it is one's own; with `changed`, whatever has become of its code since. */
  readonly own?: (OwnModel & { readonly changed?: boolean }) | undefined;
  readonly signal?: AbortSignal;
}

export type ReproduceEvent = RunEvent | { readonly type: 'compared'; readonly reproduction: Reproduction };

/** How many differences are kept. */
const kept = 20;

/**
 * Trains again into `directory` with the configuration, seed and data that the run records; the last event says how the
 * two compare. Throws for a run that has not finished, for other data, and for other code of one's own model.
 */
export async function* reproduce(
  run: string,
  { directory, source, device, own, signal }: ReproduceOptions,
): AsyncGenerator<ReproduceEvent> {
  const record = onDevice(recordOf(run, own), device);
  const { config } = record;
  const place = source ?? record.data.source;
  if (!isMade(place) && !existsSync(place))
    throw new Error(`${place}, the data of ${run}, is not here; say where it is with --data FILE.`);
  const whole = await loadRunData(place, config);
  try {
    const { fold } = record;
    const held = fold ? foldOf(whole, foldsFor(whole, fold.request, config.data.group), fold.index) : whole;
    const dataset = datasetBegun(held, run, record.data.hash);
    if (hashOf(dataset) !== record.data.hash)
      throw new Error(`${place} holds other samples than ${run} was trained on; its data cannot be reproduced from.`);
    const prepareFor = (epochs: number): Prepared =>
      prepare({ ...config, train: { ...config.train, epochs } }, dataset, {
        ...{ source: place, overrides: record.overrides, own },
      });
    for await (const event of trainedAgain(record, { prepareFor, directory, ...(signal && { signal }) })) {
      yield event;
      if (event.type === 'result') yield { type: 'compared', reproduction: compare(run, directory) };
    }
  } finally {
    await whole.close?.();
  }
}

/** The record of a run as it were of another device. */
function onDevice(record: RunRecord, device = record.config.train.device): RunRecord {
  const { config } = record;
  return { ...record, config: { ...config, train: { ...config.train, device } } };
}

interface Again {
  /** The run with such a number of epochs. */
  readonly prepareFor: (epochs: number) => Prepared;
  readonly directory: string;
  readonly signal?: AbortSignal;
}

/** Trains as a record says: once where the run never was extended, else up to each extension and on from there. */
async function* trainedAgain(
  { config, seed, extended = [] }: RunRecord,
  { prepareFor, directory, signal }: Again,
): AsyncGenerator<RunEvent> {
  // An extension of a run that had done nothing yet is that of another beginning.
  const extensions = extended.filter(({ step }) => step > 0);
  for (let i = 0; i <= extensions.length; i++) {
    const next = extensions[i];
    const reached = new AbortController();
    const run = runTraining(prepareFor(next?.epochs_before ?? config.train.epochs), {
      ...{ seed, directory, resume: i > 0, extend: true },
      signal: AbortSignal.any([reached.signal, ...(signal ? [signal] : [])]),
    });
    for await (const event of run) {
      if (next && (event.type === 'step' || event.type === 'left out') && event.step === next.step) reached.abort();
      if (!next || event.type !== 'result') yield event;
    }
    if (signal?.aborted) return;
  }
}

function recordOf(run: string, own: ReproduceOptions['own']): RunRecord {
  const file = path.join(run, 'config.json');
  if (!existsSync(file))
    throw new Error(
      (existsSync(run) ? runBelow(run) : undefined) ??
        `${run} holds no run (no config.json); name the directory of one.`,
    );
  if (!existsSync(path.join(run, 'result.json')))
    throw new Error(`${run} has not finished, so there is no result to reproduce; go on with it by train --resume.`);
  const record = readRecord(file, own?.model);
  const difference = own?.changed ? undefined : codeDifference(record.code, own?.code);
  if (difference === undefined) return record;
  throw new Error(`${run} was trained with other code: ${difference}; --changed-model trains it as it is now.`);
}

function jsonIn(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file} cannot be read (${(error as Error).message}).`, { cause: error });
  }
}

/** Every number that two finished runs wrote down. */
function compare(run: string, again: string): Reproduction {
  const differences: Difference[] = [];
  let [numbers, different, largest] = [0, 0, 0];
  const look = (where: string, before: number | undefined, after: number | undefined, size = 0): void => {
    numbers += 1;
    if (Object.is(before, after)) return;
    different += 1;
    largest = Math.max(largest, distance(before, after, size));
    if (differences.length < kept) differences.push({ where, before, after });
  };
  const [before, after] = [run, again].map(epochsOf) as [unknown[], unknown[]];
  for (let epoch = 0; epoch < Math.max(before.length, after.length); epoch++)
    lookAll(`metrics.jsonl epoch ${epoch + 1}`, before[epoch], after[epoch], look);
  const [earlier, later] = [run, again].map(resultOf) as [Result, Result];
  // Runs of earlier releases neither measured decoupling nor counted samples.
  const lacking = ['decoupling', 'samples'].filter((key) => !(key in earlier));
  lookAll('result.json', earlier, { ...later, ...Object.fromEntries(lacking.map((key) => [key, undefined])) }, look);

  const models = [run, again].map((directory) => readModel(path.join(directory, 'best.safetensors')));
  const [own, other] = models.map(({ parameters }) => parameters) as [Weights, Weights];
  let parameters = 0;
  for (const name of new Set([...Object.keys(own), ...Object.keys(other)])) {
    const [a, b] = [own[name] ?? new Float32Array(0), other[name] ?? new Float32Array(0)];
    parameters += a.length;
    const size = Math.max(largestOf(a), largestOf(b));
    for (let i = 0; i < Math.max(a.length, b.length); i++) look(`parameter ${name}[${i}]`, a[i], b[i], size);
  }
  return {
    ...{ run, again, identical: different === 0, epochs: before.length, numbers, parameters },
    ...{ differences, different, largest, surroundings: [...surroundingsOf(run), ...devicesOf(run, again)] },
  };
}

type Weights = Readonly<Record<string, Float32Array>>;

const largestOf = (values: Float32Array): number => values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);

function distance(before: number | undefined, after: number | undefined, size: number): number {
  if (before === undefined || after === undefined) return Infinity;
  return Math.abs(after - before) / Math.max(Math.abs(before), Math.abs(after), size);
}

function epochsOf(directory: string): unknown[] {
  const lines = readFileSync(path.join(directory, 'metrics.jsonl'), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as unknown);
}

/** The result of a run without the path of its directory. */
type Result = Readonly<Record<string, unknown>>;

function resultOf(directory: string): Result {
  return { ...z.looseObject({}).parse(jsonIn(path.join(directory, 'result.json'))), run: '' };
}

/** Looks at every number in two JSON values, by its place. */
function lookAll(
  where: string,
  before: unknown,
  after: unknown,
  look: (where: string, before: number | undefined, after: number | undefined) => void,
): void {
  const [a, b] = [before, after].map(numberIn);
  if (a !== undefined || b !== undefined) {
    look(where, a, b);
    return;
  }
  const [own, other] = [before, after].map(partsOf) as [Parts, Parts];
  for (const key of new Set([...own.keys(), ...other.keys()]))
    lookAll(`${where} ${key}`, own.get(key), other.get(key), look);
}

type Parts = ReadonlyMap<string, unknown>;

const numberIn = (value: unknown): number | undefined =>
  typeof value === 'number' || typeof value === 'boolean' ? Number(value) : undefined;

const partsOf = (value: unknown): Parts =>
  new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);

/** The devices of two runs, where they are not the same. */
function devicesOf(run: string, again: string): Reproduction['surroundings'] {
  const [before, after] = [run, again].map((each) => deviceIn(jsonIn(path.join(each, 'config.json'))));
  return before === after ? [] : [{ key: 'device', before: String(before), after: String(after) }];
}

const deviceIn = (record: unknown): string | undefined =>
  z.object({ config: z.object({ train: z.object({ device: z.string().default('cpu') }) }) }).safeParse(record).data
    ?.config.train.device;

/** The surroundings of a run that differ from those of this process. */
function surroundingsOf(run: string): Reproduction['surroundings'] {
  const file = path.join(run, 'environment.json');
  if (!existsSync(file)) return [];
  const before = z.record(z.string(), z.unknown()).safeParse([jsonIn(file)].flat().at(-1)).data ?? {};
  const after = z.record(z.string(), z.unknown()).parse(environment());
  return ['decalign', 'onnxruntime', 'node', 'platform', 'cpu', 'cores'].flatMap((key) =>
    before[key] === after[key] ? [] : [{ key, before: String(before[key]), after: String(after[key]) }],
  );
}
