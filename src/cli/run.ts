/** The command line as a function: `main.ts` makes a process of it. */
import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config/error.ts';
import { version } from '../runs/version.ts';
import { toldInOneLine } from './command.ts';
import { commands, hiddenCommands } from './commands.ts';
import { UsageError } from './usage-error.ts';

/** With the command that is called, or all of them for help and for a name that is close to one. */
async function programFor(asked: string | undefined): Promise<Command> {
  const program = toldInOneLine(new Command('decalign'), 'decalign')
    .description('Decoupled multimodal representation learning: train, evaluate and deploy DecAlign (ICLR 2026).')
    .addHelpText('before', 'Example: decalign train synthetic\n')
    .version(version, '-V, --version')
    .configureHelp({ sortSubcommands: false });
  const all = { ...commands, ...hiddenCommands };
  if (asked === '-V' || asked === '--version') return program;
  const names = asked !== undefined && Object.hasOwn(all, asked) ? [asked] : Object.keys(all);
  for (const name of names) program.addCommand(await all[name]!(), { hidden: Object.hasOwn(hiddenCommands, name) });
  return program;
}

/** 2 where the call was wrong, 1 where the work failed or a file is wrong. */
function exitCode(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof UsageError) return 2;
  return error instanceof ConfigError && error.source === 'call' ? 2 : 1;
}

/** Where an error arose, and what it was caused by. */
const traced = ({ stack = '', cause }: Error): string =>
  cause instanceof Error ? `${stack}\n  because of ${traced(cause)}` : stack;

/** Says what went wrong in one line; with --debug, where it arose. */
export function report(error: unknown, args: readonly string[]): void {
  // Commander has said it already.
  if (error instanceof CommanderError) return;
  const message = error instanceof Error ? error.message : String(error);
  const stack = args.includes('--debug') && error instanceof Error ? traced(error) : undefined;
  process.stderr.write(`decalign: ${stack ?? message.trim().replaceAll(/\s*\n\s*/g, ' ')}\n`);
}

/** `decalign ...args`, except that the process goes on: what fails sets its exit code. */
export async function run(args: readonly string[]): Promise<void> {
  try {
    const program = await programFor(args[0]);
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    report(error, args);
    process.exitCode = exitCode(error);
  }
}
