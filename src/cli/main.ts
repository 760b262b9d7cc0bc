#!/usr/bin/env node
import { report, run } from './run.ts';
import { escapeControls } from './printing/terminal.ts';

const args = process.argv.slice(2);

for (const stream of [process.stdout, process.stderr]) escapeControls(stream);

// A reader of stdout that stops early, as `head` in `decalign predict … | head`, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  report(error, args);
  process.exit(1);
});

await run(args);
