/**
 * Runs an exported model: needs onnxruntime-node and the folder that `decalign export` wrote, nothing else.
 *
 *   node predict.mjs FOLDER SAMPLES.jsonl
 *
 * Each line of SAMPLES holds the raw features of one sample, a list of time steps per modality, as in
 * {"text": [[0.1, 0.2], [0.3, 0.4]], "audio": [[1, 2, 3]]}. Prints one line per sample.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const [folder, file] = process.argv.slice(2);
if (file === undefined) {
  process.stderr.write('usage: node predict.mjs FOLDER SAMPLES.jsonl\n');
  process.exit(2);
}

const { inputs, task } = JSON.parse(readFileSync(path.join(folder, 'model.json'), 'utf8'));
const session = await InferenceSession.create(path.join(folder, 'model.onnx'));
const samples = readFileSync(file, 'utf8').trim().split('\n').map(JSON.parse);

const results = await session.run(Object.fromEntries(inputs.map((input) => [input.name, tensorOf(input)])));
for (const n of samples.keys()) process.stdout.write(`${JSON.stringify(lineOf(n))}\n`);

/** Features `[batch, time, width]`, padded with zeros, or the true lengths of a modality `[batch]`. */
function tensorOf({ name, dtype, shape: [, time, width] }) {
  if (dtype === 'int64') {
    const lengths = samples.map((sample) => sample[name.replace(/_lengths$/, '')].length);
    return new Tensor(dtype, BigInt64Array.from(lengths, BigInt), [samples.length]);
  }
  const data = new Float32Array(samples.length * time * width);
  samples.forEach((sample, n) => {
    const steps = sample[name];
    if (!steps?.length || steps.length > time || steps.some((step) => step.length !== width))
      throw new Error(`line ${n + 1}: "${name}" must have 1 to ${time} steps of ${width} numbers`);
    data.set(steps.flat(), n * time * width);
  });
  return new Tensor(dtype, data, [samples.length, time, width]);
}

function lineOf(n) {
  if (task.kind === 'regression') return { prediction: results.prediction.data[n] };
  const { classes } = task;
  const row = [...results.probabilities.data.subarray(n * classes.length, (n + 1) * classes.length)];
  const probabilities = Object.fromEntries(classes.map((name, c) => [name, row[c]]));
  return { prediction: classes[row.indexOf(Math.max(...row))], probabilities };
}
