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

// What a model's file has left open, such as a timer, is not waited for: the work is done.
for (const stream of [process.stdout, process.stderr])
  await new Promise<void>((done) => stream.write('', () => done()));
process.exit();
