/** Runs that are compared, those that differ in nothing but seed and fold together, with a name that tells each group. */
import type { RunRow } from './api/routes.ts';
import type { AskedGroup } from './views/compare.ts';
import type { WatchedRun } from './folder/watched-run.ts';

type Compared = Pick<WatchedRun, 'row' | 'directory'>;

/** In the order in which the first of each was named. */
export function comparedGroups(runs: readonly Compared[]): readonly AskedGroup[] {
  const groups = new Map<string, Compared[]>();
  for (const run of new Set(runs)) {
    const key = run.row.group ?? run.row.id;
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  const all = [...groups.values()].map((each) =>
    each.toSorted(bySeed).map(({ row, directory }) => ({ row, directory })),
  );
  const titles = all.map(([first]) => first!.row.title ?? first!.row.id);
  const isAlone = (n: number): boolean => titles.indexOf(titles[n]!) === titles.lastIndexOf(titles[n]!);
  const places = all.map((each) => placeOf(each.map(({ row }) => row)));
  return all.map((each, n) => {
    const place = places.indexOf(places[n]!) === n ? places[n]! : `${places[n]!} (${each[0]!.row.group ?? ''})`;
    return { name: isAlone(n) ? titles[n]! : place, runs: each };
  });
}

const bySeed = ({ row: a }: Compared, { row: b }: Compared): number =>
  (a.seed ?? 0) - (b.seed ?? 0) || (a.fold ?? 0) - (b.fold ?? 0);

/** The id of a run, or the folder that the runs of a group share. */
function placeOf(rows: readonly RunRow[]): string {
  const [first, ...others] = rows.map(({ id }) => id.split('/'));
  if (others.length === 0) return first!.join('/');
  let shared = 0;
  while (first![shared] !== undefined && others.every((parts) => parts[shared] === first![shared])) shared++;
  return first!.slice(0, shared).join('/') || first!.join('/');
}
