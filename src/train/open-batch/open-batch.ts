/**
 * Graphs for batches of any size. Shapes are static, so such a graph is built for a size that stands for all, and every
 * dimension that is a multiple of it is written as a symbol. Any other number that a model makes of the size would be
 * written as it is, and be wrong for every real batch. Therefore a graph is built for several sizes, and must be the same.
 */
import type { Tensor } from '../../tensor/index.ts';
import { dataDifference } from '../../json/difference.ts';
import { graphDifference, told, type Found, type Sizes } from './graph-difference.ts';
import { traced } from './made-in.ts';

/** A larger prime than any real dimension: it stands for the batch where the batch is open (`SymbolicBatch`). */
export const openBatch = { size: 1_000_003, name: 'batch' } as const;

/**
 * Sizes that are compared with the open one: one that nearly every number up to 16 divides, which none does of the open
 * one, and one below whatever bound a model may choose by. It is not 1, for which broadcasting leaves operators out.
 */
const probes = [5040, 7] as const;

/** Sizes in which a fault is told, where it shows in them: so small that they are recognised in what was made of them. */
const readable: Sizes = { first: 97, second: 100 };

type Outputs = Readonly<Record<string, Tensor>>;
type Compare<T> = (first: T, second: T, sizes: Sizes) => Found | undefined;

const ofGraphs: Compare<Outputs> = (first, second, sizes) =>
  graphDifference(Object.values(first), Object.values(second), sizes);

/**
 * The graph that `build` makes for `openBatch.size`, to be compiled with the option `batch: openBatch`. Throws a
 * RangeError that begins with `title` and names the operator, and the line of the model that made it, where operators,
 * their constants or their attributes depend on the size by more than a dimension does that counts whole batches, or
 * differ from one build to the next.
 */
export function withOpenBatch(title: string, build: (batch: number) => Outputs): Outputs {
  return sameForAll(title, build, ofGraphs);
}

/** What `build` returns for `openBatch.size`; a RangeError that begins with `title` where one other size changes it. */
export function forAnyBatch<T>(title: string, build: (batch: number) => T): T {
  const ofData: Compare<T> = (first, second, sizes) => {
    const found = dataDifference(first, second);
    return found && { what: `it has ${found.path.replace(/^\./, '')} ${told(found, sizes)}` };
  };
  return sameForAll(title, build, ofData, probes.slice(0, 1));
}

function sameForAll<T>(
  title: string,
  build: (batch: number) => T,
  compare: Compare<T>,
  sizes: readonly number[] = probes,
): T {
  const open = build(openBatch.size);
  for (const probe of sizes)
    if (compare(open, build(probe), { first: openBatch.size, second: probe }))
      throw fault(title, build, compare, { first: openBatch.size, second: probe });
  return open;
}

/** Builds again, for sizes that can be read, and says what is wrong and where. */
function fault<T>(title: string, build: (batch: number) => T, compare: Compare<T>, differing: Sizes): RangeError {
  for (const sizes of [{ first: readable.first, second: readable.first }, readable, differing]) {
    const { value, madeIn } = traced(() => build(sizes.first));
    const found = compare(value, build(sizes.second), sizes);
    if (found === undefined) continue;
    const line = found.node && madeIn(found.node);
    const what = `${found.what}${line === undefined ? '' : ` (${line})`}`;
    return new RangeError(
      sizes.first === sizes.second
        ? `${title} is not the same when it is built twice: ${what}. It must be: chance comes from dropout and from first values of parameters, which the seed decides.`
        : `${title} depends on N, the number of samples: ${what}. It must hold for any N: let operators take N when they run, as mean([0]) does, and use no number made of it.`,
    );
  }
  return new RangeError(`${title} is not the same whenever it is built.`);
}
