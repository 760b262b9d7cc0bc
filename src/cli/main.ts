#!/usr/bin/env node
import { report, run } from './run.ts';
import { quietUnlessFirst } from './ranks.ts';
import { escapeControls } from './printing/terminal.ts';

const args = process.argv.slice(2);

quietUnlessFirst();
for (const stream of [process.stdout, process.stderr]) escapeControls(stream);

// A reader that stops early, as `head` in `decalign train … 2>&1 | head -1`, is no failure, and stops no work under way.
const isClosed = (error: NodeJS.ErrnoException): boolean => error.code === 'EPIPE';
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (isClosed(error)) return;
  report(error, args);
  process.exit(1);
});
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (!isClosed(error)) process.exit(1);
});

await run(args);

// What a model's file has left open, such as a timer, is not waited for: the work is done.
for (const stream of [process.stdout, process.stderr])
  await new Promise<void>((done) => stream.write('', () => done()));
process.exit();
