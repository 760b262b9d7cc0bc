/** Rows of data become the samples that a model takes, and account is kept of what they lack. */
import { quoted } from '../files/error.ts';
import { cellsOf } from '../formats/delimited/json-line.ts';
import { isText, listed } from './checks.ts';
import type { ExportDescription } from './description.ts';
import { PreparedSample, SampleError, type Row, type Sample, type Step } from './sample.ts';
import { encodedStep, sequenceIn, tooLong, valueIn } from './steps.ts';
import { namesOf, wantedOf, type Wanted, type WantedColumn } from './wanted.ts';

export interface SampleOptions {
  /** A sequence longer than the model takes: cut to its first steps, with a warning, or refused. Default: `cut`. */
  readonly long?: 'cut' | 'refuse' | undefined;
}

/** A file that rows are in, and the names of its columns where they are known. */
export interface RowFile {
  /** Its name, without folders. */
  readonly name: string;
  readonly columns?: ReadonlySet<string>;
}

/** Makes samples of rows, one after another. */
export class Preparing {
  readonly #wanted: readonly Wanted[];
  readonly #isLongRefused: boolean;
  /** What ids are called, the likeliest first. */
  readonly #idNames: readonly string[];
  /** The columns that some row had, and the inputs that some row was to have as columns. */
  readonly #seen = new Set<WantedColumn | Wanted>();
  /** The inputs that some sample had. */
  readonly #held = new Set<string>();
  #samples = 0;
  #cut = 0;
  #empty = 0;
  #beyond = 0;

  constructor(description: Pick<ExportDescription, 'inputs' | 'rows'>, { long = 'cut' }: SampleOptions = {}) {
    if (!['cut', 'refuse'].includes(long)) throw new RangeError(`long must be cut or refuse, got ${quoted(long)}.`);
    this.#isLongRefused = long === 'refuse';
    this.#wanted = wantedOf(description);
    this.#idNames = [...new Set([...this.#wanted.flatMap(({ id }) => id ?? []), 'id'])];
  }

  /** The names of the sequences. */
  get names(): readonly string[] {
    return this.#wanted.map(({ name }) => name);
  }

  /** Whether some sample so far has one of them. */
  get haveAny(): boolean {
    return this.#empty < this.#samples;
  }

  /** The id of a row; undefined where it has none. */
  idOf({ cells }: Row): string | undefined {
    const name = this.#idNames.find((each) => cells.has(each));
    const value = name === undefined ? undefined : cells.get(name);
    if (isText(value) || typeof value === 'number') return String(value);
    const isId = (part: unknown): boolean => isText(part) || typeof part === 'number';
    return Array.isArray(value) && value.length > 0 && value.every(isId) ? value.map(String).join('_') : undefined;
  }

  /** Says of each input, by its name, which of the files it is in: that of its name, else the one with most of its columns. */
  placesIn(files: readonly RowFile[]): (name: string) => number {
    const elsewhere = files.map(({ name }) => this.#elsewhere(name));
    const places = new Map(
      this.#wanted.map((wanted) => {
        // Of one file the names of its columns are not known beforehand.
        const held = files.map(({ columns }, n) => {
          if (elsewhere[n]!(wanted)) return -1;
          return columns ? [wanted.name, ...namesOf(wanted)].filter((name) => columns.has(name)).length : 1;
        });
        const named = files.findIndex(({ name }, n) => held[n]! > 0 && isIn(wanted, name));
        const best = Math.max(...held);
        return [wanted.name, named >= 0 ? named : best > 0 ? held.indexOf(best) : -1];
      }),
    );
    return (name) => places.get(name) ?? -1;
  }

  /** Those that are not meant by a file that is called as another one of the training, with columns of the same names. */
  #elsewhere(file: string): (wanted: Wanted) => boolean {
    const known = new Set(this.#wanted.filter((wanted) => isIn(wanted, file)).flatMap(namesOf));
    return (wanted) => known.size > 0 && !isIn(wanted, file) && namesOf(wanted).every((name) => known.has(name));
  }

  /** The sample of an object, which stands at place `n` of its list; one that is prepared, as it is. Throws a SampleError. */
  prepared(sample: Sample | PreparedSample, n: number): PreparedSample {
    if (sample instanceof PreparedSample) return sample;
    const where = `sample ${n}`;
    const cells = cellsOf(withLists(sample));
    if (!cells) throw new SampleError(where, 'has objects within objects without end');
    return this.sampleOfRows([{ cells, where }], () => 0);
  }

  /**
   * The sample of rows, undefined for a file that has none of it, of which `placeOf` an input's name is that with the input.
   * Throws a SampleError for steps that are not those of the model.
   */
  sampleOfRows(rows: readonly (Row | undefined)[], placeOf: (name: string) => number, id?: string): PreparedSample {
    const first = rows.find((row) => row !== undefined)!;
    const known = id ?? this.idOf(first);
    const where = `${first.where}${known === undefined ? '' : ` (${quoted(known)})`}`;
    const found = this.#wanted.map((wanted) => {
      const row = rows[placeOf(wanted.name)];
      return { wanted, steps: row ? this.#stepsIn(row, wanted, where) : [] };
    });
    const cut = found.filter(({ wanted, steps }) => steps.length > wanted.time);
    if (cut.length > 0 && this.#isLongRefused) throw tooLong(cut[0]!.wanted, where, cut[0]!.steps.length);
    for (const { wanted, steps } of found) if (steps.length > 0) this.#held.add(wanted.name);
    this.#samples += 1;
    this.#cut += Number(cut.length > 0);
    this.#empty += Number(found.every(({ steps }) => steps.length === 0));
    const kept = found.map(({ wanted, steps }) => [wanted.name, steps.slice(0, wanted.time)] as const);
    this.#beyond += Number(kept.some(([, steps]) => steps.some(isBeyond)));
    return new PreparedSample(known ?? `row-${this.#samples - 1}`, Object.fromEntries(kept));
  }

  /** The steps of a sequence in a row, none where it lacks the sequence. */
  #stepsIn(row: Row, wanted: Wanted, where: string): readonly Step[] {
    const value = valueIn(row, wanted);
    if (!wanted.columns || Array.isArray(value)) return sequenceIn(row, value, wanted, where);
    this.#seen.add(wanted);
    for (const column of wanted.columns) if (row.cells.has(column.name)) this.#seen.add(column);
    return encodedStep(row, wanted.columns, where);
  }

  /** What a person should know of the samples so far, a line each. */
  warnings(): readonly string[] {
    if (this.#samples === 0) return [];
    const lines: string[] = [];
    if (this.#cut > 0)
      lines.push(
        `${this.#cut} of ${this.#samples} samples had more time steps than the model takes and were cut; long: 'refuse' stops instead.`,
      );
    for (const wanted of this.#wanted) {
      const { name, columns = [] } = wanted;
      const isHeld = this.#held.has(name);
      if (!isHeld) lines.push(`no sample has ${quoted(name)}: the model predicts without.`);
      const lacking = columns.filter((column) => !this.#seen.has(column)).map((column) => column.name);
      if (isHeld && this.#seen.has(wanted) && lacking.length > 0)
        lines.push(
          `no row has ${listed(lacking)} of ${quoted(name)}: taken as missing; rename the column if it has another name.`,
        );
    }
    if (this.#beyond > 0)
      lines.push(
        `${this.#beyond} of ${this.#samples} samples have numbers that are infinite or beyond those of 32 bits: taken as missing, as in training.`,
      );
    if (this.#empty > 0) lines.push(`${this.#empty} of ${this.#samples} samples have none of the modalities.`);
    return lines;
  }
}

/** Whether a step has a number that is infinite as the model takes it. */
const isBeyond = (step: Step): boolean =>
  Array.isArray(step) && step.some((x) => typeof x === 'number' && Math.abs(Math.fround(x)) === Infinity);

const isIn = ({ file }: Wanted, name: string): boolean => file !== undefined && baseName(file) === name;

/** A path without its folders, whichever system wrote it. */
export const baseName = (file: string): string =>
  file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);

/** The same object with lists in place of typed arrays, of steps too. */
function withLists(sample: Sample): Sample {
  const list = (value: unknown): unknown => (isTyped(value) ? Array.from(value) : value);
  return Object.fromEntries(
    Object.entries(sample).map(([name, value]) => [name, Array.isArray(value) ? value.map(list) : list(value)]),
  );
}

const isTyped = (value: unknown): value is Float32Array | Float64Array | Int32Array =>
  value instanceof Float32Array || value instanceof Float64Array || value instanceof Int32Array;
