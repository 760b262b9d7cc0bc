/** A process that does by hand what starting a training consists of, and tells how long each part took. */
import type { Request } from './configurations.ts';

const booted = performance.now();
const { configuration } = await import('./configurations.ts');
const { samplesOf } = await import('./samples.ts');
const { createBatch, fillBatch } = await import('../src/data/batch.ts');
const { Scope } = await import('../src/nn/index.ts');
const { simplify } = await import('../src/onnx/simplify.ts');
const { toOnnx } = await import('../src/onnx/serialize.ts');
const { devices, openSession } = await import('../src/runtime/node.ts');
const { gradients, size } = await import('../src/tensor/index.ts');
const { feedsOf } = await import('../src/train/programs/feeds.ts');
const { initialize, parametersOf, placeholders } = await import('../src/train/index.ts');
// Loads the runtime.
devices();
const imported = performance.now();

export interface StartTold {
  readonly request: Request;
  readonly threads: number;
}

/** Milliseconds. */
export interface StartParts {
  /** Node itself. */
  readonly boot: number;
  /** Modules and the runtime. */
  readonly import: number;
  /** Forward pass, losses and their gradients. */
  readonly graph: number;
  readonly simplify: number;
  readonly serialize: number;
  readonly session: number;
  readonly firstRun: number;
  readonly secondRun: number;
}

const { request, threads } = JSON.parse(process.argv[2]!) as StartTold;
const { network, spec, train } = configuration(request);
const parameters = initialize(parametersOf(network, spec), 1);
const batch = createBatch(spec.features, train.batchSize);
fillBatch(
  batch,
  samplesOf(spec, train.batchSize),
  Int32Array.from({ length: train.batchSize }, (_, n) => n),
);

const marks = [performance.now()];
const mark = (): void => void marks.push(performance.now());
const scope = new Scope({ training: true });
const { losses } = network.build(scope, placeholders(spec, train.batchSize, { labels: true }));
const total = Object.values(losses).reduce((sum, loss) => sum.add(loss));
const declared = [...scope.parameters.values()].map(({ value }) => value);
const outputs = [total, ...gradients(total, declared).filter((gradient) => gradient !== undefined)];
mark();
const simple = simplify(outputs);
mark();
const { bytes } = toOnnx(Object.fromEntries(simple.map((y, i) => [`out ${i}`, y])), { simplify: false });
mark();
const session = await openSession(bytes, { threads, optimization: 'none' });
mark();
const masks = [...scope.dropouts].map(
  ([name, { mask }]) => [name, new Float32Array(size(mask.shape)).fill(1)] as const,
);
const feeds = { ...parameters, ...feedsOf(batch, spec.features), ...Object.fromEntries(masks) };
const shapes = {
  ...Object.fromEntries([...scope.parameters].map(([name, { value }]) => [name, value.shape])),
  ...Object.fromEntries([...scope.dropouts].map(([name, { mask }]) => [name, mask.shape])),
  ...Object.fromEntries(
    spec.features.flatMap(({ name, time, width }) => [
      [`features.${name}`, [train.batchSize, time, width]],
      [`mask.${name}`, [train.batchSize, time]],
    ]),
  ),
  labels: [train.batchSize],
};
const runs: number[] = [];
for (let i = 0; i < 2; i++) {
  const start = performance.now();
  await session.run(feeds, shapes);
  runs.push(performance.now() - start);
}
await session.dispose();
const [graph, simplified, serialized, opened] = marks.slice(1).map((at, i) => at - marks[i]!);
console.log(
  JSON.stringify({
    boot: booted,
    import: imported - booted,
    graph: graph!,
    simplify: simplified!,
    serialize: serialized!,
    session: opened!,
    firstRun: runs[0]!,
    secondRun: runs[1]!,
  } satisfies StartParts),
);
