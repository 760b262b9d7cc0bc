#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config/index.ts';
import { version } from '../runs/version.ts';
import { alignCommand } from './align.ts';
import { benchmarkJobCommand } from './benchmark-job.ts';
import { benchmarkCommand } from './benchmark.ts';
import { toldInOneLine } from './command.ts';
import { convertCommand } from './convert.ts';
import { evaluateCommand } from './evaluate.ts';
import { exportCommand } from './export.ts';
import { initDataCommand } from './init-data.ts';
import { inspectCommand } from './inspect.ts';
import { predictCommand } from './predict.ts';
import { reproduceCommand } from './reproduce.ts';
import { trainCommand } from './train.ts';
import { UsageError } from './usage-error.ts';

const commands = [
  ...[trainCommand, evaluateCommand, predictCommand, inspectCommand, initDataCommand, convertCommand, alignCommand],
  ...[exportCommand, benchmarkCommand, reproduceCommand],
];

const program = toldInOneLine(new Command('decalign'), 'decalign')
  .description('Decoupled multimodal representation learning: train, evaluate and deploy DecAlign (ICLR 2026).')
  .addHelpText('before', 'Example: decalign train synthetic\n')
  .version(version, '-V, --version')
  .configureHelp({ sortSubcommands: false });
for (const command of commands) program.addCommand(command);
program.addCommand(benchmarkJobCommand, { hidden: true });

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
  await program.parseAsync(process.argv);
} catch (error) {
  report(error);
  process.exitCode = exitCode(error);
}
