import { type Dataset, type Modality, type Samples, type Split, splits, type Task } from '../dataset.ts';
import type { InMemoryFeatures } from '../features.ts';
import { type Random, random } from '../random.ts';

export interface SyntheticOptions {
  readonly seed?: number;
  /** How many in each split, or how many to train on, beside 240 to validate and 360 to test. Default: 1200 of these. */
  readonly samples?: number | Readonly<Record<Split, number>>;
  /** How many modalities, at least two: text, audio, vision, modality4, ... */
  readonly modalities?: number;
  /** Standard deviation of the noise on every feature of every time step, against a signal of 1. */
  readonly noise?: number;
  readonly task?: Task['kind'];
  /** `nonlinear`: √2 sin of 1.5 times the mixed factors, in which common and unique ones are not added up. Default: `linear`. */
  readonly mixing?: 'linear' | 'nonlinear';
  /** Between each common factor and the unique ones of the same place, 0..1, 1 excluded. Default: 0. */
  readonly correlation?: number;
  /** Which factors the labels are of. Default: `both`. */
  readonly labels?: 'both' | 'common' | 'unique';
  /** A modality that carries nothing: its features are noise of deviation 1, and labels are of the others. */
  readonly empty?: string | undefined;
}

interface Source {
  readonly name: string;
  readonly time: number;
  readonly width: number;
  readonly scale: number;
  readonly offset: number;
}

const factorWidth = 3;
const classes = ['negative', 'neutral', 'positive'] as const;
/** Several labels: the linear part of the score, the products, and both; a sample has each where it is above a bound. */
const several = ['linear', 'products', 'score'] as const;
const bounds = [0, 0.5, 1] as const;

/**
 * Modalities made from known factors: for each sample common factors c `[3]`, seen in every modality, and per modality
 * unique factors u_m `[3]`, seen in that one alone:
 *
 *   x_m(t) = offset_m + scale_m (A_m c + B_m u_m burst(t) + noise)
 *   score  = (linear in c and every u_m  +  Σ_m u_m[0] u_{m+1}[0]) with half of its variance from either part
 *   label  = 3 tanh(0.7 score), or one of three classes by the score; several labels are of either part and of both
 *
 * No linear reader of the features sees the products, and no single modality holds both of their terms. The factors are
 * kept in `factors`: `common` and `unique.<modality>`, `[N, 3]`, the latter of each modality that carries something.
 *
 * Options make the question harder. With `mixing: 'nonlinear'`, x_m(t) = offset_m + scale_m (√2 sin(1.5 A_m c + 1.5 B_m u_m
 * burst(t)) + noise). With a `correlation` ρ, u_m = ρ c + √(1 − ρ²) v_m for an independent v_m, so that unique factors of two
 * modalities have a correlation of ρ². `labels: 'common'` makes the linear part of c[0] and c[1] and the product c[0] c[2];
 * `'unique'` leaves c out.
 *
 * Throws a RangeError for fewer than two modalities that carry something, for a correlation out of its range, and for an
 * `empty` modality that there is not.
 */
export function synthetic(options: SyntheticOptions = {}): Dataset {
  const { seed = 0, samples: asked = 1200, modalities: count = 3, noise = 0.5 } = options;
  const samples = typeof asked === 'number' ? { train: asked, valid: 240, test: 360 } : asked;
  if (!Number.isInteger(count) || count < 2)
    throw new RangeError(`synthetic() needs two or more modalities, got ${count}.`);
  const { task = 'regression', mixing = 'linear', correlation = 0, labels = 'both', empty } = options;
  if (!(correlation >= 0 && correlation < 1))
    throw new RangeError(`synthetic() needs a correlation of 0 to 1, 1 excluded, got ${correlation}.`);
  const sources = Array.from({ length: count }, (_, m) => sourceOf(m));
  checkEmpty(empty, sources);
  const mixings = sources.map(({ name, width }) => ({
    common: normals(random(seed, 'synthetic', 'common', name), factorWidth * width),
    unique: normals(random(seed, 'synthetic', 'unique', name), factorWidth * width),
  }));

  const made = splits.map((split) => {
    const n = samples[split];
    const stream = (name: string): Random => random(seed, 'synthetic', split, name);
    const common = normals(stream('common'), n * factorWidth);
    const unique = sources.map(({ name }) =>
      correlated(normals(stream(`unique.${name}`), n * factorWidth), common, correlation),
    );
    const lengths = sources.map(({ name, time }) => {
      const draw = stream(`length.${name}`);
      return Int32Array.from({ length: n }, () => time - draw.integer(Math.floor(time / 2) + 1));
    });
    const features = sources.map((source, m) =>
      observe(
        source,
        mixings[m]!,
        { common, unique: unique[m]!, lengths: lengths[m]!, noise, mixing },
        stream(source.name),
        source.name === empty,
      ),
    );
    const carried = unique.filter((_, m) => sources[m]!.name !== empty);
    const byName = <T>(values: readonly T[]): Record<string, T> =>
      Object.fromEntries(values.map((value, m) => [sources[m]!.name, value]));
    const factor = (data: Float32Array): InMemoryFeatures => ({ shape: [n, factorWidth], data });
    const known: Samples = {
      ids: Array.from({ length: n }, (_, i) => `${split}-${i}`),
      features: byName(features),
      lengths: byName(lengths),
      labels: Float32Array.from(
        Array.from({ length: n }, (_, i) => labelOf(score(labels, common, carried, i), task)).flat(),
      ),
    };
    const uniqueByName = unique.flatMap((data, m): [string, InMemoryFeatures][] => {
      const { name } = sources[m]!;
      return name === empty ? [] : [[`unique.${name}`, factor(data)]];
    });
    return { split, known, factors: { common: factor(common), ...Object.fromEntries(uniqueByName) } };
  });
  return {
    name: 'synthetic',
    task: taskOf(task),
    metrics: task === 'regression' ? 'mosi' : task,
    modalities: sources.map(({ name, time, width }): Modality => ({
      name,
      time,
      width,
      lengthSource: { kind: 'given' },
      cleaned: 0,
    })),
    splits: Object.fromEntries(made.map(({ split, known }) => [split, known])),
    factors: Object.fromEntries(made.map(({ split, factors }) => [split, factors])),
  };
}

/** Lengths, widths, scales and offsets differ, as those of real extractors do. */
function sourceOf(m: number): Source {
  const usual: readonly Source[] = [
    { name: 'text', time: 12, width: 24, scale: 1, offset: 0 },
    { name: 'audio', time: 20, width: 10, scale: 40, offset: 25 },
    { name: 'vision', time: 16, width: 16, scale: 0.2, offset: -0.5 },
  ];
  return usual[m] ?? { name: `modality${m + 1}`, time: 8 + 4 * (m % 3), width: 12, scale: 2 ** (m % 5), offset: 0 };
}

function checkEmpty(empty: string | undefined, sources: readonly Source[]): void {
  const names = sources.map(({ name }) => name);
  if (empty === undefined) return;
  if (!names.includes(empty))
    throw new RangeError(`synthetic() has no modality "${empty}" to be empty; it has ${names.join(', ')}.`);
  if (names.length < 3)
    throw new RangeError('synthetic() needs two modalities that carry something beside the empty one; ask for three.');
}

/** ρ common + √(1 − ρ²) own, element by element. */
const correlated = (own: Float32Array, common: Float32Array, rho: number): Float32Array =>
  rho === 0 ? own : own.map((x, i) => rho * common[i]! + Math.sqrt(1 - rho ** 2) * x);

const normals = (stream: Random, length: number): Float32Array => Float32Array.from({ length }, () => stream.normal());

/** The features of one modality, `[N, T, D]`; steps beyond a sample's length stay zero. */
function observe(
  { time, width, scale, offset }: Source,
  mixing: { readonly common: Float32Array; readonly unique: Float32Array },
  latent: {
    readonly common: Float32Array;
    readonly unique: Float32Array;
    readonly lengths: Int32Array;
    readonly noise: number;
    readonly mixing: 'linear' | 'nonlinear';
  },
  stream: Random,
  isEmpty: boolean,
): InMemoryFeatures {
  const rows = latent.lengths.length;
  const data = new Float32Array(rows * time * width);
  const steady = new Float32Array(width);
  const bursting = new Float32Array(width);
  for (let n = 0; n < rows; n++) {
    mix(steady, mixing.common, latent.common, n);
    mix(bursting, mixing.unique, latent.unique, n);
    const length = latent.lengths[n]!;
    // The unique part shows in half of the true steps, wherever they are, and twice as strong.
    const span = Math.ceil(length / 2);
    const start = stream.integer(length - span + 1);
    for (let t = 0; t < length; t++) {
      const strength = t >= start && t < start + span ? length / span : 0;
      for (let d = 0; d < width; d++) {
        const mixed = steady[d]! + strength * bursting[d]!;
        const signal = latent.mixing === 'linear' ? mixed : Math.SQRT2 * Math.sin(1.5 * mixed);
        const value = isEmpty ? stream.normal() : signal + latent.noise * stream.normal();
        data[(n * time + t) * width + d] = offset + scale * value;
      }
    }
  }
  return { shape: [rows, time, width], data };
}

/** out[d] = Σ_k factors[n, k] mixing[k, d] / √K. */
function mix(out: Float32Array, mixing: Float32Array, factors: Float32Array, n: number): void {
  out.fill(0);
  for (let k = 0; k < factorWidth; k++) {
    const weight = factors[n * factorWidth + k]! / Math.sqrt(factorWidth);
    for (let d = 0; d < out.length; d++) out[d]! += weight * mixing[k * out.length + d]!;
  }
}

interface Score {
  /** Each of variance 1, and so is their sum over √2. */
  readonly linear: number;
  readonly products: number;
}

/** The score of sample `n`: half of its variance is linear, half products of neighbouring modalities' unique factors. */
function score(
  of: 'both' | 'common' | 'unique',
  common: Float32Array,
  unique: readonly Float32Array[],
  n: number,
): Score {
  const at = (factors: Float32Array, k: number): number => factors[n * factorWidth + k]!;
  const total = (terms: readonly number[]): number => terms.reduce((sum, x) => sum + x, 0) / Math.sqrt(terms.length);
  const shared = [at(common, 0), at(common, 1)];
  if (of === 'common') return { linear: total(shared), products: at(common, 0) * at(common, 2) };
  const linear = [...(of === 'both' ? shared : []), ...unique.map((factors) => at(factors, 1))];
  // Two modalities have one pair of neighbours, more have a ring of them.
  const pairs = unique.length === 2 ? unique.slice(1) : unique;
  const products = pairs.map((factors) => {
    const m = unique.indexOf(factors);
    return at(factors, 0) * at(unique[(m + 1) % unique.length]!, 0);
  });
  return { linear: total(linear), products: total(products) };
}

function taskOf(kind: Task['kind']): Task {
  switch (kind) {
    case 'regression':
      return { kind, range: [-3, 3] };
    case 'classification':
      return { kind, classes };
    case 'multilabel':
      return { kind, names: several };
    case 'multitarget':
      return { kind, names: several, ranges: several.map(() => [-3, 3]) };
  }
}

function labelOf({ linear, products }: Score, task: Task['kind']): readonly number[] {
  const value = Math.SQRT1_2 * (linear + products);
  const squashed = (x: number): number => 3 * Math.tanh(0.7 * x);
  switch (task) {
    case 'regression':
      return [squashed(value)];
    case 'classification':
      // These cuts divide a normal distribution into thirds.
      return [value < -0.43 ? 0 : value < 0.43 ? 1 : 2];
    case 'multilabel':
      return [linear, products, value].map((x, l) => Number(x > bounds[l]!));
    case 'multitarget':
      return [linear, products, value].map(squashed);
  }
}
