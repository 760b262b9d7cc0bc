/**
 * `npm run bench`: one JSON line per case. A training step of the MOSI configuration (batch 32, 50 time steps, widths
 * 768, 5 and 20, d 64, 8 heads, 5 layers, K 7) against a plain matrix product timed in the same run, so that figures of
 * two machines, or of a busy one, can be compared as ratios.
 */
import { fillDropoutMask, random } from '../src/data/random.ts';
import { resolveConfig } from '../src/config/index.ts';
import { models } from '../src/models/index.ts';
import { Scope } from '../src/nn/index.ts';
import { simplify } from '../src/onnx/simplify.ts';
import { compile } from '../src/runtime/node.ts';
import { gradients, input, MatMul, size, topologicalOrder } from '../src/tensor/index.ts';
import {
  Adam,
  clipFactor,
  compileTraining,
  globalNorm,
  initialize,
  parametersOf,
  placeholders,
  type InputSpec,
  type Network,
} from '../src/train/index.ts';

const threads = Number(process.env['THREADS'] ?? 2);
// How much the runtime rewrites a graph by itself.
const optimization = process.env['OPTIMIZATION'] === 'all' ? 'all' : 'none';
const repetitions = Number(process.env['REPETITIONS'] ?? 15);
const batch = 32;
const steps = 50;
const widths = { text: 768, audio: 5, vision: 20 } as const;

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
const rounded = (x: number, digits = 3): number => Number(x.toPrecision(digits));
const print = (line: Readonly<Record<string, unknown>>): void => console.log(JSON.stringify(line));

/** GFLOP/s of a float32 product of two n x n matrices: what the runtime reaches at its best here, now. */
async function ceiling(n: number): Promise<number> {
  const program = await compile({ product: input('a', [n, n]).matmul(input('b', [n, n])) }, { threads });
  const noise = random(0, 'bench', 'product');
  const matrix = (): Float32Array => Float32Array.from({ length: n * n }, () => noise.uniform() - 0.5);
  const feeds = { a: matrix(), b: matrix() };
  const times: number[] = [];
  for (let i = 0; i < repetitions; i++) {
    const start = performance.now();
    await program.run(feeds);
    times.push(performance.now() - start);
  }
  await program.dispose();
  return (2 * n ** 3) / median(times) / 1e6;
}

/** The authors' sizes for CMU-MOSI (configs/mosi.yaml), with a recipe's losses. */
function networkOf(recipe: string): Network {
  const dropout = {
    input: 0,
    embedding: 0.1,
    attention: { text: 0.1, audio: 0, vision: 0 },
    relu: 0.1,
    residual: 0.05,
  };
  const { model } = resolveConfig({
    recipe,
    values: {
      model: {
        width: 64,
        heads: 8,
        layers: 5,
        norm: 'post',
        dropout: { ...dropout, output: 0 },
        mixture: { prototypes: 7 },
        latent: { width: 64 },
      },
    },
  });
  const { name, ...own } = model;
  const config = models[name].config.parse(own);
  return { name, build: (scope, inputs) => models[name].build(scope, inputs, config) };
}

/** Operations of a step's matrix products, forward and backward; everything else counts as none. */
function productFlops(network: Network, spec: InputSpec): number {
  const scope = new Scope({ training: true });
  const { losses } = network.build(scope, placeholders(spec, batch, { labels: true }));
  const total = Object.values(losses).reduce((sum, loss) => sum.add(loss));
  const parameters = [...scope.parameters.values()].map(({ value }) => value);
  const outputs = simplify([total, ...gradients(total, parameters).filter((gradient) => gradient !== undefined)]);
  const products = topologicalOrder(outputs).filter(({ op }) => op.name === MatMul.name);
  return products.reduce((sum, { inputs: [a, b], outputs: [y] }) => {
    const [columns, result] = [size(b!.shape.slice(-2)), size(y!.shape.slice(-2))];
    // With a [m, k], b [k, n] and y [m, n], whichever is transposed: k = √(mk · kn / mn).
    const inner = Math.round(Math.sqrt((size(a!.shape.slice(-2)) * columns) / result));
    return sum + 2 * size(y!.shape) * inner;
  }, 0);
}

async function step(recipe: string, gflopsAtBest: number): Promise<Readonly<Record<string, unknown>>> {
  const features = Object.entries(widths).map(([name, width]) => ({ name, width, time: steps, masked: true }));
  const spec: InputSpec = { features, task: { kind: 'regression' } };
  const network = networkOf(recipe);
  const parameters = initialize(parametersOf(network, spec), 1);
  const compiling = performance.now();
  const program = await compileTraining(network, spec, batch, { threads, optimization });
  const compiled = performance.now() - compiling;

  const noise = random(0, 'bench', 'features');
  const feeds: Record<string, Float32Array> = {
    labels: Float32Array.from({ length: batch }, (_, n) => (n % 7) - 3),
  };
  for (const { name, width } of features) {
    feeds[`features.${name}`] = Float32Array.from({ length: batch * steps * width }, () => noise.normal());
    // Lengths from 10 to 41 steps.
    const real = (i: number): boolean => i % steps < 10 + Math.floor(i / steps);
    feeds[`mask.${name}`] = Float32Array.from({ length: batch * steps }, (_, i) => Number(real(i)));
  }
  for (const { name, length } of program.dropouts) feeds[name] = new Float32Array(length);

  const adam = new Adam();
  const times = { masks: [] as number[], run: [] as number[], update: [] as number[], step: [] as number[] };
  const warmUp = 2;
  for (let i = 0; i < warmUp + repetitions; i++) {
    const start = performance.now();
    for (const { name, rate } of program.dropouts) fillDropoutMask(feeds[name]!, rate, 1, name, i);
    const masked = performance.now();
    const { gradients } = await program.run(parameters, feeds);
    const ran = performance.now();
    adam.update(parameters, gradients, { learningRate: 1e-4, factor: clipFactor(globalNorm(gradients), 1) });
    const updated = performance.now();
    if (i < warmUp) continue;
    times.masks.push(masked - start);
    times.run.push(ran - masked);
    times.update.push(updated - ran);
    times.step.push(updated - start);
  }
  await program.dispose();
  const whole = median(times.step);
  const work = productFlops(network, spec) / 1e9;
  const share = (part: readonly number[]): number => rounded(median(part) / whole, 2);
  return {
    case: `mosi step, ${recipe}`,
    threads,
    parameters: Object.values(parameters).reduce((n, { length }) => n + length, 0),
    nodes: program.nodes,
    compile_ms: Math.round(compiled),
    step_ms: rounded(whole),
    share: { masks: share(times.masks), run: share(times.run), update: share(times.update) },
    gflop: rounded(work),
    gflops: rounded(work / (whole / 1000)),
    // Of what the plain product reaches.
    ratio: rounded(work / (whole / 1000) / gflopsAtBest, 2),
  };
}

const gflops = await ceiling(1024);
print({ case: 'product 1024^3 float32', threads, gflops: rounded(gflops) });
for (const recipe of ['paper', 'authors']) print(await step(recipe, gflops));
