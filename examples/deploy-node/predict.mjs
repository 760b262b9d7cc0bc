/** Prints what an exported model predicts of rows of data, a line per sample. */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { openExport, readSamples } from 'decalign/deploy';

// A reader of stdout that stops early, as `head` does, is no failure.
process.stdout.on('error', (error) => process.exit(error.code === 'EPIPE' ? 0 : 1));

try {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { long: { type: 'string' } } });
  const [folder, ...files] = positionals;
  if (files.length === 0) throw new Error('usage: node predict.mjs FOLDER ROWS... [--long cut|refuse]');
  const options = { long: values.long, warn: (line) => console.error(`warning: ${line}`) };
  const model = await openExport(folder);
  for await (const prediction of model.predictEach(readSamples(files, model.description, options)))
    console.log(JSON.stringify(prediction));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
