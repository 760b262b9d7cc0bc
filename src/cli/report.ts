import { existsSync } from 'node:fs';
import { listRuns } from '../experiments/list-runs.ts';
import { cardName, csvName, makeReport } from '../report/report.ts';
import type { ReportOptions } from '../report/report-options.ts';
import { placeFor, writeReport } from '../report/write.ts';
import { command } from './command.ts';
import { dataHelp } from './options/data.ts';
import { shared } from './options/shared.ts';
import { UsageError } from './usage-error.ts';

export const reportCommand = command('report', {
  summary: 'one page on what runs, benchmarks, ablations and sweeps came to, with a model card and all metrics as CSV',
  example: 'decalign report runs/decalign runs/mult --out report/report.html',
  description: `Each RUN is a run directory, or the folder of several seeds or folds; the folder of a benchmark, an ablation or a sweep stands alone. Without one it is the run below runs/ that was started last. The page opens without a network and asks for nothing; beside it lie ${cardName}, a model card, and ${csvName}. It holds ids of samples, but no sentence and no path of this machine. Figures need packages that are optional (docs/figures.md).`,
  arguments: [
    [
      '[run...]',
      'directories of runs, or the folder of one benchmark, ablation or sweep; default: the newest below runs/',
    ],
  ],
  options: [
    {
      flag: '--out <file>',
      help: 'the page, in whose folder the other files are written',
      default: 'report/report.html',
    },
    {
      flag: '--data <file>',
      help: `use the models on the test split of this in place of what the runs kept: ${dataHelp}`,
    },
    shared.device,
    { flag: '--include-text', help: 'show the sentences of the samples with the largest errors' },
    { flag: '--anonymous', help: 'tell samples and groups by numbers, not by their ids' },
  ],
  action: async (named, { out, data, device, includeText = false, anonymous = false }) => {
    if (includeText && anonymous)
      throw new UsageError('The text of a sample tells who said it: leave out --include-text or --anonymous.');
    const place = placeOfReport(out);
    const runs = named.length > 0 ? named : [newest()];
    for (const file of await reported(runs, place, { data, device, includeText, anonymous }))
      process.stdout.write(`${file}\n`);
  },
});

/** Where the page is to be, and what it is called. Throws an Error where it cannot be written there. */
export const placeOfReport = (out: string): ReportPlace => placeFor(out, [cardName, csvName]);
type ReportPlace = ReturnType<typeof placeFor>;

/** Makes the report of runs, tells its notes on stderr and writes its files, whose paths it returns. */
export async function reported(
  runs: readonly string[],
  { folder, name }: ReportPlace,
  options: Omit<ReportOptions, 'name'> = {},
): Promise<readonly string[]> {
  const report = await makeReport(runs, { ...options, name });
  for (const note of report.notes) process.stderr.write(`warning: ${note.replace(/\.$/, '')}.\n`);
  return writeReport(folder, report);
}

/** The run below `runs/` that was started last. */
function newest(): string {
  const last = existsSync('runs') ? listRuns('runs').findLast(({ status }) => status === 'finished') : undefined;
  if (!last) throw new UsageError('There is no finished run below runs/: name the directory of one.');
  return last.run;
}
