/** Samples divided into splits by fractions: to one sample, alike in labels, with groups kept together. */
import { type Split, splits as allSplits } from './dataset.ts';
import { type Random, random } from './random.ts';

export type Fractions = Readonly<Record<Split, number>>;

/** What decides the split of each sample; the order of samples does not. */
export interface Divisible {
  /** A different one for each sample. */
  readonly ids: readonly string[];
  /** Samples of a stratum, such as those of a class, are divided by the same fractions. Default: all are of one. */
  readonly strata?: readonly number[];
  /** Samples of a group are in one split. Default: each is its own group. */
  readonly groups?: readonly string[];
}

/** Samples that stay together. */
interface Unit {
  readonly name: string;
  readonly rows: readonly number[];
}

/**
 * The split of each sample, always the same one for a seed. Without groups each split has its fraction of the samples to
 * one sample, and of each stratum to two at most; groups come as near to the first as a search by moves and swaps of
 * groups gets. Each split has a group at least. Throws a `RangeError` for fewer than three, and for nothing to train on.
 */
export function splitsByFractions(
  samples: Divisible,
  fractions: Fractions,
  { seed }: { readonly seed: number },
): Split[] {
  const units = unitsOf(samples);
  const what = samples.groups ? 'group' : 'sample';
  if (units.length < allSplits.length)
    throw new RangeError(`has ${units.length} ${what}${units.length === 1 ? '' : 's'}, too few for three splits.`);
  if (!(fractions.train > 0)) throw new RangeError('leaves no samples to train on; lower the other shares.');
  const strata = samples.strata ?? samples.ids.map(() => 0);
  const targets = targetsOf(samples.ids.length, fractions);
  const isEven = units.length === samples.ids.length;
  const bySplit = isEven ? divided(units, strata, targets, seed) : grouped(units, strata, targets, seed);
  const result = new Array<Split>(samples.ids.length);
  bySplit.forEach((own, s) => {
    for (const { rows } of own) for (const row of rows) result[row] = allSplits[s]!;
  });
  return result;
}

/** Sorted by name, so that the order of the samples decides nothing. */
function unitsOf({ ids, groups = ids }: Divisible): readonly Unit[] {
  const rows = new Map<string, number[]>();
  for (const [n, group] of groups.entries()) {
    const own = rows.get(group);
    if (own) own.push(n);
    else rows.set(group, [n]);
  }
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, own]) => ({ name, rows: own }));
}

/** Samples of each split: rounded so that they add up to all, those with the largest remainders up; one at least. */
function targetsOf(total: number, fractions: Fractions): number[] {
  const exact = allSplits.map((split) => fractions[split] * total);
  // The product of a fraction and a number may fall short of a whole number by its last digit.
  const targets = exact.map((count) => Math.floor(count + 1e-9));
  const left = total - targets.reduce((sum, count) => sum + count, 0);
  const byRemainder = [0, 1, 2].sort((a, b) => exact[b]! - targets[b]! - (exact[a]! - targets[a]!) || a - b);
  for (const s of byRemainder.slice(0, left)) targets[s]! += 1;
  for (const [s, count] of targets.entries())
    if (count === 0) {
      targets[targets.indexOf(Math.max(...targets))]! -= 1;
      targets[s] = 1;
    }
  return targets;
}

/** Single samples, stratum after stratum in random order within each, always to the split that lags behind most. */
function divided(
  units: readonly Unit[],
  strata: readonly number[],
  targets: readonly number[],
  seed: number,
): Unit[][] {
  const stratumOf = ({ rows }: Unit): number => strata[rows[0]!]!;
  const ordered = [...new Set(strata)]
    .sort((a, b) => a - b)
    .flatMap((stratum) =>
      shuffled(
        units.filter((unit) => stratumOf(unit) === stratum),
        random(seed, 'fractions', stratum),
      ),
    );
  const bySplit: Unit[][] = targets.map(() => []);
  for (const [n, unit] of ordered.entries()) {
    const lag = targets.map((target, s) =>
      bySplit[s]!.length < target ? (target * (n + 1)) / ordered.length - bySplit[s]!.length : -Infinity,
    );
    bySplit[lag.indexOf(Math.max(...lag))]!.push(unit);
  }
  return bySplit;
}

/** Groups, the largest first: each where it fits and its strata are wanted most; then moved until no move or swap helps. */
function grouped(
  units: readonly Unit[],
  strata: readonly number[],
  targets: readonly number[],
  seed: number,
): Unit[][] {
  const total = strata.length;
  const inAll = countsOf(strata);
  const bySplit: Unit[][] = targets.map(() => []);
  const sizes = targets.map(() => 0);
  const held = targets.map(() => new Map<number, number>());
  const ordered = shuffled(units, random(seed, 'fractions')).sort((a, b) => b.rows.length - a.rows.length);
  for (const [n, unit] of ordered.entries()) {
    const size = unit.rows.length;
    const own = countsOf(unit.rows.map((row) => strata[row]!));
    const room = targets.map((target, s) => target - sizes[s]!);
    const fit = [0, 1, 2].filter((s) => room[s]! >= size);
    const empty = [0, 1, 2].filter((s) => bySplit[s]!.length === 0);
    const most = Math.max(...room);
    const among =
      ordered.length - n <= empty.length ? empty : fit.length > 0 ? fit : [0, 1, 2].filter((s) => room[s] === most);
    // How far the split is from its fraction of the strata that are in this group: 1 where it has none of them yet.
    const want = (s: number): number =>
      [...own].reduce((sum, [stratum, count]) => {
        const wanted = (targets[s]! / total) * inAll.get(stratum)!;
        return sum + (count / size) * (1 - (held[s]!.get(stratum) ?? 0) / wanted);
      }, 0);
    const best = among.reduce((found, s) => (want(s) > want(found) ? s : found));
    bySplit[best]!.push(unit);
    sizes[best]! += size;
    for (const [stratum, count] of own) held[best]!.set(stratum, (held[best]!.get(stratum) ?? 0) + count);
  }
  while (improved(bySplit, targets));
  return bySplit;
}

/** Makes the first move of a group, or swap of two, that brings the sizes of splits nearer to the targets. */
function improved(bySplit: readonly Unit[][], targets: readonly number[]): boolean {
  const over = targets.map((target, s) => bySplit[s]!.reduce((sum, { rows }) => sum + rows.length, 0) - target);
  for (const [from, ownOver] of over.entries())
    for (const [to, otherOver] of over.entries()) {
      if (ownOver <= 0 || otherOver >= ownOver || from === to) continue;
      const gain = (change: number): number =>
        ownOver + Math.abs(otherOver) - Math.abs(ownOver - change) - Math.abs(otherOver + change);
      // One group of each size stands for all of them.
      const firstOf = new Map<number, number>([[0, -1]]);
      bySplit[to]!.forEach(({ rows }, i) => firstOf.set(rows.length, firstOf.get(rows.length) ?? i));
      for (const [i, { rows }] of bySplit[from]!.entries())
        for (const [size, j] of firstOf) {
          if (gain(rows.length - size) <= 0 || (j < 0 && bySplit[from]!.length === 1)) continue;
          const [moved] = bySplit[from]!.splice(i, 1);
          if (j >= 0) bySplit[from]!.push(...bySplit[to]!.splice(j, 1));
          bySplit[to]!.push(moved!);
          return true;
        }
    }
  return false;
}

const shuffled = (units: readonly Unit[], source: Random): Unit[] =>
  Array.from(source.permutation(units.length), (i) => units[i]!);

function countsOf(values: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/** As many quantiles as make strata of at least this many samples, and no more than ten. */
const leastOfStratum = 10;

/** Strata of numbers, such as regression labels: by quantiles, from the smallest numbers to the largest. */
export function quantileStrata(values: ArrayLike<number>): number[] {
  const count = Math.max(1, Math.min(10, Math.floor(values.length / leastOfStratum)));
  const sorted = Float64Array.from(values).sort();
  const bounds = Array.from({ length: count - 1 }, (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / count)]!);
  return Array.from(values, (value) => bounds.filter((bound) => value >= bound).length);
}
