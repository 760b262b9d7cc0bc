/** The title of a report, what stands below it, and the commands that make it. */
import { labelOf } from '../metrics/headings.ts';
import { defaultSelection } from '../metrics/metric.ts';
import { shellWord } from '../text/shell-word.ts';
import type { Contents, ReportedRun } from './contents.ts';
import { experimentCommand } from './experiment-command.ts';
import { numberText } from './parts.ts';
import type { ReportOptions } from './report-options.ts';

const trainedAmong = (runs: readonly ReportedRun[]): readonly ReportedRun[] =>
  runs.filter(({ results }) => results.length > 0);

/** Which models, or how many runs, on which data. */
export function titleOf(runs: readonly ReportedRun[]): string {
  const trained = trainedAmong(runs);
  const models = [...new Set(trained.map(({ title }) => title))];
  const data = [...new Set(trained.map((run) => run.data.name))];
  const what =
    models.length === 1
      ? models[0]!
      : models.length <= 3
        ? `${models.slice(0, -1).join(', ')} and ${models.at(-1)!}`
        : `${models.length} models`;
  return `${what} on ${data.join(', ')}`;
}

/** One line: what the main run comes to. `data` names the file that it was tested on, where that is another. */
export function ledeOf({ runs, main }: Contents, { data }: { readonly data?: string | undefined } = {}): string {
  const trained = trainedAmong(runs);
  const first = trained.find(({ name }) => name === main);
  if (!first) return '';
  const metric = defaultSelection(first.metrics);
  const summary = first.test ?? first.valid!;
  const deviation = first.seeds > 1 ? ` ± ${numberText(summary.std[metric])} over ${first.seeds} seeds` : '';
  const interval = first.test && first.intervals?.intervals[metric];
  const range = interval ? ` (95 % interval ${numberText(interval.low)} to ${numberText(interval.high)})` : '';
  const where = `${first.test ? 'test' : 'validation'} split${data === undefined ? '' : ` of ${data}`}`;
  const more = trained.length > 1 ? `, one of ${trained.length} runs` : '';
  return `${first.name}${more}: ${labelOf(first.metrics, metric)} ${numberText(summary.mean[metric])}${deviation}${range} on the ${where}.`;
}

/** The commands that make the runs, and the report of them. */
export function commandsOf(
  named: readonly string[],
  runs: readonly ReportedRun[],
  { data, includeText = false, anonymous = false }: ReportOptions,
): readonly string[] {
  const plans = named.flatMap((each) => experimentCommand(each) ?? []);
  const commands = plans.length > 0 ? plans : [...new Set(runs.flatMap((run) => run.commands))];
  const options = [
    ...(data === undefined ? [] : ['--data', data]),
    ...(includeText ? ['--include-text'] : []),
    ...(anonymous ? ['--anonymous'] : []),
  ];
  return [...commands, ['decalign', 'report', ...named, ...options].map(shellWord).join(' ')];
}
