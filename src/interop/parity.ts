/** How close our computation comes to the authors' code, quantity by quantity, on golden files of one format. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isNumericData, toFloat32, type NdArray } from '../data/formats/array.ts';
import { readNpz } from '../data/formats/npz.ts';
import { buildDecAlign, type DecAlignGraph } from '../models/index.ts';
import { mmd, moments } from '../alignment/index.ts';
import { Scope } from '../nn/index.ts';
import { compile } from '../runtime/node.ts';
import { gradients, type Tensor } from '../tensor/index.ts';
import { Adam, clipFactor, globalNorm } from '../train/optimizer.ts';
import {
  compilePrediction,
  compileTraining,
  parametersOf,
  placeholders,
  type InputSpec,
  type Network,
  type ParameterSpec,
} from '../train/program.ts';
import { readAuthorsCheckpoint } from './authors-checkpoint.ts';
import { authorsModalities, readAuthorsConfig, type AuthorsConfig } from './authors-config.ts';
import { ourName } from './authors-names.ts';

export interface ParityRow {
  readonly quantity: string;
  /** max |a − b| / max(max |b|, 1e-6) over the whole quantity. */
  readonly error: number;
  readonly tolerance: number;
}

export interface ParityReport {
  readonly name: string;
  readonly rows: readonly ParityRow[];
}

const forwardTolerance = 1e-4;
const gradientTolerance = 1e-3;

type Arrays = Readonly<Record<string, NdArray>>;
type Feeds = Record<string, Float32Array>;

/** One golden case: what is read from NAME.config.json, NAME.pth, NAME.npz, NAME.trajectory.npz, NAME.trained.pth. */
interface Case {
  readonly config: AuthorsConfig;
  readonly network: Network;
  readonly spec: InputSpec;
  readonly parameters: ReadonlyMap<string, ParameterSpec>;
  readonly state: Record<string, Float32Array>;
  readonly batch: number;
}

/** Names of the cases in a folder. */
export const casesIn = (directory: string): string[] =>
  readdirSync(directory)
    .filter((file) => file.endsWith('.config.json'))
    .map((file) => file.slice(0, -'.config.json'.length))
    .sort();

/** Checks one case; an Error names the file that is missing or wrong. */
export async function parity(directory: string, name: string): Promise<ParityReport> {
  const at = (suffix: string): string => path.join(directory, `${name}${suffix}`);
  const golden = readArrays(at('.npz'));
  const opened = open(at('.config.json'), at('.pth'), golden);
  const rows = [
    ...(await forwardRows(opened, golden)),
    ...(await trajectoryRows(opened, golden, readArrays(at('.trajectory.npz')), at('.trained.pth'))),
  ];
  return { name, rows };
}

const readArrays = (file: string): Arrays => readNpz(readFileSync(file), { file });

function open(configFile: string, checkpointFile: string, golden: Arrays): Case {
  const config = readAuthorsConfig(JSON.parse(readFileSync(configFile, 'utf8')), configFile);
  const features = authorsModalities.map(({ name, batch }, i) => ({
    name,
    time: array(golden, `step0_x_${batch}`).shape[1]!,
    width: config.widths[i]!,
    masked: config.sequenceMask && name !== 'text',
  }));
  const spec = { features, task: config.task };
  const network = {
    name: 'decalign',
    build: (scope: Scope, inputs: Parameters<Network['build']>[1]) => buildDecAlign(scope, inputs, config.model),
  };
  const parameters = parametersOf(network, spec);
  const state = readAuthorsCheckpoint(readFileSync(checkpointFile), parameters, { file: checkpointFile });
  return { config, network, spec, parameters, state, batch: array(golden, 'step0_y').shape[0]! };
}

function array(arrays: Arrays, key: string): NdArray {
  const found = arrays[key];
  if (!found) throw new Error(`The golden file lacks "${key}".`);
  return found;
}

const values = (arrays: Arrays, key: string): Float32Array => {
  const { data } = array(arrays, key);
  if (!isNumericData(data)) throw new Error(`"${key}" does not hold numbers.`);
  return toFloat32(data);
};

/** A batch under `prefix`_t|a|v_`suffix` and y, as a network is fed. */
function feedsOf({ spec }: Case, arrays: Arrays, key: (part: string) => string): Feeds {
  const feeds: Feeds = { labels: values(arrays, key('y')) };
  for (const { name, batch } of authorsModalities) {
    const data = values(arrays, key(`x_${batch}`));
    feeds[`features.${name}`] = data;
    const feature = spec.features.find((f) => f.name === name)!;
    if (feature.masked) feeds[`mask.${name}`] = nonZeroRows(data, feature.width);
  }
  return feeds;
}

const nonZeroRows = (data: Float32Array, width: number): Float32Array =>
  Float32Array.from({ length: data.length / width }, (_, row) =>
    Number(data.subarray(row * width, (row + 1) * width).some((x) => x !== 0)),
  );

/** Everything that one forward pass and its gradient are held against, by the golden file's own keys. */
function quantities(graph: DecAlignGraph, config: AuthorsConfig): Record<string, Tensor> {
  const outputs: Record<string, Tensor> = { out_output_logit: graph.prediction, out_final_rep: graph.fused };
  const put = (key: string, value: Tensor | undefined): void => {
    if (value) outputs[key] = value;
  };
  put('out_dec_loss', graph.terms['decoupling']);
  put('out_hete_loss', graph.terms['heterogeneity']);
  put('out_homo_loss', graph.terms['homogeneity']);
  put('task_loss', graph.terms['task']);
  put('contrastive_loss', graph.terms['contrastive']);
  const { heterogeneity } = graph;
  authorsModalities.forEach(({ letter }, m) => {
    // Their features are [N, d, T].
    put(`out_s_${letter}`, graph.unique[m]!.value.transpose());
    put(`out_c_${letter}`, graph.common[m]!.value.transpose());
    const z = graph.latents[m]!;
    put(`out_z_${letter}`, z);
    const { mean, covariance, skewness } = moments(z);
    put(`stats_${letter}_mean`, mean);
    put(`stats_${letter}_cov`, covariance);
    put(`stats_${letter}_skew`, skewness);
    const prototypes = heterogeneity?.prototypes[m];
    put(`gmm_${letter}_pi`, prototypes?.weights);
    put(`gmm_${letter}_mu`, prototypes?.means);
    put(`gmm_${letter}_var`, prototypes?.variances);
    put(`gmm_${letter}_posterior`, prototypes?.posterior);
    put(`sinkhorn_nu_${letter}`, heterogeneity?.marginals[m]);
  });
  for (const [i, j] of [
    [0, 1],
    [0, 2],
    [1, 2],
  ] as const) {
    const pair = `${authorsModalities[i].letter}${authorsModalities[j].letter}`;
    put(`cost_${pair}`, heterogeneity?.costs.get(`${i},${j}`));
    put(`mmd_${pair}`, mmd(graph.latents[i]!, graph.latents[j]!, config.model.mmd));
  }
  put('sinkhorn_cost', heterogeneity?.cost);
  put('sinkhorn_value', heterogeneity?.transport);
  return outputs;
}

async function forwardRows(opened: Case, golden: Arrays): Promise<ParityRow[]> {
  const { config, spec, batch, state } = opened;
  const scope = new Scope({ training: true });
  const graph = buildDecAlign(scope, placeholders(spec, batch, { labels: true }), config.model);
  const total = Object.values(graph.losses).reduce((sum, loss) => sum.add(loss));
  const names = [...scope.parameters.keys()];
  const grads = gradients(
    total,
    [...scope.parameters.values()].map(({ value }) => value),
  );
  const outputs = { ...quantities(graph, config), total_loss: total };
  const program = await compile(
    { ...outputs, ...Object.fromEntries(grads.flatMap((g, i) => (g ? [[`gradient ${names[i]!}`, g] as const] : []))) },
    { threads: 1 },
  );
  const results = await program.run({ ...state, ...feedsOf(opened, golden, (part) => `step0_${part}`) });
  await program.dispose();

  const rows: ParityRow[] = [];
  for (const key of Object.keys(golden)) {
    if (key.startsWith('grad.')) {
      const name = ourName(key.slice('grad.'.length));
      if (name === undefined) throw new Error(`The golden file holds "${key}", a parameter that is not known here.`);
      rows.push(row(key, results[`gradient ${name}`], golden, gradientTolerance));
    } else if (key in outputs) rows.push(row(key, results[key], golden, forwardTolerance));
    else if (key === 'contrastive_loss' && config.model.weights.contrastive === 0) continue;
  }
  const withGradient = new Set(
    Object.keys(golden).flatMap((key) => (key.startsWith('grad.') ? [ourName(key.slice(5))] : [])),
  );
  const surplus = names.filter((name, i) => grads[i] && !withGradient.has(name));
  rows.push({ quantity: 'parameters without a gradient', error: surplus.length, tolerance: 0 });
  return rows;
}

const row = (
  quantity: string,
  ours: ArrayLike<number | bigint> | undefined,
  golden: Arrays,
  tolerance: number,
): ParityRow => ({
  quantity,
  error: relativeError(ours, values(golden, quantity)),
  tolerance,
});

/** max |a − b| / max(max |b|, 1e-6); infinite where a value is missing or not a number. */
export function relativeError(ours: ArrayLike<number | bigint> | undefined, golden: ArrayLike<number>): number {
  if (ours?.length !== golden.length) return Infinity;
  let difference = 0;
  let largest = 1e-6;
  for (let i = 0; i < golden.length; i++) {
    const gap = Math.abs(Number(ours[i]) - golden[i]!);
    if (Number.isNaN(gap)) return Infinity;
    difference = Math.max(difference, gap);
    largest = Math.max(largest, Math.abs(golden[i]!));
  }
  return difference / largest;
}

/** Training steps as the golden run did them: Adam at 1e-3 with L2 decay, gradients clipped by their global norm. */
async function trajectoryRows(
  opened: Case,
  golden: Arrays,
  trajectory: Arrays,
  trainedFile: string,
): Promise<ParityRow[]> {
  const { config, network, spec, parameters } = opened;
  const state = Object.fromEntries(Object.entries(opened.state).map(([name, data]) => [name, data.slice()]));
  const loss = values(trajectory, 'loss');
  const norm = values(trajectory, 'grad_norm');
  const adam = new Adam({ weightDecay: config.weightDecay });
  const losses: number[] = [];
  const norms: number[] = [];
  for (let step = 0; step < loss.length; step++) {
    const size = array(trajectory, `y_${step}`).shape[0]!;
    const program = await programFor(network, spec, size);
    const result = await program.run(
      state,
      feedsOf(opened, trajectory, (part) => `${part}_${step}`),
    );
    norms.push(globalNorm(result.gradients));
    losses.push(result.losses['total']!);
    adam.update(state, result.gradients, { learningRate: 1e-3, factor: clipFactor(norms.at(-1)!, config.clip) });
  }
  await Promise.all([...programs.values()].map((program) => program.dispose()));
  programs.clear();

  const trained = readAuthorsCheckpoint(readFileSync(trainedFile), parameters, { file: trainedFile });
  const prediction = await compilePrediction(network, spec, { threads: 1 });
  const feeds = feedsOf(opened, golden, (part) => `step0_${part}`);
  const logits = await prediction.run(state, feeds);
  const theirs = await prediction.run(trained, feeds);
  await prediction.dispose();
  const final = values(trajectory, 'final_logits_on_step0_batch');
  const perStep = (mine: number[], golden: Float32Array): number =>
    Math.max(...mine.map((x, i) => relativeError([x], [golden[i]!])));
  return [
    { quantity: `loss of ${loss.length} steps`, error: perStep(losses, loss), tolerance: gradientTolerance },
    { quantity: `gradient norm of ${norm.length} steps`, error: perStep(norms, norm), tolerance: gradientTolerance },
    { quantity: 'final logits', error: relativeError(logits.prediction, final), tolerance: gradientTolerance },
    {
      quantity: 'logits of the trained checkpoint',
      error: relativeError(theirs.prediction, final),
      tolerance: gradientTolerance,
    },
    ...Object.entries(trained).map(([name, data]) => ({
      quantity: `trained ${name}`,
      error: relativeError(determined(name, state[name]!), determined(name, data)),
      tolerance: gradientTolerance,
    })),
  ];
}

/**
 * The entries of a trained parameter that training determines. A bias of attention keys moves every score of a query
 * alike, which softmax undoes: its exact gradient is 0, and Adam turns what rounding leaves of it into full steps.
 */
function determined(name: string, data: Float32Array): Float32Array {
  if (!name.endsWith('in_proj_bias')) return data;
  const width = data.length / 3;
  return Float32Array.from([...data.subarray(0, width), ...data.subarray(2 * width)]);
}

const programs = new Map<number, Awaited<ReturnType<typeof compileTraining>>>();
async function programFor(network: Network, spec: InputSpec, batch: number): ReturnType<typeof compileTraining> {
  const known = programs.get(batch) ?? (await compileTraining(network, spec, batch, { threads: 1 }));
  programs.set(batch, known);
  return known;
}
