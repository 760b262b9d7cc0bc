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

for (const [n, sample] of samples.entries())
  for (const { name, dtype, shape } of inputs) {
    const [, time, width] = shape;
    const steps = sample[name];
    if (dtype === 'float32' && (!steps?.length || steps.length > time || steps.some((step) => step.length !== width)))
      throw new Error(`line ${n + 1}: "${name}" must have 1 to ${time} steps of ${width} numbers`);
  }

// A file of a fixed batch takes just so many: the last group is filled up with its last sample.
const [{ shape }] = inputs;
const size = typeof shape[0] === 'number' ? shape[0] : samples.length;
for (let first = 0; first < samples.length; first += size) {
  const rest = samples.slice(first);
  const group = Array.from({ length: size }, (_, n) => rest[n] ?? rest.at(-1));
  const feeds = inputs.map((input) => [input.name, tensorOf(input, group)]);
  const results = await session.run(Object.fromEntries(feeds));
  for (let n = 0; n < Math.min(size, rest.length); n++) process.stdout.write(`${JSON.stringify(lineOf(results, n))}\n`);
}

/** Features `[batch, time, width]`, padded with zeros, or the true lengths of a modality `[batch]`. */
function tensorOf({ name, dtype, shape: [, time, width] }, group) {
  if (dtype === 'int64') {
    const lengths = group.map((sample) => sample[name.replace(/_lengths$/, '')].length);
    return new Tensor(dtype, BigInt64Array.from(lengths, BigInt), [group.length]);
  }
  const data = new Float32Array(group.length * time * width);
  group.forEach((sample, n) => data.set(sample[name].flat(), n * time * width));
  return new Tensor(dtype, data, [group.length, time, width]);
}

function lineOf(results, n) {
  if (task.kind === 'regression') return { prediction: results.prediction.data[n] };
  const { classes } = task;
  const row = [...results.probabilities.data.subarray(n * classes.length, (n + 1) * classes.length)];
  const probabilities = Object.fromEntries(classes.map((name, c) => [name, row[c]]));
  return { prediction: classes[row.indexOf(Math.max(...row))], probabilities };
}
