/**
 * Runs an exported model: needs this folder, onnxruntime-node and what `decalign export` wrote, nothing else.
 *
 *   node predict.mjs FOLDER ROWS... [--long cut|refuse]
 *
 * ROWS are rows as the model was trained on: JSON lines (.jsonl; - is standard input), CSV or TSV, with the columns of the
 * training data by their names; several files are joined by their ids. README.md beside this file says more. Prints one
 * line per sample, with its id, or row-0, row-1, … where it has none. Whatever is wrong ends in one line and exit code 1.
 */
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { limits, listed, short } from './checks.mjs';
import { descriptionIn, numbersIn, openModel, predictionsOf } from './model.mjs';
import { rowsIn } from './rows.mjs';
import { Samples } from './samples.mjs';

/** Samples that are run at once, and what their numbers come to at most, where a file takes any number of them. */
const together = { samples: 64, numbers: 2 ** 22 };

/** Prints the predictions for the rows of files, group by group. */
async function main(folder, files, long) {
  const description = descriptionIn(path.join(folder, 'model.json'));
  const session = await openModel(path.join(folder, 'model.onnx'), description);
  const { inputs } = description;
  const samples = new Samples(description, { long });
  const [fixed] = inputs[0].shape;
  const isFixed = typeof fixed === 'number';
  const fitting = Math.min(together.samples, Math.floor(together.numbers / numbersIn(inputs)));
  const size = isFixed ? fixed : Math.max(1, fitting);
  let [group, waiting] = [[], []];
  const flush = async () => {
    // A file of a fixed batch takes just so many.
    waiting.push(...(await predictionsOf(session, description, group, isFixed ? size : group.length)));
    group = [];
    // Rows without anything may be those of another model: some sample must have something before one is printed.
    if (!samples.haveAny) return;
    for (const line of waiting) process.stdout.write(`${JSON.stringify(line)}\n`);
    waiting = [];
  };
  // A number takes 24 characters and what is around it; some sequences are longer than the model takes.
  const most = limits.line + 64 * numbersIn(inputs);
  for await (const sample of files.length === 1 ? each(files[0], samples, most) : joined(files, samples, most))
    if (group.push(sample) === size) await flush();
  if (group.length > 0) await flush();
  if (!samples.haveAny) throw new Error(`${files.join(', ')}: has none of ${listed(samples.names)}`);
  for (const warning of samples.warnings()) process.stderr.write(`warning: ${warning}\n`);
}

async function* each(file, samples, most) {
  const places = samples.placesIn([{ file }]);
  for await (const row of rowsIn(file, most)) yield samples.sampleOf([row], places);
}

/** The samples of several files: rows with the same id are one, in the order of the first file and then of the others. */
async function* joined(files, samples, most) {
  const byId = new Map();
  const held = [];
  for (const [n, file] of files.entries()) {
    const names = new Set();
    for await (const row of rowsIn(file, most)) {
      for (const name of row.cells.keys()) names.add(name);
      // Ids are joined without space around them.
      const id = samples.idOf(row)?.trim();
      if (id === undefined || id === '') throw new Error(`${row.where}: has no id, and files are joined by ids`);
      const rows = byId.get(id) ?? files.map(() => undefined);
      if (rows[n]) throw new Error(`${row.where}: has the id ${short(id)} again; keep one of them`);
      rows[n] = row;
      byId.set(id, rows);
    }
    held.push({ file, names });
  }
  const places = samples.placesIn(held);
  for (const [id, rows] of byId) yield samples.sampleOf(rows, places, id);
}

/** What was asked for; undefined where it cannot be told. */
function asked() {
  try {
    const options = { long: { type: 'string', default: 'cut' } };
    const { positionals, values } = parseArgs({ allowPositionals: true, options });
    const [folder, ...files] = positionals;
    return files.length > 0 && ['cut', 'refuse'].includes(values.long) ? { folder, files, ...values } : undefined;
  } catch {
    return undefined;
  }
}

// A reader of stdout that stops early, as `head` does, is no failure.
process.stdout.on('error', (error) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const call = asked();
if (call === undefined) {
  process.stderr.write('usage: node predict.mjs FOLDER ROWS.jsonl|ROWS.csv|-... [--long cut|refuse]\n');
  process.exit(2);
}
try {
  await main(call.folder, call.files, call.long);
} catch (error) {
  process.stderr.write(`${error.message.replaceAll(/\p{Cc}+/gu, ' ').slice(0, 500)}\n`);
  process.exitCode = 1;
}
