import { Argument, Command } from 'commander';
import { commanderOption, type CliArgument, type CliOption, type Values } from './options/option.ts';

/** The values of a command's arguments: a list of texts where the argument is `<name...>` or `[name...]`, else a text; `[name]` may be absent. */
type Texts<A extends readonly CliArgument[]> = {
  [N in keyof A]: A[N][0] extends `${string}...>` | `${string}...]`
    ? readonly string[]
    : A[N][0] extends `[${string}`
      ? string | undefined
      : string;
};

interface Definition<A extends readonly CliArgument[], O extends readonly CliOption[]> {
  /** One line about the command, for the list of commands. */
  readonly summary: string;
  /** A call, shown above everything else in the command's help. */
  readonly example: string;
  readonly description: string;
  readonly arguments: A;
  readonly options: O;
  /** Does the work; it is called with the values of the arguments, one by one, and then with the options. */
  readonly action: (...given: [...Texts<A>, Values<O[number]>]) => Promise<void>;
}

/** Makes a command whose help begins with an example, and whose wrong calls are errors of one line. */
export function command<const A extends readonly CliArgument[], const O extends readonly CliOption[]>(
  name: string,
  { summary, example, description, arguments: given, options, action }: Definition<A, O>,
): Command {
  const made = new Command(name)
    .summary(summary)
    .description(description)
    .addHelpText('before', `Example: ${example}\n`)
    .hook('preAction', (called) => checkDeviceOf(called.opts()))
    .action(action);
  for (const [argument, help] of given) made.addArgument(new Argument(argument, help));
  for (const option of options) made.addOption(commanderOption(option));
  return withOneLineErrors(made, `decalign ${name}`).option('--debug', 'show where an error arose');
}

/**
 * Refuses a device that cannot be used, before any work. Where jobs are but planned it is that of the machines that will do them.
 */
async function checkDeviceOf({ device, plan }: { readonly device?: string; readonly plan?: string }): Promise<void> {
  if (device !== undefined && plan === undefined) await (await import('../runtime/devices.ts')).checkDevice(device);
}

/**
 * The command with the errors of commander in the form of all others: one line with the fault, and what was meant or
 * where help is.
 */
export function withOneLineErrors(made: Command, call: string): Command {
  return made.exitOverride().configureOutput({
    outputError: (text, write) => {
      const [what, meant] = text
        .replace(/^error: /, '')
        .trim()
        .split('\n');
      const hint = meant?.replace(/^\(Did you mean (.*)\?\)$/, 'did you mean $1?') ?? `see ${call} --help.`;
      write(`decalign: ${what!.replace(/\.$/, '')}; ${hint}\n`);
    },
  });
}
