#!/usr/bin/env node
import { report, run } from './run.ts';

const args = process.argv.slice(2);

// A reader that stops early (`decalign predict … | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  report(error, args);
  process.exit(1);
});

await run(args);
