import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { reproduce, type Reproduction } from '../experiments/reproduce.ts';
import { runsIn } from '../runs/record/several-runs.ts';
import { command } from './command.ts';
import { interruptible } from './interruption.ts';
import { ownModelOf, ownModelOptions } from './options/own-model.ts';
import { shared } from './options/shared.ts';

export const reproduceCommand = command('reproduce', {
  summary: 'train a finished run again from its record and compare, number by number',
  example: 'decalign reproduce runs/mosi-1',
  description:
    'RUN is the directory of a finished run, or of several seeds or folds. Each is trained again with the configuration, seed ' +
    'and data that it records; every loss and metric of every epoch, the result and all weights are compared. The exit code ' +
    'is 1 if one differs.',
  arguments: [['<run>', 'directory of a finished run']],
  options: [
    ...ownModelOptions,
    { flag: '--data <file>', help: 'where the data is now (default: where it was)' },
    { ...shared.device, help: 'train on this device, to see how far it comes from the one of the run' },
    { ...shared.out, help: 'keep the new run there (default: it is removed)' },
    shared.json,
    shared.quiet,
  ],
  action: async (run, { data, device, out, json, quiet, ...named }) => {
    const own = await ownModelOf(named);
    if (!existsSync(run)) throw new Error(`${run} does not exist; name the directory of a run.`);
    if (!statSync(run).isDirectory()) throw new Error(`${run} is a file; name the directory of a run.`);
    const kept = out ?? mkdtempSync(path.join(tmpdir(), 'decalign-reproduce-'));
    // The folder is removed when the process exits: a second Ctrl-C ends it without running anything else.
    if (out === undefined) process.on('exit', () => rmSync(kept, { recursive: true, force: true }));
    const again = async (signal: AbortSignal): Promise<readonly Reproduction[] | undefined> => {
      const found: Reproduction[] = [];
      for (const one of runsIn(run).directories) {
        const directory =
          one === run ? path.join(kept, out === undefined ? 'run' : '') : path.join(kept, path.basename(one));
        for await (const event of reproduce(one, { directory, source: data, device, own, signal })) {
          if (event.type === 'epoch' && !quiet) process.stderr.write(`${one}: epoch ${event.epoch} done\n`);
          if (event.type !== 'compared') continue;
          found.push(event.reproduction);
          if (!json) process.stdout.write(`${reproductionText(event.reproduction)}\n`);
        }
        if (signal.aborted) return undefined;
      }
      return found;
    };
    const found = await interruptible(again, {
      stopping: () => process.stderr.write('finishing the step; once more to stop at once\n'),
      stopped: `Interrupted; ${out === undefined ? 'nothing was kept' : `${out} holds the part that was done again`}.`,
    });
    if (!found) return;
    if (json) process.stdout.write(`${JSON.stringify(found.length === 1 ? found[0] : found)}\n`);
    if (!found.every(({ identical }) => identical)) process.exitCode = 1;
  },
});

/** The comparison of a run and its reproduction, as text. */
function reproductionText({
  run,
  identical,
  epochs,
  numbers,
  parameters,
  differences,
  different,
  largest,
  surroundings,
}: Reproduction): string {
  const other = surroundings.map(({ key, before, after }) => `  ${key}: ${before}, now ${after}`);
  const beside = other.length > 0 ? ['Other surroundings:', ...other] : [];
  const size = `${epochs} epochs, ${numbers.toLocaleString('en')} numbers, ${parameters.toLocaleString('en')} of them weights`;
  if (identical) return [`${run}: reproduced, identical to the last bit (${size})`, ...beside].join('\n');
  return [
    `${run}: NOT the same: ${different.toLocaleString('en')} numbers differ (${size}), by ${largest.toPrecision(2)} of their size at most`,
    ...differences
      .slice(0, 5)
      .map(({ where, before, after }) => `  ${where}: ${before ?? 'absent'}, now ${after ?? 'absent'}`),
    ...(different > 5 ? ['  …'] : []),
    ...beside,
  ].join('\n');
}
