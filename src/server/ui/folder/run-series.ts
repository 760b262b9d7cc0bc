/** The curves of one run, all of them, by epoch; of a run that trains they grow. */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { lossNames } from '../../../figures/curves.ts';
import { GrowingLines } from '../../../files/growing-lines.ts';
import { codeOf } from '../../../files/write-error.ts';
import type { Tree } from '../../../json/tree.ts';
import type { MetricKind } from '../../../metrics/metric.ts';
import type { RunSeries, SeriesColumn } from '../api/routes.ts';
import { damageText, epochIn, type EpochLine } from './epoch-line.ts';
import { found } from './found.ts';
import { aboutMetric } from './metric-about.ts';
import { selectionOf, type ListedRecord } from '../../../experiments/listed-run.ts';

type Kind = SeriesColumn['kind'];
/** Which columns are wanted, as `KIND:NAME`; undefined: all. */
export type Wanted = ReadonlySet<string> | undefined;

/** So many numbers of one run are kept, which is a quarter of a million epochs of DecAlign. */
const mostNumbers = 5_000_000;

interface RunSeriesOptions {
  /** Default: five million. */
  readonly most?: number;
}

export class RunSeriesReader {
  private readonly lines: GrowingLines;
  /** Another where the file was read anew. */
  private generation = newGeneration();
  private epochs: number[] = [];
  private columns = new Map<string, Column>();
  private stages = new Map<string, number>();
  private best: number | undefined;
  private damaged = 0;
  /** Epochs that came when there were as many numbers as are kept. */
  private left = 0;
  private problem: string | undefined;

  constructor(
    readonly run: string,
    private readonly directory: string,
    /** The record of the run, which may come after its first epochs, and be replaced. */
    private readonly recordOf: () => ListedRecord | undefined,
    private readonly options: RunSeriesOptions = {},
  ) {
    this.lines = new GrowingLines(path.join(directory, 'metrics.jsonl'));
  }

  /** Reads what came since. Where the folder of the run is gone, as with its disk, what was read stays. */
  read(): void {
    if (!found(this.directory)) {
      this.problem = 'has a folder that is not there any more: what is shown is how it was';
      return;
    }
    try {
      for (let more = true; more;) {
        const { lines, anew, more: rest } = this.lines.read();
        if (anew) this.forget();
        for (const line of lines) if (line !== '') this.add(line);
        more = rest;
      }
      this.problem = damageText(this.damaged) ?? this.lengthText();
    } catch (error) {
      this.problem = `has a metrics.jsonl that cannot be read (${codeOf(error) || (error as Error).message})`;
    }
  }

  /** Where the curves are now, for `since`. */
  get cursor(): string {
    return `${this.generation}.${this.epochs.length}`;
  }

  /** The epochs after a cursor, or all where it is of another reading of the file. */
  since(cursor = '', wanted?: Wanted): RunSeries {
    const [generation, number] = cursor.split('.');
    const count = Number(number);
    const from = generation === this.generation && count >= 0 && count <= this.epochs.length ? count : 0;
    const chosen = this.chosen();
    return {
      ...{ run: this.run, from, epochs: this.epochs.slice(from) },
      columns: [...this.columns.entries()].flatMap(([key, column]) =>
        wanted && !wanted.has(key) ? [] : [column.since(from, this.epochs.length)],
      ),
      stages: Array.from(this.stages, ([name, last]) => ({ name, last })),
      ...(this.best !== undefined && { bestEpoch: this.best }),
      ...(chosen !== undefined && { chosen }),
      ...(this.problem !== undefined && { problem: this.problem }),
    };
  }

  /** All values as they are on record, by epoch, for export; null where there is none. */
  rows(): readonly { readonly epoch: number; readonly values: ReadonlyMap<string, number | null> }[] {
    return this.epochs.map((epoch, n) => ({
      epoch,
      values: new Map(Array.from(this.columns, ([key, column]) => [key, column.at(n)])),
    }));
  }

  private get metrics(): MetricKind | undefined {
    return this.recordOf()?.data.metrics;
  }

  private chosen(): string | undefined {
    const valid = [...this.columns.values()].flatMap(({ about }) => (about.kind === 'metric' ? [about.name] : []));
    const record = this.recordOf();
    if (!record || valid.length === 0) return undefined;
    return selectionOf(record, Object.fromEntries(valid.map((name) => [name, 0])));
  }

  private lengthText(): string | undefined {
    const { left, epochs } = this;
    return left === 0 ? undefined : `has ${left + epochs.length} epochs, of which the first ${epochs.length} are drawn`;
  }

  private forget(): void {
    this.generation = newGeneration();
    this.epochs = [];
    this.columns = new Map();
    this.stages = new Map();
    [this.best, this.damaged, this.left] = [undefined, 0, 0];
  }

  private add(line: string): void {
    const read = epochIn(line);
    if (!read) {
      this.damaged++;
      return;
    }
    if ((this.columns.size + 1) * this.epochs.length >= (this.options.most ?? mostNumbers)) {
      this.left++;
      return;
    }
    const place = this.epochs.push(read.epoch) - 1;
    if (read.isBest) this.best = read.epoch;
    if (read.stage !== undefined) this.stages.set(read.stage, read.epoch);
    for (const [kind, values] of columnsOf(read))
      for (const [name, value] of Object.entries(values)) this.columnOf(kind, name).set(place, value);
  }

  private columnOf(kind: Kind, name: string): Column {
    const key = `${kind}:${name}`;
    const column = this.columns.get(key) ?? new Column(aboutColumn(kind, name, this.metrics));
    this.columns.set(key, column);
    return column;
  }
}

const newGeneration = (): string => randomBytes(4).toString('hex');

const columnsOf = ({ losses, valid, diagnostics, learningRate }: EpochLine): readonly (readonly [Kind, Tree])[] => [
  ['loss', losses],
  ['metric', valid],
  ['rate', { learning_rate: learningRate }],
  ['diagnostic', diagnostics],
];

function aboutColumn(kind: Kind, name: string, metrics: MetricKind | undefined): Omit<SeriesColumn, 'values'> {
  switch (kind) {
    case 'loss':
      return { kind, name, label: lossNames[name] ?? name };
    case 'metric': {
      const { label, better } = aboutMetric(metrics, name);
      return { kind, name, label, better };
    }
    case 'rate':
      return { kind, name, label: 'learning rate' };
    case 'diagnostic':
      return { kind, name, label: name };
  }
}

/** The values of a curve, NaN where there is none. */
class Column {
  private values = new Float64Array(64).fill(NaN);

  constructor(readonly about: Omit<SeriesColumn, 'values'>) {}

  set(place: number, value: unknown): void {
    if (place >= this.values.length) {
      const longer = new Float64Array(2 * (place + 1)).fill(NaN);
      longer.set(this.values);
      this.values = longer;
    }
    this.values[place] = typeof value === 'number' ? value : NaN;
  }

  at(place: number): number | null {
    const value = this.values[place] ?? NaN;
    return Number.isFinite(value) ? value : null;
  }

  /** Six digits, which is more than a screen shows. */
  since(from: number, to: number): SeriesColumn {
    const values = Array.from({ length: to - from }, (_, i) => {
      const value = this.at(from + i);
      return value === null ? null : Number(value.toPrecision(6));
    });
    return { ...this.about, values };
  }
}
