/** The options that decide the configuration of a run. */
import type { ConfigSources } from '../../config/index.ts';
import { readText } from '../../files/read.ts';
import { describeKey, type ConfigKey } from '../../config/keys.ts';
import { nameOf, type CliOption, type Values } from './option.ts';
import { fraction, list, names, positive } from './parse.ts';

interface KeyOption extends Omit<CliOption, 'help'> {
  readonly key: ConfigKey;
  /** Default: the schema's description of the key. */
  readonly help?: string;
}

/** The row of an option that sets a configuration key, with its help. */
const keyed = <const O extends KeyOption>(option: O): O & { readonly help: string } => ({
  ...option,
  help: option.help ?? describeKey(option.key),
});

/**
 * The options that set one configuration key each, by name: that of the key. `train` takes all of them, others some.
 */
export const keyOptions = {
  without: keyed({
    flag: '--without <terms>',
    key: 'model.without',
    parse: names,
    help: 'leave out terms of the objective, as in heterogeneity,mmd',
  }),
  modalities: keyed({ flag: '--modalities <names>', key: 'data.modalities', parse: list }),
  task: keyed({ flag: '--task <task>', key: 'data.task' }),
  group: keyed({ flag: '--group <column>', key: 'data.group' }),
  preset: keyed({ flag: '--preset <name>', key: 'data.preset' }),
  epochs: keyed({ flag: '--epochs <n>', key: 'train.epochs', parse: positive }),
  modalityDropout: keyed({ flag: '--modality-dropout <p>', key: 'train.modalityDropout', parse: fraction }),
  accumulate: keyed({ flag: '--accumulate <n>', key: 'train.accumulate', parse: positive }),
  onNonfinite: keyed({ flag: '--on-nonfinite <policy>', key: 'train.onNonfinite' }),
  threads: keyed({ flag: '--threads <n>', key: 'train.threads', parse: positive }),
  device: keyed({ flag: '--device <name>', key: 'train.device' }),
};

/** Every option that decides a configuration. */
export const configOptions = [
  { flag: '--model <name|file>', help: 'which model, or the file of your own; default: decalign' },
  {
    flag: '--recipe <name>',
    help: "a named variant: 'decoupled' (default), 'paper' (its equations to the letter) or 'authors' (what their code does)",
  },
  { flag: '--config <file>', help: 'a YAML or JSON file of data, model and train keys' },
  { flag: '--set <key=value>', help: 'one key, as in model.width=64; may be repeated', repeated: true },
  ...Object.values(keyOptions),
] as const satisfies readonly CliOption[];

/** The sources of the configuration that a call's options name. */
export function sourcesOf(options: Values<(typeof configOptions)[number]>): ConfigSources {
  const { model, recipe, config: file, set } = options;
  return {
    options: keysGiven(options),
    ...(model !== undefined && { model }),
    ...(recipe !== undefined && { recipe }),
    ...(file !== undefined && { file: { name: file, text: readText(file) } }),
    ...(set && { set }),
  };
}

/** The configuration keys that a call sets by options of `keyOptions`, of which its command may take only some. */
export function keysGiven(
  options: Values<(typeof keyOptions)[keyof typeof keyOptions]>,
): NonNullable<ConfigSources['options']> {
  return Object.values(keyOptions).flatMap(({ flag, key }) => {
    const value = options[nameOf(flag)];
    return value === undefined ? [] : [{ name: `${flag.replace(/ .*/, '')} ${String(value)}`, key, value }];
  });
}
