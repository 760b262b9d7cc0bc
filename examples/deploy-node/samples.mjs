/** Rows of data as the samples that a model takes: the steps of each of its inputs, and an id. */
import path from 'node:path';
import { isText, listed, short } from './checks.mjs';
import { columnOf, encoderOf, widthOf } from './library/columns.mjs';

/** Makes samples of rows, and keeps account of what they lack. */
export class Samples {
  #modalities;
  #long;
  #ids;
  #counts = { samples: 0, cut: 0, empty: 0 };

  constructor({ inputs, rows }, { long }) {
    this.#long = long;
    this.#modalities = inputs
      .filter(({ shape }) => shape.length > 1)
      .map((input) => {
        const name = input.dtype === 'int64' ? input.name.replace(/_(ids|segments)$/, '') : input.name;
        const { key = name, ...row } = Object.hasOwn(rows, name) ? rows[name] : {};
        const columns = row.columns?.map((column) => ({
          ...{ name: columnOf(column), isNumber: isText(column), width: widthOf(column), encode: encoderOf(column) },
          seen: false,
        }));
        return { ...input, ...row, key: input.dtype === 'int64' ? input.name : key, columns, count: 0 };
      });
    // A column that is called as a modality is another one beside that which the modality had in training.
    for (const modality of this.#modalities) {
      const { name, key } = modality;
      const others = this.#modalities.filter((other) => other !== modality);
      modality.isKeyFirst = key !== name && !others.some((other) => other.name === key || other.key === key);
    }
    this.#ids = [...new Set([...this.#modalities.flatMap(({ id }) => id ?? []), 'id'])];
  }

  get names() {
    return this.#modalities.map(({ name }) => name);
  }

  /** Whether some sample so far has one of the modalities. */
  get haveAny() {
    return this.#counts.empty < this.#counts.samples;
  }

  /** Those that are not meant by a file that is called as another one of the training, with columns of the same names. */
  #elsewhere(file) {
    const isHere = (modality) => modality.file !== undefined && path.basename(modality.file) === path.basename(file);
    const known = new Set(this.#modalities.filter(isHere).flatMap(namesOf));
    return (modality) => known.size > 0 && !isHere(modality) && namesOf(modality).every((name) => known.has(name));
  }

  /** Which of the files each modality is in, by its place: that of its name, else the one with most of its columns. */
  placesIn(files) {
    const elsewhere = files.map(({ file }) => this.#elsewhere(file));
    return new Map(
      this.#modalities.map((modality) => {
        // Of one file the names of its columns are not known beforehand.
        const held = files.map(({ names }, n) => {
          if (elsewhere[n](modality)) return -1;
          return names ? [modality.name, ...namesOf(modality)].filter((name) => names.has(name)).length : 1;
        });
        const isNamed = ({ file }, n) =>
          held[n] > 0 && modality.file !== undefined && path.basename(file) === path.basename(modality.file);
        const named = files.findIndex(isNamed);
        const best = Math.max(...held);
        return [modality.name, named >= 0 ? named : best > 0 ? held.indexOf(best) : -1];
      }),
    );
  }

  /** The id of a row, as `decalign predict` has it; undefined where there is none. */
  idOf({ cells }) {
    const value = cells.get(this.#ids.find((name) => cells.has(name)));
    if (isText(value) || typeof value === 'number') return String(value);
    return Array.isArray(value) && value.length > 0 ? value.map(String).join('_') : undefined;
  }

  /** A sample of rows of which each modality is in one; undefined for a row that a file lacks. */
  sampleOf(rows, places, id) {
    const first = rows.find((row) => row !== undefined);
    const known = id ?? this.idOf(first);
    const where = `${first.where}${known === undefined ? '' : ` (${short(known)})`}`;
    const steps = {};
    let isCut = false;
    for (const modality of this.#modalities) {
      const found = stepsIn(rows[places.get(modality.name)], modality, where);
      const kept = found.slice(0, modality.shape[1]);
      if (kept.length < found.length && this.#long === 'refuse') throw wrongSteps(modality, where, found);
      isCut ||= kept.length < found.length;
      if (kept.length > 0) modality.count += 1;
      steps[modality.name] = kept;
    }
    this.#counts.samples += 1;
    if (isCut) this.#counts.cut += 1;
    if (Object.values(steps).every((each) => each.length === 0)) this.#counts.empty += 1;
    return { id: known ?? `row-${this.#counts.samples - 1}`, steps };
  }

  /** What a person should know of the samples so far, a line each. */
  warnings() {
    const { samples, cut, empty } = this.#counts;
    const lines = [];
    if (cut > 0)
      lines.push(
        `${cut} of ${samples} samples had more time steps than the model takes and were cut; --long refuse stops instead.`,
      );
    for (const { name, columns, count } of this.#modalities) {
      if (count === 0) lines.push(`no sample has ${short(name)}: the model predicts without.`);
      const lacking = columns?.filter(({ seen }) => !seen) ?? [];
      if (count > 0 && lacking.length > 0)
        lines.push(
          `no row has ${listed(lacking.map((column) => column.name))} of ${short(name)}: taken as missing; rename the column if it has another name.`,
        );
    }
    if (empty > 0) lines.push(`${empty} of ${samples} samples have none of the modalities.`);
    return lines;
  }
}

/** The columns that a modality is looked for in. */
const namesOf = ({ key, columns }) => columns?.map((column) => column.name) ?? [key];

/** The steps of a modality in a row, none where it lacks the modality. Throws where they are not those of the model. */
function stepsIn(row, modality, where) {
  if (row === undefined) return [];
  const { name, key, isKeyFirst, shape, columns, lengths = `${key}_lengths`, padding } = modality;
  const [, time, width] = shape;
  const value =
    (isKeyFirst && row.cells.has(key) ? row.cells.get(key) : (row.cells.get(name) ?? row.cells.get(key))) ?? null;
  if (columns && !Array.isArray(value)) return encoded(row, columns, where);
  refuseText(row, modality, where);
  // An object is taken for columns of its own, called `outer/inner`.
  if (value === null && [...row.cells.keys()].some((name) => name.startsWith(`${key}/`)))
    throw wrongSteps(modality, where, []);
  const steps = value === null || value === '' || Number.isNaN(value) ? [] : sequenceIn(value, shape);
  const isStep =
    width === undefined
      ? (step) => Number.isSafeInteger(step) && step >= 0
      : (step) => Array.isArray(step) && step.length === width && step.every(isNumber);
  if (!Array.isArray(steps) || !steps.every(isStep)) throw wrongSteps(modality, where, []);
  if (time === 1 || width === undefined) return steps;
  const given = row.cells.get(lengths) ?? undefined;
  if (given !== undefined && !(Number.isSafeInteger(given) && given >= 0))
    throw new Error(`${where}: ${short(lengths)} is ${short(given)}, which is no length`);
  if (given === undefined) return withoutPadding(steps, padding);
  // A length says where padding in front ends.
  return withoutPadding(
    withLength(steps, given, `${where}: ${short(name)}`),
    padding === 'front' ? undefined : padding,
  );
}

/** So many steps; they may stand at the end, with padding in front of them. */
function withLength(steps, length, where) {
  if (length === 0 || steps.slice(length).every(isPadding)) return steps.slice(0, length);
  if (!steps.slice(0, steps.length - length).every(isPadding))
    throw new Error(`${where} has numbers beyond its length of ${length}; correct one of them`);
  return steps.slice(steps.length - length);
}

/** The steps without those of zeros where padding was in training; one is left. */
function withoutPadding(steps, padding) {
  if (padding === undefined) return steps;
  const isFull = (step) => !step.every((x) => x === 0);
  const first = padding === 'front' ? Math.max(0, steps.findIndex(isFull)) : 0;
  return steps.slice(first, Math.max(first, steps.findLastIndex(isFull)) + 1);
}

/** A number that is missing is as good as a zero there. */
const isPadding = (step) => step.every((x) => x === 0 || x === null || !Number.isFinite(x));

/** The values of columns as the numbers of one step; none where the row has no such column, or no value in any. */
function encoded({ cells, texts }, columns, where) {
  const width = columns.reduce((sum, column) => sum + column.width, 0);
  const step = new Float64Array(width);
  let start = 0;
  for (const column of columns) {
    const cell = cells.get(column.name) ?? null;
    column.seen ||= cells.has(column.name);
    const text = column.isNumber ? undefined : texts?.get(column.name);
    const wrong = column.encode(cell, step.subarray(start, start + column.width), text);
    if (wrong !== undefined)
      throw new Error(`${where}: ${short(column.name)} is ${short(text ?? cell)}, which is ${wrong}`);
    start += column.width;
  }
  return step.every(Number.isNaN) ? [] : [[...step]];
}

/** Text is for an encoder and its tokeniser, which this program has not: a model would predict without it, unasked. */
function refuseText({ cells }, { name, encoder, texts = [] }, where) {
  if (encoder === undefined || Array.isArray(cells.get(name.replace(/_segments$/, '_ids')))) return;
  const held = ['raw_text', ...texts].find((column) => isText(cells.get(column)) && cells.get(column) !== '');
  if (held !== undefined)
    throw new Error(
      `${where}: ${short(held)} is text, and the model takes ${short(name)}, ${encoder}; give that instead`,
    );
}

/** The steps of a sequence: a vector is one step of its numbers, unless the model takes one number per step. */
function sequenceIn(value, [, time, width]) {
  if (width === undefined || !Array.isArray(value) || value.length === 0) return value;
  if (!value.every(isNumber)) return value;
  return width === 1 && time > 1 ? value.map((number) => [number]) : [value];
}

// A missing number is null in JSON, and NaN where a column became it.
const isNumber = (value) => typeof value === 'number' || value === null;

function wrongSteps({ name, shape: [, time, width] }, where, { length }) {
  const each = width === undefined ? 'a whole number' : `${width} numbers`;
  return new Error(
    `${where}: ${short(name)} must have ${time === 1 ? '1 step' : `1 to ${time} steps`} of ${each}${length > time ? `, and has ${length}` : ''}`,
  );
}
