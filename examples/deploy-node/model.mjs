/**
 * The model that `decalign export` wrote. ONNX Runtime is given model.onnx only if it is, to the last bit, the file that
 * model.json describes, and takes and gives what that says.
 */
import { createHash } from 'node:crypto';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { areTexts, contentOf, isCount, isObject, isText, limits, short } from './checks.mjs';
import { dateOrders, dateParts, widthOf } from './library/columns.mjs';

/** What model.json says, all of it that is used here checked. */
export function descriptionIn(name) {
  const said = jsonOf(contentOf(name, { most: limits.description }).toString(), name);
  const { format, decalign, bytes, sha256, inputs, task, thresholds } = isObject(said) ? said : {};
  const version = /^decalign export (\d{1,6})$/.exec(isText(format) ? format : '')?.[1];
  if (version === undefined) throw new Error(`${name}: is no description of a model that decalign exported`);
  if (version !== '2' && version !== '3')
    throw new Error(
      `${name}: is of format ${version}, written by decalign ${short(decalign)}, and this program reads formats 2 and 3: ` +
        (version < 2 ? 'export the model again' : 'take the examples/deploy-node that came with that version'),
    );
  if (!isCount(bytes, Number.MAX_SAFE_INTEGER) || !isText(sha256) || !/^[0-9a-f]{64}$/.test(sha256))
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
  if (!isTask(task))
    throw new Error(
      `${name}: "task" must be a regression, or a classification, multilabel or multitarget with the names of its classes or labels`,
    );
  if (task.kind === 'multilabel' && !areThresholds(thresholds, task.names.length))
    throw new Error(`${name}: "thresholds" must be a probability for each of the ${task.names.length} labels`);
  return { bytes, sha256, inputs, task, thresholds, rows: rowsIn(said, name) };
}

/** Where rows of data have each modality. Format 2 did not say. */
function rowsIn({ rows = {}, inputs }, name) {
  if (!isObject(rows) || !Object.values(rows).every(isRow))
    throw new Error(`${name}: "rows" must say of each modality where it is in a row of data`);
  for (const { name: modality, shape } of inputs) {
    const columns = Object.hasOwn(rows, modality) ? rows[modality].columns : undefined;
    const width = columns?.reduce((sum, column) => sum + widthOf(column), 0);
    if (width !== undefined && (shape[1] !== 1 || shape[2] !== width))
      throw new Error(`${name}: ${short(modality)} is of [${shape.join(', ')}], and its columns are ${width} numbers`);
  }
  return rows;
}

/** A session on the file, which is the one that was described, and takes and gives what was described. */
export async function openModel(name, { bytes, sha256, inputs, task }) {
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
  const output = outputOf(task);
  if (!session.outputMetadata.some((own) => own.name === output && own.type === 'float32'))
    throw new Error(`${name}: does not give "${output}", which a ${task.kind} is to give`);
  return session;
}

/** The predictions for samples, each an id and the steps of every input; up to `size`, the last one is repeated. */
export async function predictionsOf(session, { inputs, task, thresholds }, samples, size) {
  const filled = Array.from({ length: size }, (_, n) => samples[n] ?? samples.at(-1));
  const feeds = inputs.map((input) => [input.name, tensorOf(input, filled, inputs)]);
  const results = await session.run(Object.fromEntries(feeds));
  const { data } = results[outputOf(task)];
  const width = task.kind === 'regression' ? 1 : (task.classes ?? task.names).length;
  if (data.length !== size * width)
    throw new Error(`model.onnx gives ${data.length} numbers for ${size} samples, where ${size * width} are expected`);
  return samples.map(({ id }, n) => ({
    id,
    ...lineOf(task, [...data.subarray(n * width, (n + 1) * width)], thresholds),
  }));
}

const outputOf = ({ kind }) => (kind === 'regression' || kind === 'multitarget' ? 'prediction' : 'probabilities');

function lineOf(task, row, thresholds) {
  if (task.kind === 'regression') return { prediction: row[0] };
  const byName = (names, values) => Object.fromEntries(names.map((name, c) => [name, values[c]]));
  if (task.kind === 'multitarget') return { prediction: byName(task.names, row) };
  const probabilities = byName(task.classes ?? task.names, row);
  if (task.kind === 'multilabel') {
    const predicted = row.map((probability, l) => Number(probability > thresholds[l]));
    return { prediction: byName(task.names, predicted), probabilities };
  }
  return { prediction: task.classes[row.indexOf(Math.max(...row))], probabilities };
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

/** The sequence that an input `NAME_lengths` is of: `NAME`, or `NAME_ids` where it comes as tokens. */
function sequenceOf({ name }, inputs) {
  const [, of] = /^(.*)_lengths$/s.exec(name) ?? [];
  return inputs.find((other) => other.shape.length > 1 && (other.name === of || other.name === `${of}_ids`));
}

/** Of one sample. */
export const numbersIn = (inputs) => inputs.reduce((sum, { shape: [, time = 1, width = 1] }) => sum + time * width, 0);

function jsonOf(text, where) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${where}: is not JSON`, { cause: error });
  }
}

const areNames = (names) => areTexts(names) && isCount(names.length, limits.axis);

function isTask(task) {
  if (!isObject(task)) return false;
  if (task.kind === 'classification') return areNames(task.classes);
  return task.kind === 'regression' || (['multilabel', 'multitarget'].includes(task.kind) && areNames(task.names));
}

const areThresholds = (thresholds, count) =>
  Array.isArray(thresholds) && thresholds.length === count && thresholds.every((each) => each >= 0 && each <= 1);

function isInput(input) {
  const { name, dtype, shape } = isObject(input) ? input : {};
  if (!isText(name) || !Array.isArray(shape)) return false;
  const [batch, ...rest] = shape;
  return (
    (isText(batch) || isCount(batch, limits.axis)) &&
    rest.every((size) => isCount(size, limits.axis)) &&
    (dtype === 'float32' ? rest.length === 2 : dtype === 'int64' && rest.length <= 1)
  );
}

const isRow = (row) =>
  isObject(row) &&
  [undefined, 'end', 'front'].includes(row.padding) &&
  ['file', 'key', 'id', 'lengths', 'encoder'].every((name) => row[name] === undefined || isText(row[name])) &&
  (row.texts === undefined || areTexts(row.texts)) &&
  (row.columns === undefined || (Array.isArray(row.columns) && row.columns.length > 0 && row.columns.every(isColumn)));

function isColumn(column) {
  if (isText(column)) return true;
  const { column: name, category, boolean, date, order } = isObject(column) ? column : {};
  if (!isText(name)) return false;
  if (category) return areTexts(category) && category.length <= limits.axis;
  if (boolean) return Array.isArray(boolean) && boolean.every((pair) => areTexts(pair) && pair.length === 2);
  return (
    areTexts(date) && date.length > 0 && date.every((part) => dateParts.includes(part)) && dateOrders.includes(order)
  );
}

const isSame = (own, { name, dtype, shape }) =>
  own.name === name &&
  own.type === dtype &&
  own.shape.length === shape.length &&
  own.shape.every((size, axis) => size === shape[axis] || (axis === 0 && [size, shape[0]].every(isText)));

const signatures = (values) =>
  values.map(({ name, type, dtype = type, shape = [] }) => `${short(name)} ${dtype} [${shape.join(', ')}]`).join(', ');
