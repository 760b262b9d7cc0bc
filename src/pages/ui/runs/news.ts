/** What has happened between two lists of runs, for those who do not see it. */
import type { RunRow } from '../../../server/ui/api/routes.ts';
import { counted, metricText } from '../../base/texts.ts';

/** One sentence, or undefined where nothing has happened that is worth one. */
export function newsOf(before: readonly RunRow[], after: readonly RunRow[]): string | undefined {
  const known = new Map(before.map((run) => [run.id, run]));
  const fresh = after.filter(({ id }) => !known.has(id));
  const changed = after.filter((run) => known.has(run.id) && known.get(run.id)!.status !== run.status);
  if (fresh.length + changed.length > 2)
    return `${counted(fresh.length, 'new run')}, ${counted(changed.length, 'run')} changed.`;
  const news = [...fresh.map((run) => `New run ${run.id}.`), ...changed.map(changeText)];
  return news.length > 0 ? news.join(' ') : undefined;
}

function changeText({ id, status, metric }: RunRow): string {
  const figure = metric?.test ?? metric?.valid;
  const result = status === 'finished' && figure !== undefined ? `, ${metric!.label} ${metricText(figure)}` : '';
  return `${id}: ${status}${result}.`;
}
