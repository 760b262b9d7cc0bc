import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Standardisation } from '../src/data/standardise.ts';
import { inMemory } from '../src/data/features.ts';
import { exportOnnx, type ExportOptions } from '../src/runs/export/export-onnx.ts';
import { openSession, type RuntimeOptions, type Values } from '../src/runtime/node.ts';
import { initialize, parametersOf } from '../src/train/index.ts';
import type { BenchCase } from './case.ts';
import { configuration, recipes, type Configuration, type Recipe, type Request } from './configurations.ts';
import { profiled } from './profile.ts';
import { samplesOf } from './samples.ts';
import { median, percentile, rounded } from './statistics.ts';

/** Calls that a p99 rests on. */
const calls = 600;
const warmUp = 50;
/** In which files that are compared take turns. */
const rounds = 6;

/** An exported model in a session, as someone who deploys it would have it. */
export interface Predictor {
  /** Predicts as many samples as it was asked to hold; milliseconds. */
  readonly predict: () => Promise<number>;
  readonly dispose: () => Promise<void>;
}

/** Exports an untrained model of a configuration into a folder. */
export async function exportUntrained(request: Request, directory: string, options: ExportOptions = {}): Promise<void> {
  const { network, spec } = configuration(request);
  const { task } = spec;
  await exportOnnx(
    {
      network,
      data: {
        name: 'bench',
        ...(task.kind === 'classification'
          ? {
              task: { kind: 'classification', classes: Array.from({ length: task.classes }, (_, c) => `class ${c}`) },
              metrics: 'classification',
            }
          : { task: { kind: 'regression', range: [-3, 3] }, metrics: 'mosi' }),
        features: spec.features,
      },
      standardisation: standardisationOf(spec),
      parameters: initialize(parametersOf(network, spec), 1),
    },
    directory,
    options,
  );
}

/** The ONNX file of an untrained model at the size of CMU-MOSI. */
export async function exportedModel(recipe: Recipe, options: ExportOptions = {}): Promise<Uint8Array> {
  const directory = mkdtempSync(path.join(tmpdir(), 'decalign-export-'));
  try {
    await exportUntrained({ name: 'step-mosi', recipe }, directory, options);
    return readFileSync(path.join(directory, 'model.onnx'));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** What changes nothing, and yet is computed, as it is for a model that was trained on standardised features. */
const standardisationOf = ({ features }: Configuration['spec']): Standardisation =>
  Object.fromEntries(
    features.map(({ name, width }) => [
      name,
      { mean: new Float32Array(width), scale: new Float32Array(width).fill(1) },
    ]),
  );

/** Opens the file for batches of `size`; threads are the runtime's default unless given. */
export async function predictor(
  file: Uint8Array,
  { size, ...options }: { readonly size: number } & RuntimeOptions,
): Promise<Predictor> {
  const { spec } = configuration({ name: 'step-mosi', recipe: 'paper' });
  const samples = samplesOf(spec, size);
  const session = await openSession(file, options);
  const feeds: Record<string, Values> = {};
  const shapes: Record<string, readonly number[]> = {};
  for (const { name } of spec.features) {
    const { data, shape } = inMemory(samples.features[name]!);
    Object.assign(feeds, { [name]: data, [`${name}_lengths`]: BigInt64Array.from(samples.lengths[name]!, BigInt) });
    Object.assign(shapes, { [name]: shape, [`${name}_lengths`]: [size] });
  }
  return {
    async predict() {
      const start = performance.now();
      await session.run(feeds, shapes);
      return performance.now() - start;
    },
    dispose: () => session.dispose(),
  };
}

async function times(run: Predictor, count: number, unmeasured: number): Promise<number[]> {
  for (let i = 0; i < unmeasured; i++) await run.predict();
  const measured: number[] = [];
  for (let i = 0; i < count; i++) measured.push(await run.predict());
  return measured;
}

/** Lines of the runtime's own profile of predictions. */
const profileOf = (file: Uint8Array, size: number, runs: number): ReturnType<typeof profiled> =>
  profiled(async (profile) => {
    const run = await predictor(file, { size, profile, ...(size === 1 && { threads: 1 }) });
    for (let i = 0; i < runs; i++) await run.predict();
    await run.dispose();
  });

const predictOne: BenchCase = {
  name: 'predict-one',
  about: 'latency of one sample through an exported model, both recipes',
  async *run({ profile }) {
    for (const recipe of recipes) {
      const file = await exportedModel(recipe, { batch: 1 });
      // One sample is too little work to share. The two files take turns, so that both meet the machine as it is.
      const fixed = await predictor(file, { size: 1, threads: 1 });
      const open = await predictor(await exportedModel(recipe), { size: 1, threads: 1 });
      const [measured, ofOpen]: [number[], number[]] = [[], []];
      for (let round = 0; round < rounds; round++) {
        measured.push(...(await times(fixed, calls / rounds, warmUp)));
        ofOpen.push(...(await times(open, calls / rounds, warmUp)));
      }
      await fixed.dispose();
      await open.dispose();
      const [p50, p99] = [median(measured), percentile(measured, 0.99)];
      yield {
        case: 'predict-one',
        recipe,
        calls,
        p50_ms: rounded(p50, 2),
        p99_ms: rounded(p99, 2),
        p99_over_p50: rounded(p99 / p50, 2),
        open_over_fixed: rounded(median(ofOpen) / p50, 2),
        file_mb: rounded(file.length / 1e6, 2),
      };
      if (!profile) continue;
      for (const line of await profileOf(file, 1, 51)) yield { case: 'predict-one', recipe, ...line };
    }
  },
};

const predictBatch: BenchCase = {
  name: 'predict-batch',
  about: 'samples per second of an exported model, 32 and 256 at a time, both recipes',
  async *run({ repetitions, profile }) {
    for (const recipe of recipes) {
      const file = await exportedModel(recipe);
      for (const batch of [32, 256]) {
        const run = await predictor(file, { size: batch });
        const ms = median(await times(run, batch > 32 ? Math.ceil(repetitions / 3) : repetitions, 2));
        await run.dispose();
        const what = { case: 'predict-batch', recipe, batch };
        yield { ...what, ms: rounded(ms), samples_per_s: Math.round((batch / ms) * 1000) };
        if (!profile) continue;
        for (const line of await profileOf(file, batch, 6)) yield { ...what, ...line };
      }
    }
  },
};

export const predictCases: readonly BenchCase[] = [predictOne, predictBatch];
