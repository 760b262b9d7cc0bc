/**
 * Runs an exported model: needs onnxruntime-node and the folder that `decalign export` wrote, nothing else.
 *
 *   node predict.mjs FOLDER SAMPLES.jsonl [--long cut|refuse]
 *
 * Each line of SAMPLES (- is standard input) holds the raw features of one sample, as `decalign predict` takes them: a list of
 * time steps per modality, or a vector, as in {"id": "a", "text": [[0.1, 0.2], [0.3, 0.4]], "audio": [1, null, 3]}. null is
 * a missing number, and a sample may lack a modality: its key, or null or [] in place of the steps. A sequence longer than
 * the model takes is cut to its first steps, and counted in a warning, or refused with --long refuse. Prints one line per
 * sample, with its id, or row-0, row-1, … where it has none.
 *
 * ONNX Runtime is given model.onnx only if it is, to the last bit, the file that model.json describes, and samples only
 * if they are of the shapes that both agree on; all else ends in one line and exit code 1.
 */
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { InferenceSession, Tensor } from 'onnxruntime-node';

/** What is beyond reason, whatever a file says. */
const limits = { description: 2 ** 22, line: 2 ** 22, axis: 2 ** 16, inputs: 64, numbers: 2 ** 26 };
/** Samples that are run at once, and what their numbers come to at most, where a file takes any number of them. */
const together = { samples: 64, numbers: 2 ** 22 };

/** Prints the predictions for a file of samples, group by group. */
async function main(folder, file, long) {
  const description = descriptionIn(path.join(folder, 'model.json'));
  const session = await openModel(path.join(folder, 'model.onnx'), description);
  const { inputs } = description;
  const [fixed] = inputs[0].shape;
  const fitting = Math.min(together.samples, Math.floor(together.numbers / numbersIn(inputs)));
  const size = typeof fixed === 'number' ? fixed : Math.max(1, fitting);
  let group = [];
  let [count, cut] = [0, 0];
  for await (const sample of samplesIn(file, inputs, long)) {
    count += 1;
    if (sample.isCut) cut += 1;
    if (group.push(sample) < size) continue;
    await predict(session, description, group, size);
    group = [];
  }
  // A file of a fixed batch takes just so many.
  if (group.length > 0) await predict(session, description, group, typeof fixed === 'number' ? size : group.length);
  if (cut > 0)
    process.stderr.write(
      `warning: ${cut} of ${count} samples had more time steps than the model takes and were cut; --long refuse stops instead.\n`,
    );
}

/** What model.json says, all of it that is used here checked. */
function descriptionIn(name) {
  const said = jsonOf(contentOf(name, { most: limits.description }).toString(), name);
  const { format, decalign, bytes, sha256, inputs, task } = isObject(said) ? said : {};
  const version = /^decalign export (\d{1,6})$/.exec(typeof format === 'string' ? format : '')?.[1];
  if (version === undefined) throw new Error(`${name}: is no description of a model that decalign exported`);
  if (version !== '2')
    throw new Error(
      `${name}: is of format ${version}, written by decalign ${short(decalign)}, and this program reads format 2: ` +
        (version < 2 ? 'export the model again' : 'take the predict.mjs that came with that version'),
    );
  if (!isCount(bytes, Number.MAX_SAFE_INTEGER) || typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256))
    throw new Error(`${name}: does not say length ("bytes") and hash ("sha256") of model.onnx`);
  if (!Array.isArray(inputs) || inputs.length < 1 || inputs.length > limits.inputs || !inputs.every(isInput))
    throw new Error(
      `${name}: "inputs" must be 1 to ${limits.inputs} of float32 [batch, T, D] or int64 [batch, T], [batch]`,
    );
  const names = inputs.map((input) => input.name);
  const [{ shape }] = inputs;
  if (new Set(names).size < names.length || inputs.some((input) => input.shape[0] !== shape[0]))
    throw new Error(`${name}: "inputs" must have different names and the same number of samples`);
  const orphan = inputs.find((input) => input.shape.length === 1 && !sequenceOf(input, inputs));
  if (orphan) throw new Error(`${name}: ${short(orphan.name)} is the length of no other input`);
  if (numbersIn(inputs) * (typeof shape[0] === 'number' ? shape[0] : 1) > limits.numbers)
    throw new Error(`${name}: takes more than ${limits.numbers} numbers at once, which is beyond reason`);
  if (!isObject(task) || !(task.kind === 'regression' || (task.kind === 'classification' && areClasses(task.classes))))
    throw new Error(`${name}: "task" must be a regression, or a classification with the names of its classes`);
  return { bytes, sha256, inputs, task };
}

/** A session on the file, which is the one that was described, and takes and gives what was described. */
async function openModel(name, { bytes, sha256, inputs, task }) {
  const content = contentOf(name, { bytes });
  if (createHash('sha256').update(content).digest('hex') !== sha256)
    throw new Error(
      `${name}: is damaged, or not the file that model.json was written for: its SHA-256 is another; copy both again`,
    );
  let session;
  try {
    // From memory, where it is what was hashed, and cannot name other files for its weights.
    session = await InferenceSession.create(content, { logSeverityLevel: 4 });
  } catch (error) {
    throw new Error(`${name}: is not read by ONNX Runtime: ${error.message}`, { cause: error });
  }
  const taken = session.inputMetadata;
  if (taken.length !== inputs.length || !inputs.every((input) => taken.some((own) => isSame(own, input))))
    throw new Error(`${name}: takes ${signatures(taken)}, but model.json says ${signatures(inputs)}`);
  const output = task.kind === 'regression' ? 'prediction' : 'probabilities';
  if (!session.outputMetadata.some((own) => own.name === output && own.type === 'float32'))
    throw new Error(`${name}: does not give "${output}", which a ${task.kind} is to give`);
  return session;
}

/** The samples of a file, one after another, each of the model's shapes. */
async function* samplesIn(file, inputs, long) {
  const name = file === '-' ? 'standard input' : file;
  let [line, row] = [0, 0];
  // A number takes 24 characters and what is around it; some sequences are longer than the model takes.
  for await (const text of linesOf(file, name, limits.line + 64 * numbersIn(inputs))) {
    line += 1;
    if (text.trim() === '') continue;
    const where = `${name}, line ${line}`;
    const given = jsonOf(inJson(text), where);
    if (!isObject(given)) throw new Error(`${where}: is no object with a list of steps per modality`);
    const sample = {};
    const id = idOf(given.id) ?? `row-${row}`;
    const own = given.id === undefined ? '' : ` (${short(id)})`;
    let isCut = false;
    row += 1;
    for (const { name: key, shape, optional } of inputs.filter((input) => input.shape.length > 1)) {
      const [, time, width] = shape;
      const steps = stepsOf((Object.hasOwn(given, key) ? given[key] : null) ?? [], shape);
      sample[key] = steps;
      if (optional === true && Array.isArray(steps) && steps.length === 0) continue;
      const isStep =
        width === undefined
          ? (step) => Number.isSafeInteger(step) && step >= 0
          : (step) => Array.isArray(step) && step.length === width && step.every(isNumber);
      const isLong = Array.isArray(steps) && steps.length > time;
      if (!Array.isArray(steps) || steps.length < 1 || (isLong && long === 'refuse') || !steps.every(isStep))
        throw new Error(
          `${where}${own}: ${short(key)} must have ${time === 1 ? '1 step' : `1 to ${time} steps`} of ${width === undefined ? 'a whole number' : `${width} numbers`}${isLong ? `, and has ${steps.length}` : ''}`,
        );
      if (isLong) sample[key] = steps.slice(0, time);
      isCut ||= isLong;
    }
    if (Object.values(sample).every((steps) => steps.length === 0))
      throw new Error(`${where}: has none of ${Object.keys(sample).map(short).join(', ')}`);
    yield { id, steps: sample, isCut };
  }
  if (line === 0) throw new Error(`${name}: holds no samples`);
}

/** The steps of a modality: a vector is one step of its numbers, unless the model takes one number per step. */
function stepsOf(value, [, time, width]) {
  if (width === undefined || !Array.isArray(value) || value.length === 0) return value;
  if (!value.every(isNumber)) return value;
  return width === 1 && time > 1 ? value.map((number) => [number]) : [value];
}

/** An id as `decalign predict` has it; undefined where there is none. */
function idOf(value) {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  return Array.isArray(value) && value.length > 0 ? value.map(String).join('_') : undefined;
}

/** A line as Python may write it in what JSON itself has: NaN as null, and whole numbers that no double holds as texts. */
function inJson(text) {
  if (!/NaN|Infinity|(?<![.\d])\d{16}/.test(text)) return text;
  return text.replace(/"(?:[^"\\]|\\.)*"|-?(?:Infinity|NaN)|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) => {
    if (token.startsWith('"')) return token;
    if (/NaN|Infinity/.test(token)) return 'null';
    return /^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token;
  });
}

/** Lines of a file of any length, none longer than `most` characters. */
async function* linesOf(file, name, most) {
  let rest = '';
  const stream =
    file === '-'
      ? process.stdin.setEncoding('utf8')
      : createReadStream(file, { encoding: 'utf8', highWaterMark: 2 ** 20 });
  try {
    for await (const chunk of stream) {
      const lines = (rest === '' ? chunk.replace(/^\uFEFF/, '') : rest + chunk).split('\n');
      rest = lines.pop();
      if (rest.length > most) throw new Error(`holds a line of more than ${most} characters, which no sample has`);
      yield* lines;
    }
  } catch (error) {
    throw new Error(`${name}: ${error.message}`, { cause: error });
  }
  if (rest !== '') yield rest;
}

/** Prints a line for each sample; up to `size`, the last one is repeated. */
async function predict(session, { inputs, task }, samples, size) {
  const filled = Array.from({ length: size }, (_, n) => samples[n] ?? samples.at(-1));
  const feeds = inputs.map((input) => [input.name, tensorOf(input, filled, inputs)]);
  const results = await session.run(Object.fromEntries(feeds));
  const { data } = task.kind === 'regression' ? results.prediction : results.probabilities;
  const width = task.kind === 'regression' ? 1 : task.classes.length;
  if (data.length !== size * width)
    throw new Error(`model.onnx gives ${data.length} numbers for ${size} samples, where ${size * width} are expected`);
  for (const n of samples.keys())
    process.stdout.write(
      `${JSON.stringify({ id: samples[n].id, ...lineOf(task, [...data.subarray(n * width, (n + 1) * width)]) })}\n`,
    );
}

/**
 * Features `[batch, T, D]` or tokens `[batch, T]`, padded with zeros, or the true lengths of a modality `[batch]`. Missing
 * numbers are NaN, and so are all features of a sample that lacks the modality.
 */
function tensorOf(input, samples, inputs) {
  const { name, dtype, shape } = input;
  const count = samples.length;
  if (shape.length === 1) {
    const sequence = sequenceOf(input, inputs).name;
    return new Tensor(
      dtype,
      BigInt64Array.from(samples, ({ steps }) => BigInt(steps[sequence].length)),
      [count],
    );
  }
  const [, time, width = 1] = shape;
  const data = dtype === 'int64' ? new BigInt64Array(count * time) : new Float32Array(count * time * width);
  samples.forEach(({ steps: { [name]: steps } }, n) => {
    const start = n * time * width;
    if (dtype === 'int64') data.set(steps.map(BigInt), start);
    else if (steps.length === 0) data.fill(NaN, start, start + time * width);
    else
      data.set(
        Float32Array.from(steps.flat(), (value) => value ?? NaN),
        start,
      );
  });
  return new Tensor(dtype, data, [count, ...shape.slice(1)]);
}

function lineOf(task, row) {
  if (task.kind === 'regression') return { prediction: row[0] };
  const probabilities = Object.fromEntries(task.classes.map((name, c) => [name, row[c]]));
  return { prediction: task.classes[row.indexOf(Math.max(...row))], probabilities };
}

/** A file's content, once its length is known to be right; `bytes` where it must have just so many. */
function contentOf(name, { bytes, most }) {
  try {
    const found = statSync(name);
    if (!found.isFile()) throw new Error('is no file');
    if (bytes !== undefined && found.size !== bytes)
      throw new Error(`has ${found.size} bytes, where model.json says ${bytes}; copy both again`);
    if (most !== undefined && found.size > most) throw new Error(`has ${found.size} bytes, more than such a file has`);
    return readFileSync(name);
  } catch (error) {
    throw new Error(`${name}: ${error.code === undefined ? error.message : `cannot be read (${error.code})`}`, {
      cause: error,
    });
  }
}

function jsonOf(text, where) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${where}: is not JSON`, { cause: error });
  }
}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isCount = (value, most) => Number.isSafeInteger(value) && value >= 1 && value <= most;
// JSON has no NaN: a missing number is null.
const isNumber = (value) => typeof value === 'number' || value === null;
const areClasses = (classes) =>
  Array.isArray(classes) && isCount(classes.length, limits.axis) && classes.every((name) => typeof name === 'string');

function isInput(input) {
  const { name, dtype, shape } = isObject(input) ? input : {};
  if (typeof name !== 'string' || !Array.isArray(shape)) return false;
  const [batch, ...rest] = shape;
  return (
    (typeof batch === 'string' || isCount(batch, limits.axis)) &&
    rest.every((size) => isCount(size, limits.axis)) &&
    (dtype === 'float32' ? rest.length === 2 : dtype === 'int64' && rest.length <= 1)
  );
}

/** The sequence that an input `NAME_lengths` is of: `NAME`, or `NAME_ids` where it comes as tokens. */
function sequenceOf({ name }, inputs) {
  const [, of] = /^(.*)_lengths$/s.exec(name) ?? [];
  return inputs.find((other) => other.shape.length > 1 && (other.name === of || other.name === `${of}_ids`));
}

/** Of one sample. */
const numbersIn = (inputs) => inputs.reduce((sum, { shape: [, time = 1, width = 1] }) => sum + time * width, 0);

const isSame = (own, { name, dtype, shape }) =>
  own.name === name &&
  own.type === dtype &&
  own.shape.length === shape.length &&
  own.shape.every((size, axis) => size === shape[axis] || (axis === 0 && [size, shape[0]].every(isText)));
const isText = (value) => typeof value === 'string';

const signatures = (values) =>
  values.map(({ name, type, dtype = type, shape = [] }) => `${short(name)} ${dtype} [${shape.join(', ')}]`).join(', ');
const short = (text) => JSON.stringify(String(text).slice(0, 60));

const [folder, file, option = '--long', long = 'cut'] = process.argv.slice(2);
if (file === undefined || option !== '--long' || !['cut', 'refuse'].includes(long)) {
  process.stderr.write('usage: node predict.mjs FOLDER SAMPLES.jsonl|- [--long cut|refuse]\n');
  process.exit(2);
}
try {
  await main(folder, file, long);
} catch (error) {
  process.stderr.write(`${error.message.replaceAll(/\p{Cc}+/gu, ' ').slice(0, 500)}\n`);
  process.exitCode = 1;
}
