import { readFileSync } from 'node:fs';
import { InvalidArgumentError, type Command } from 'commander';
import type { ConfigSources } from '../config/index.ts';
import { splits, type Split } from '../data/dataset.ts';
import type { FoldsRequest } from '../experiments/folds.ts';
import type { CheckpointEvery } from '../runs/run-directory.ts';
import { UsageError } from './usage-error.ts';

/** What every command that builds a configuration takes. */
export interface ConfigOptions {
  readonly model?: string;
  readonly recipe?: string;
  readonly config?: string;
  readonly set?: readonly string[];
  readonly without?: readonly string[];
  readonly modalities?: readonly string[];
  readonly task?: string;
  readonly group?: string;
  readonly preset?: string;
  readonly epochs?: number;
  readonly modalityDropout?: number;
  readonly onNonfinite?: string;
  readonly threads?: number;
}

export const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

export function positive(text: string): number {
  const value = wholeNumber(text);
  if (value < 1) throw new InvalidArgumentError('It must be at least 1.');
  return value;
}

/** So many steps, or so many minutes: `100`, `5m`. */
export function checkpointEvery(text: string): CheckpointEvery {
  const found = /^(\d+(?:\.\d+)?)(m?)$/.exec(text);
  const amount = Number(found?.[1]);
  if (found?.[2] === 'm' && amount > 0) return { minutes: amount };
  if (found && Number.isInteger(amount) && amount > 0) return { steps: amount };
  throw new InvalidArgumentError('It must be a number of steps, as in 100, or of minutes, as in 5m.');
}

/** A number of folds, or the path of a file that names them. */
export function foldsRequest(text: string): FoldsRequest {
  if (!/^\d+$/.test(text)) return text;
  if (Number(text) < 3)
    throw new InvalidArgumentError('There must be at least 3: to train on, to choose by, to test on.');
  return Number(text);
}

function fraction(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value < 1))
    throw new InvalidArgumentError('It must be a number from 0 up to 1.');
  return value;
}

export const list = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);

export function wholeNumbers(text: string): number[] {
  const values = list(text).map(wholeNumber);
  if (values.length === 0 || new Set(values).size !== values.length)
    throw new InvalidArgumentError('It must be different whole numbers with commas between, as in 1,2,3.');
  return values;
}

export function splitNamed(text: string): Split {
  const found = splits.find((split) => split === text);
  if (!found) throw new InvalidArgumentError(`It must be one of ${splits.join(', ')}.`);
  return found;
}

/** Adds the options of `ConfigOptions` to a command. */
export function withConfigOptions(command: Command): Command {
  return command
    .option('--model <name>', 'which model; default: decalign')
    .option('--recipe <name>', "a named variant: 'paper' (default) or 'authors' (what their code does)")
    .option('--config <file>', 'a YAML or JSON file of data, model and train keys')
    .option('--set <key=value>', 'one key, as in model.width=64; may be repeated', collect)
    .option('--without <terms>', 'leave out terms of the objective, as in heterogeneity,mmd', list)
    .option('--modalities <names>', 'which modalities, in which order', list)
    .option('--task <task>', 'regression or classification; default: what the file holds')
    .option('--group <column>', 'for --folds: samples with the same value stay together, as in video')
    .option('--preset <name>', 'mosi, mosei, sims or iemocap; default: by file name')
    .option('--modality-dropout <p>', 'train for missing modalities: chance that a sample misses one', fraction)
    .option('--on-nonfinite <policy>', 'where numbers are not finite: stop, skip the step, or lower-lr (default stop)')
    .option('--epochs <n>', 'passes over the training split at most', positive)
    .option('--threads <n>', 'threads of the runtime; default: the number of cores', positive);
}

/** Options that stand for one key each. */
const keys = {
  without: 'model.without',
  modalities: 'data.modalities',
  task: 'data.task',
  group: 'data.group',
  preset: 'data.preset',
  epochs: 'train.epochs',
  modalityDropout: 'train.modalityDropout',
  onNonfinite: 'train.onNonfinite',
  threads: 'train.threads',
} as const satisfies Partial<Record<keyof ConfigOptions, string>>;

/** Where the options say that the configuration comes from. */
export function sourcesOf(options: ConfigOptions): ConfigSources {
  const { model, recipe, config: file, set } = options;
  const given = Object.entries(keys).flatMap(([option, key]) => {
    const value = options[option as keyof typeof keys];
    return value === undefined ? [] : [{ name: `--${dashed(option)} ${String(value)}`, key, value }];
  });
  return {
    options: given,
    ...(model !== undefined && { model }),
    ...(recipe !== undefined && { recipe }),
    ...(file !== undefined && { file: { name: file, text: readText(file) } }),
    ...(set && { set }),
  };
}

/** `onNonfinite` as it is typed: `on-nonfinite`. */
const dashed = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(
      `${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)}); --config takes a YAML or JSON file.`,
      { cause: error },
    );
  }
}

/** Refuses two options that contradict each other. */
export function notBoth(options: Readonly<Record<string, unknown>>, a: string, b: string): void {
  if (options[a] !== undefined && options[b] !== undefined)
    throw new UsageError(`--${a} and --${b} cannot be given together.`);
}
