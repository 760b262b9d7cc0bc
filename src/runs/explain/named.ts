/** What a call for an explanation names: samples by their ids, an output by its class or label. */
import type { Dataset, Split } from '../../data/dataset.ts';
import { scoredNames, type Task } from '../../data/task.ts';
import { quoted } from '../../files/error.ts';
import { nearest } from '../../text/nearest.ts';

/** The rows of samples by id. Throws an Error for an id that is not there, which names the nearest. */
export function rowsNamed(
  ids: readonly string[],
  asked: readonly string[],
  { split, dataset: { name, splits } }: { readonly split: Split; readonly dataset: Pick<Dataset, 'name' | 'splits'> },
): number[] {
  const rows = new Map(ids.map((id, row) => [id, row]));
  return asked.map((id) => {
    const row = rows.get(id);
    if (row !== undefined) return row;
    const other = Object.entries(splits).find(([each, samples]) => each !== split && samples.ids.includes(id))?.[0];
    if (other !== undefined)
      throw new Error(
        `The sample ${quoted(id)} of ${name} is in the split ${other}, not in ${split}; ask for --split ${other}.`,
      );
    const meant = nearest(id, ids);
    const hint =
      meant === undefined
        ? `the first are ${ids.slice(0, 3).map(quoted).join(', ')}`
        : `did you mean ${quoted(meant)}?`;
    throw new Error(
      `There is no sample ${quoted(id)} in the split ${split} of ${name}; ${hint}`.replace(/[^?]$/, '$&.'),
    );
  });
}

/** The index of an output by name; undefined where none is named. Throws an Error for a name that the task has not. */
export function targetNamed(task: Task, name: string | undefined): number | undefined {
  if (name === undefined) return undefined;
  const names = scoredNames(task);
  if (names.length === 0)
    throw new Error(`The model predicts one value alone: there is no ${quoted(name)} to be explained in its place.`);
  const index = names.indexOf(name);
  if (index >= 0) return index;
  const meant = nearest(name, names);
  const hint = meant === undefined ? '' : ` Did you mean ${quoted(meant)}?`;
  throw new Error(`The model predicts no ${quoted(name)}.${hint} It predicts ${names.join(', ')}.`);
}
