/**
 * Options that several commands take and that do not decide the configuration. A command for which one means something
 * special gives it another help: `{ ...shared.out, help }`.
 */
import { UsageError } from '../usage-error.ts';
import { presetChoices } from '../../data/published/presets.ts';
import { keyOptions } from './configuration.ts';
import type { CliOption } from './option.ts';
import { folder, foldsRequest, wholeNumbers } from './parse.ts';

export const shared = {
  seeds: { flag: '--seeds <list>', help: 'a run with each seed, as in 1,2,3', parse: wholeNumbers },
  folds: {
    flag: '--folds <n|file>',
    help: 'cross-validate: so many folds, or a JSON file of id to fold',
    parse: foldsRequest,
  },
  preset: { ...keyOptions.preset, choices: presetChoices },
  device: {
    ...keyOptions.device,
    help: 'what the model runs on: cpu, webgpu, or cuda once it is installed; default: cpu',
  },
  out: { flag: '--out <dir>', help: 'the folder that is written', parse: folder },
  force: { flag: '--force', help: 'replace what is there' },
  resume: { flag: '--resume', help: 'go on with what was stopped in --out' },
  json: { flag: '--json', help: 'print the result as one JSON document' },
  quiet: { flag: '--quiet', help: 'no progress on stderr' },
} as const satisfies Readonly<Record<string, CliOption>>;

/** The flag of an option's value: `dryRun` is `--dry-run`. */
const flag = (name: string): string => `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** Refuses a call with both of two options, which are named as among the values. */
export function refuseBoth(options: Readonly<Record<string, unknown>>, a: string, b: string): void {
  if (options[a] !== undefined && options[b] !== undefined)
    throw new UsageError(`${flag(a)} and ${flag(b)} cannot be given together.`);
}
