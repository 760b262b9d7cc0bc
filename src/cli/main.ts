#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config/index.ts';
import { evaluateCommand } from './evaluate.ts';
import { exportCommand } from './export.ts';
import { inspectCommand } from './inspect.ts';
import { predictCommand } from './predict.ts';
import { trainCommand } from './train.ts';
import { UsageError } from './usage-error.ts';
import { version } from '../runs/version.ts';

const commands = [trainCommand, evaluateCommand, predictCommand, inspectCommand, exportCommand];

const program = new Command('decalign')
  .description(
    'Decoupled multimodal representation learning: train, evaluate and deploy DecAlign (ICLR 2026).\n\nExample: decalign train synthetic',
  )
  .version(version, '-V, --version')
  .showSuggestionAfterError()
  .configureHelp({ sortSubcommands: false });
for (const command of commands) program.addCommand(command.option('--debug', 'show where an error arose', false));
for (const command of [program, ...commands]) command.exitOverride();

/** 2 where the call was wrong, 1 where the work failed or a file is wrong. */
function exitCode(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof UsageError) return 2;
  return error instanceof ConfigError && error.source === 'call' ? 2 : 1;
}

function report(error: unknown): void {
  // Commander has said it already.
  if (error instanceof CommanderError) return;
  const debug = process.argv.includes('--debug');
  const text = error instanceof Error ? ((debug ? error.stack : undefined) ?? error.message) : String(error);
  process.stderr.write(`decalign: ${text}\n`);
}

// A reader that stops early (`decalign predict … | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  await program.parseAsync(process.argv);
} catch (error) {
  report(error);
  process.exitCode = exitCode(error);
}
