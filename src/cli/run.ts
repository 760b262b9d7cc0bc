/** The command line as a function, which `main.ts` calls with the arguments of the process. */
import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config/error.ts';
import { version } from '../runs/version.ts';
import { withOneLineErrors } from './command.ts';
import { commands } from './commands.ts';
import { refuseRanks, untilHeard } from './ranks.ts';
import { UsageError } from './usage-error.ts';

/**
 * The program with the command that is called, or with all commands: for the help, and to suggest one near an unknown
 * name.
 */
async function programFor(asked: string | undefined): Promise<Command> {
  const program = withOneLineErrors(new Command('decalign'), 'decalign')
    .description('Decoupled multimodal representation learning: train, evaluate and deploy DecAlign (ICLR 2026).')
    .addHelpText('before', 'Example: decalign train synthetic\n')
    .version(version, '-V, --version')
    .configureHelp({ sortSubcommands: false });
  if (asked === '-V' || asked === '--version') return program;
  const names = asked !== undefined && Object.hasOwn(commands, asked) ? [asked] : Object.keys(commands);
  for (const name of names) program.addCommand(await commands[name]!());
  return program;
}

/** The exit code of an error: 2 for a wrong call, 1 for work that failed and for a file that is wrong. */
function exitCode(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof UsageError) return 2;
  return error instanceof ConfigError && error.source === 'call' ? 2 : 1;
}

/** The stack of an error and the stacks of its causes. */
const traced = ({ stack = '', cause }: Error): string =>
  cause instanceof Error ? `${stack}\n  because of ${traced(cause)}` : stack;

/** Prints an error to stderr as one line; with --debug, its stack. */
export function report(error: unknown, args: readonly string[]): void {
  // Commander has printed its own errors already.
  if (error instanceof CommanderError) return;
  const message = error instanceof Error ? error.message : String(error);
  const stack = args.includes('--debug') && error instanceof Error ? traced(error) : undefined;
  process.stderr.write(`decalign: ${stack ?? message.trim().replaceAll(/\s*\n\s*/g, ' ')}\n`);
}

/** Runs `decalign ...args`. It never throws: an error is printed, and sets the exit code of the process. */
export async function run(args: readonly string[]): Promise<void> {
  try {
    if (args[0] !== undefined && args[0] !== 'train' && Object.hasOwn(commands, args[0])) refuseRanks(args[0]);
    const program = await programFor(args[0]);
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    await untilHeard(error, error instanceof CommanderError);
    report(error, args);
    process.exitCode = exitCode(error);
  }
}
