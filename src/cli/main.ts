#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config/error.ts';
import { version } from '../runs/version.ts';
import { toldInOneLine } from './command.ts';
import { commands, hiddenCommands } from './commands.ts';
import { UsageError } from './usage-error.ts';

const program = toldInOneLine(new Command('decalign'), 'decalign')
  .description('Decoupled multimodal representation learning: train, evaluate and deploy DecAlign (ICLR 2026).')
  .addHelpText('before', 'Example: decalign train synthetic\n')
  .version(version, '-V, --version')
  .configureHelp({ sortSubcommands: false });

/** Loads the command that is called, or all of them for help and for a name that is close to one. */
async function load(asked: string | undefined): Promise<void> {
  const all = { ...commands, ...hiddenCommands };
  if (asked === '-V' || asked === '--version') return;
  const names = asked !== undefined && Object.hasOwn(all, asked) ? [asked] : Object.keys(all);
  for (const name of names) program.addCommand(await all[name]!(), { hidden: Object.hasOwn(hiddenCommands, name) });
}

/** 2 where the call was wrong, 1 where the work failed or a file is wrong. */
function exitCode(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof UsageError) return 2;
  return error instanceof ConfigError && error.source === 'call' ? 2 : 1;
}

function report(error: unknown): void {
  // Commander has said it already.
  if (error instanceof CommanderError) return;
  const message = error instanceof Error ? error.message : String(error);
  const stack = process.argv.includes('--debug') && error instanceof Error ? error.stack : undefined;
  process.stderr.write(`decalign: ${stack ?? message.trim().replaceAll(/\s*\n\s*/g, ' ')}\n`);
}

// A reader that stops early (`decalign predict … | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  report(error);
  process.exit(1);
});

try {
  await load(process.argv[2]);
  await program.parseAsync(process.argv);
} catch (error) {
  report(error);
  process.exitCode = exitCode(error);
}
