/** The description of an exported model: what `model.json` holds, and what is believed of it when it is read. */
import { dateOrders, dateParts, widthOf, type ColumnEncoding } from '../data/columns/numbers.ts';
import type { ModalitySource } from '../data/dataset.ts';
import type { Task } from '../data/task.ts';
import { FormatError, quoted } from '../files/error.ts';
import { areTexts, isCount, isObject, isText, limits } from './checks.ts';

/** An input or output of an exported file. */
export interface ValueDescription {
  readonly name: string;
  readonly dtype: 'float32' | 'int64';
  /** A text in place of the number of samples names an axis of any size. */
  readonly shape: readonly [batch: string | number, ...axes: number[]];
  readonly meaning: string;
  /** Set where a sample may lack what the input is of; `meaning` says how that is told. */
  readonly optional?: true;
}

/** A modality in rows of new data. */
export interface RowDescription extends ModalitySource {
  /** The columns that are put side by side, with what was learnt of them from the training split; absent for an array. */
  readonly columns?: readonly ColumnEncoding[];
  /** In words, what an input takes in place of text: no tokeniser is exported, nor an encoder that was frozen whole. */
  readonly encoder?: string;
}

/** The description of an exported model, as `model.json` holds it. */
export interface ExportDescription {
  /** Format 1 had neither the version that wrote it nor the length and hash of `model.onnx`; format 2 had no `rows`. */
  readonly format: 'decalign export 3';
  /** The version of this package that wrote the files. */
  readonly decalign: string;
  /** Length of `model.onnx` in bytes. */
  readonly bytes: number;
  /** SHA-256 of `model.onnx` in hexadecimal digits. */
  readonly sha256: string;
  /** The model's name. */
  readonly model: string;
  /** The name of the dataset that the model was trained on. */
  readonly dataset: string;
  readonly task: Task;
  readonly inputs: readonly ValueDescription[];
  readonly outputs: readonly ValueDescription[];
  /** By label, the probability above which it is predicted; of several labels that are true or not alone. */
  readonly thresholds?: readonly number[];
  /** Where a row of new data has each modality, and how columns of it become the numbers of the input. */
  readonly rows: Readonly<Record<string, RowDescription>>;
  /** The version of the standard ONNX operators that the file uses. */
  readonly opset: number;
  /** Validation metrics of the exported epoch; absent for a model that was not trained here. */
  readonly validation?: Readonly<Record<string, number>>;
  /** The largest absolute difference between outputs of the file and of the model in memory, over random inputs. */
  readonly largest_difference: number;
}

/**
 * The description in the text of a `model.json`, which `name` calls in errors. One of format 2 is read as one of format 3
 * that says nothing of rows.
 *
 * Throws a FormatError for what is no description, is of another format, or says what no export of ours says: shapes beyond
 * reason, inputs that do not go together, a task without names.
 */
export function descriptionIn(text: string, name: string): ExportDescription {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch (error) {
    throw new FormatError(name, 'is not JSON', { cause: error });
  }
  return descriptionOf(said, name);
}

/** The description that was parsed already. Throws as `descriptionIn` does. */
export function descriptionOf(said: unknown, name: string): ExportDescription {
  const wrong = (problem: string): FormatError => new FormatError(name, problem);
  const content = isObject(said) ? said : {};
  const { format, decalign, bytes, sha256, model, dataset, opset, task, inputs, outputs, thresholds } = content;
  const { largest_difference, validation } = content;
  const version = /^decalign export (\d{1,6})$/.exec(isText(format) ? format : '')?.[1];
  if (version === undefined) throw wrong('is no description of a model that decalign exported');
  if (version !== '2' && version !== '3')
    throw wrong(
      `is of format ${version}, written by decalign ${quoted(String(decalign))}, and this version reads formats 2 and 3: ` +
        (Number(version) < 2 ? 'export the model again' : 'install the version that wrote it'),
    );
  if (!isCount(bytes, Number.MAX_SAFE_INTEGER) || !isText(sha256) || !/^[0-9a-f]{64}$/.test(sha256))
    throw wrong('does not say length ("bytes") and hash ("sha256") of model.onnx');
  if (!isText(decalign) || !isText(model) || !isText(dataset) || !isCount(opset) || !isNumber(largest_difference))
    throw wrong('lacks "decalign", "model", "dataset", "opset" or "largest_difference"');
  if (!areInputs(inputs))
    throw wrong(`"inputs" must be 1 to ${limits.inputs} of float32 [batch, T, D] or int64 [batch, T], [batch]`);
  checkInputs(inputs, wrong);
  if (!isTask(task))
    throw wrong(
      '"task" must be a regression with its range, or a classification, multilabel or multitarget with the names of its classes or labels',
    );
  if (task.kind === 'multilabel' && !areThresholds(thresholds, task.names.length))
    throw wrong(`"thresholds" must be a probability for each of the ${task.names.length} labels`);
  if (!Array.isArray(outputs) || !outputs.every(isValue)) throw wrong('"outputs" must be values with their shapes');
  return {
    format: 'decalign export 3',
    ...{ decalign, bytes, sha256, model, dataset, task, inputs, outputs },
    ...(task.kind === 'multilabel' && areThresholds(thresholds, task.names.length) && { thresholds }),
    rows: rowsIn(content['rows'] ?? {}, inputs, wrong),
    opset,
    ...(isObject(validation) && { validation: numbersOf(validation) }),
    largest_difference,
  };
}

type Wrong = (problem: string) => FormatError;

function checkInputs(inputs: readonly ValueDescription[], wrong: Wrong): void {
  const names = new Set(inputs.map(({ name }) => name));
  const [batch] = inputs[0]!.shape;
  if (names.size < inputs.length || inputs.some(({ shape }) => shape[0] !== batch))
    throw wrong('"inputs" must have different names and the same number of samples');
  const orphan = inputs.find((input) => input.shape.length === 1 && !sequenceOf(input, inputs));
  if (orphan) throw wrong(`${quoted(orphan.name)} is the length of no other input`);
  if (numbersIn(inputs) * (typeof batch === 'number' ? batch : 1) > limits.numbers)
    throw wrong(`takes more than ${limits.numbers} numbers at once, which is beyond reason`);
}

/** Where rows of data have each modality. */
function rowsIn(rows: unknown, inputs: readonly ValueDescription[], wrong: Wrong): ExportDescription['rows'] {
  if (!isRows(rows)) throw wrong('"rows" must say of each modality where it is in a row of data');
  for (const { name, shape } of inputs) {
    const columns = Object.hasOwn(rows, name) ? rows[name]!.columns : undefined;
    const width = columns?.reduce((sum, column) => sum + widthOf(column), 0);
    if (width !== undefined && (shape[1] !== 1 || shape[2] !== width))
      throw wrong(`${quoted(name)} is of [${shape.join(', ')}], and its columns are ${width} numbers`);
  }
  return rows;
}

/** The sequence that an input `NAME_lengths` is of: `NAME`, or `NAME_ids` where it comes as tokens. */
export function sequenceOf(
  { name }: ValueDescription,
  inputs: readonly ValueDescription[],
): ValueDescription | undefined {
  const [, of] = /^(.*)_lengths$/s.exec(name) ?? [];
  return inputs.find((other) => other.shape.length > 1 && (other.name === of || other.name === `${of}_ids`));
}

/** How many numbers one sample is, its lengths included. */
export const numbersIn = (inputs: readonly ValueDescription[]): number =>
  inputs.reduce((sum, { shape: [, time = 1, width = 1] }) => sum + time * width, 0);

const isNumber = (value: unknown): value is number => typeof value === 'number';
const areNames = (names: unknown): names is readonly string[] => areTexts(names) && isCount(names.length);
const isRange = (range: unknown): range is readonly [number, number] =>
  Array.isArray(range) && range.length === 2 && range.every(isNumber);

function isTask(task: unknown): task is Task {
  if (!isObject(task)) return false;
  const { kind, classes, names, range, ranges } = task;
  if (kind === 'regression') return isRange(range);
  if (kind === 'classification') return areNames(classes);
  if (kind === 'multilabel') return areNames(names);
  return (
    kind === 'multitarget' &&
    areNames(names) &&
    Array.isArray(ranges) &&
    ranges.length === names.length &&
    ranges.every(isRange)
  );
}

const areThresholds = (thresholds: unknown, count: number): thresholds is readonly number[] =>
  Array.isArray(thresholds) &&
  thresholds.length === count &&
  thresholds.every((each) => isNumber(each) && each >= 0 && each <= 1);

const isValue = (value: unknown): value is ValueDescription =>
  isObject(value) &&
  isText(value['name']) &&
  isText(value['meaning']) &&
  (value['dtype'] === 'float32' || value['dtype'] === 'int64') &&
  isShape(value['shape']);

const isShape = (shape: unknown): shape is ValueDescription['shape'] =>
  Array.isArray(shape) &&
  shape.length > 0 &&
  shape.every((size, axis) => isCount(size) || (axis === 0 && isText(size)));

const areInputs = (inputs: unknown): inputs is readonly ValueDescription[] =>
  Array.isArray(inputs) &&
  isCount(inputs.length, limits.inputs) &&
  inputs.every(
    (input) => isValue(input) && (input.dtype === 'float32' ? input.shape.length === 3 : input.shape.length <= 2),
  );

const isRows = (rows: unknown): rows is ExportDescription['rows'] => isObject(rows) && Object.values(rows).every(isRow);

const isRow = (row: unknown): row is RowDescription =>
  isObject(row) &&
  [undefined, 'end', 'front'].some((padding) => row['padding'] === padding) &&
  ['file', 'key', 'id', 'lengths', 'encoder'].every((name) => row[name] === undefined || isText(row[name])) &&
  (row['texts'] === undefined || areTexts(row['texts'])) &&
  (row['columns'] === undefined ||
    (Array.isArray(row['columns']) && row['columns'].length > 0 && row['columns'].every(isColumn)));

function isColumn(column: unknown): column is ColumnEncoding {
  if (isText(column)) return true;
  const { column: name, category, boolean, date, order } = isObject(column) ? column : {};
  if (!isText(name)) return false;
  if (category !== undefined) return areTexts(category) && category.length <= limits.axis;
  if (boolean !== undefined)
    return Array.isArray(boolean) && boolean.every((pair) => areTexts(pair) && pair.length === 2);
  return (
    areTexts(date) &&
    date.length > 0 &&
    date.every((part) => dateParts.some((known) => known === part)) &&
    dateOrders.some((known) => known === order)
  );
}

/** A metric that is not defined is null in JSON, and left out. */
const numbersOf = (values: Readonly<Record<string, unknown>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (isNumber(value) ? [[name, value]] : [])));
