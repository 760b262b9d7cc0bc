/** What comes by events, put to what is known. */
import type { RunChanges, RunList, RunSeries, SeriesColumn } from '../../server/ui/api/routes.ts';

/** The list with what has changed, the newest first. */
export function withChanges(list: RunList, changes: RunChanges): RunList {
  const { folder, allowStart, notes } = list;
  const { cursor, reading, problem } = changes;
  return {
    ...{ folder, allowStart, notes, cursor },
    ...(reading && { reading }),
    ...(problem !== undefined && { problem }),
    runs: replaced(list.runs, changes.runs, changes),
    experiments: replaced(list.experiments, changes.experiments, changes),
  };
}

interface Listed {
  readonly id: string;
  readonly started: string;
}

function replaced<T extends Listed>(
  known: readonly T[],
  changed: readonly T[],
  { all, gone }: Pick<RunChanges, 'all' | 'gone'>,
): readonly T[] {
  if (!all && changed.length === 0 && gone.length === 0) return known;
  const byId = new Map((all ? [] : known).map((each) => [each.id, each]));
  for (const id of gone) byId.delete(id);
  for (const each of changed) byId.set(each.id, each);
  return [...byId.values()].sort((a, b) =>
    a.started < b.started ? 1 : a.started > b.started ? -1 : a.id < b.id ? -1 : 1,
  );
}

/** The curves of a run with the part that came since. */
export function withSeries(known: RunSeries | undefined, part: RunSeries): RunSeries {
  if (!known || part.from === 0) return part;
  const { from } = part;
  const parts = new Map(part.columns.map((column) => [keyOf(column), column]));
  const before = new Map(known.columns.map((column) => [keyOf(column), column]));
  const nothing = (length: number): readonly null[] => Array.from({ length }, () => null);
  return {
    ...part,
    from: 0,
    epochs: [...known.epochs.slice(0, from), ...part.epochs],
    columns: [...new Map([...before, ...parts])].map(([key, column]) => ({
      ...column,
      values: [
        ...(before.get(key)?.values.slice(0, from) ?? nothing(from)),
        ...(parts.get(key)?.values ?? nothing(part.epochs.length)),
      ],
    })),
  };
}

const keyOf = ({ kind, name }: SeriesColumn): string => `${kind} ${name}`;
