/** Training steps as the golden run did them: Adam at 1e-3 with L2 decay, gradients clipped by their global norm. */
import { Adam, clipFactor, globalNorm } from '../../src/train/optimisation/optimizer.ts';
import { compile } from '../../src/runtime/node.ts';
import { compilePrediction } from '../../src/train/programs/compile-prediction.ts';
import { compileTraining, type TrainingProgram } from '../../src/train/programs/compile-training.ts';
import { readAuthorsCheckpoint } from '../../src/interop/authors-checkpoint.ts';
import { readBytes } from '../../src/files/read.ts';
import { array, batchOf, values, type Batch, type GoldenCase } from './golden-case.ts';
import { errorPerEntry, judge, type Expected, type Nudge, type Numbers, type ParityRow } from './rows.ts';

const tolerance = 1e-3;
const learningRate = 1e-3;

export async function trajectoryParity(opened: GoldenCase): Promise<ParityRow[]> {
  const { model, trajectory, golden, trainedFile } = opened;
  const steps = array(trajectory, 'loss').shape[0] ?? 0;
  const batches = Array.from({ length: steps }, (_, step) => batchOf(opened, trajectory, (part) => `${part}_${step}`));
  const first = batchOf(opened, golden, (part) => `step0_${part}`);
  const trained = readAuthorsCheckpoint(readBytes(trainedFile), model.parameters, { file: trainedFile });
  const logits = values(trajectory, 'final_logits_on_step0_batch');

  const losses = `loss of ${steps} steps`;
  const norms = `gradient norm of ${steps} steps`;
  const expected: Expected[] = [
    { quantity: losses, golden: values(trajectory, 'loss'), tolerance, distance: errorPerEntry },
    { quantity: norms, golden: values(trajectory, 'grad_norm'), tolerance, distance: errorPerEntry },
    { quantity: 'final logits', golden: logits, tolerance },
    { quantity: 'logits of the trained checkpoint', golden: logits, tolerance },
    ...Object.entries(trained).map(([name, data]) => ({
      quantity: `trained ${name}`,
      golden: determined(name, data),
      tolerance,
    })),
  ];

  const programs = new Map<string, TrainingProgram>();
  const programFor = async ({ spec, size }: Batch): Promise<TrainingProgram> => {
    const key = String([size, ...spec.features.map(({ time }) => time)]);
    const program = programs.get(key) ?? (await compileTraining(model.network, spec, size, { compile, threads: 1 }));
    programs.set(key, program);
    return program;
  };
  const prediction = await compilePrediction(model.network, first.spec, { compile, threads: 1 });
  const run = async (nudge: Nudge): Promise<Record<string, Numbers>> => {
    const state = nudged(model.state, nudge);
    const adam = new Adam({ weightDecay: model.config.weightDecay });
    const series: { readonly loss: number[]; readonly norm: number[] } = { loss: [], norm: [] };
    for (const batch of batches) {
      const { losses, gradients } = await (await programFor(batch)).run(state, batch.feeds(nudge));
      const norm = globalNorm(gradients);
      adam.update(state, gradients, { learningRate, factor: clipFactor(norm, model.config.clip) });
      series.loss.push(losses['total']!);
      series.norm.push(norm);
    }
    const feeds = first.feeds(nudge);
    return {
      [losses]: series.loss,
      [norms]: series.norm,
      'final logits': (await prediction.run(state, feeds)).prediction,
      'logits of the trained checkpoint': (await prediction.run(nudged(trained, nudge), feeds)).prediction,
      ...Object.fromEntries(Object.entries(state).map(([name, data]) => [`trained ${name}`, determined(name, data)])),
    };
  };
  try {
    return await judge(expected, run);
  } finally {
    await Promise.all([prediction, ...programs.values()].map((program) => program.dispose()));
  }
}

/** A copy, changed by no more than rounding. */
const nudged = (state: Readonly<Record<string, Float32Array>>, nudge: Nudge): Record<string, Float32Array> =>
  Object.fromEntries(Object.entries(state).map(([name, data]) => [name, nudge(data).slice()]));

/**
 * The entries of a trained parameter that training determines. A bias of attention keys moves every score of a query
 * alike, which softmax undoes: its exact gradient is 0, and Adam turns what rounding leaves of it into full steps.
 */
function determined(name: string, data: Float32Array): Float32Array {
  if (!name.endsWith('in_proj_bias')) return data;
  const width = data.length / 3;
  return Float32Array.from([...data.subarray(0, width), ...data.subarray(2 * width)]);
}
