/** Reads what a description names from its files: modalities, labels, ids, groups and splits, a row per sample. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { NdArray } from '../../formats/bytes/array.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { columnsNamed, isPattern } from '../columns/names.ts';
import { type ColumnEncoding, columnOf } from '../columns/numbers.ts';
import type { ColumnType } from '../columns/types.ts';
import type { ColumnEncodings, Split } from '../dataset.ts';
import type { OpenFiles } from '../datasets/open-files.ts';
import { padded } from '../tables/splits.ts';
import { type Columns, lengthKey, rowCount } from '../tables/table.ts';
import type { Piece } from './join.ts';
import type { Description } from './schema.ts';
import { evenRows, isFlat, labelsOf, typesOf } from './side-by-side.ts';
import {
  arraysAt,
  holds,
  idMark,
  idsIn,
  idTexts,
  lookUp,
  openTable,
  samplesByKey,
  splitMark,
  type Table,
} from './tables.ts';

/** What columns hold, or how they were made numbers before; undefined where there is an array. */
export type ColumnTypes = ReadonlyMap<string, ColumnType> | readonly ColumnEncoding[] | undefined;

export interface ReaderOptions {
  /** The path of the description. */
  readonly file: string;
  readonly files: OpenFiles;
  readonly split: Split | undefined;
  /** How columns were made numbers before. */
  readonly columns: ColumnEncodings | undefined;
  /** Whether samples may be new ones: labels, groups and splits may then be missing from files. */
  readonly isNew: boolean;
}

/** A piece of the join with what it holds: an array and its lengths, or columns that are yet to be made an array of. */
export interface Found {
  readonly piece: Piece;
  readonly columns: Columns;
  readonly types?: ColumnTypes;
}

/** The column of groups that fractions keep together; no modality is called so, since it has a space. */
export const splitGroup = 'split group';

export class Reader {
  readonly #description: Description;
  readonly #options: ReaderOptions;
  readonly #tables = new Map<string, Table>();
  readonly #ids = new Map<Table, readonly string[] | undefined>();
  readonly #used = new Map<string, Set<string>>();
  readonly #notes: string[] = [];
  #labelNames: readonly string[] | undefined;
  /** The column of ids in files that do not say another. */
  readonly #idKey: string;

  constructor(description: Description, options: ReaderOptions) {
    this.#description = description;
    this.#options = options;
    const { id } = description;
    this.#idKey = (typeof id === 'object' ? id.key : id) ?? 'id';
  }

  /** What is to be told of what was read. */
  get notes(): readonly string[] {
    return this.#notes;
  }

  /** The columns of several labels that were read. */
  get labelNames(): readonly string[] | undefined {
    return this.#labelNames;
  }

  pathOf(name: string): string {
    return path.resolve(path.dirname(this.#options.file), this.#shownOf(name));
  }

  async modality(
    name: string,
    { file, key, types, lengths, paths, id }: Description['modalities'][string],
  ): Promise<Found> {
    const table = await this.#open(file);
    const known = this.#options.columns?.[name];
    const piece = { name, file: table.file, shown: table.shown, isModality: true, isOfSplit: table.isOfSplit };
    if (key === idMark) {
      const { ids, column } = samplesByKey(table);
      this.#use(table, idMark);
      const columns = padded(new Map([[name, column]]));
      return { piece: { ...piece, ids, rows: ids.length }, columns };
    }
    const ids = this.#idsOf(table, id);
    const single =
      Array.isArray(key) || (key !== undefined && isMeantAsPattern(key, table)) ? undefined : this.#column(table, key);
    if (known || types || single === undefined || (!paths && isFlat(single))) {
      const names = known?.map(columnOf) ?? this.#withoutLabel(this.#columnsOf(table, key), table, name);
      const columns = new Map(names.map((each) => [each, this.#column(table, each)] as const));
      const rows = evenRows(columns, table.file);
      this.#checkIds(table, name, { ids, rows });
      return {
        piece: { ...piece, ids, rows },
        columns,
        types: known ?? typesOf(names, this.#typesWithoutLabel(types, table), table.file),
      };
    }
    const column = paths ? await arraysAt(single, table) : single;
    const rows = rowCount(column);
    if (rows === undefined)
      throw new FormatError(this.#options.file, `${quoted(name)} is no array or list with a row per sample.`);
    this.#checkIds(table, name, { ids, rows });
    const own = new Map<string, unknown>([[name, column]]);
    if (lengths !== undefined) own.set(lengthKey(name), this.#column(table, lengths));
    return { piece: { ...piece, ids, rows }, columns: padded(own) };
  }

  /**
   * Labels, ids, groups and splits, where they are named. New samples may lack the file of ids, which may be that of labels,
   * where all `modalities` have ids of their own.
   */
  async others(modalities: readonly Found[]): Promise<Found[]> {
    const { labels, id, group, split } = this.#description;
    const columns = {
      labels,
      id: typeof id === 'object' ? id : undefined,
      group,
      split: split && 'file' in split ? split : undefined,
      [splitGroup]: split && 'group' in split ? split.group : undefined,
    };
    const found: Found[] = [];
    for (const [name, named] of Object.entries(columns)) {
      if (!named) continue;
      const mayMiss = this.#options.isNew && name !== 'id';
      const mayLackFile = mayMiss || (this.#options.isNew && modalities.every(({ piece }) => piece.ids));
      if (mayLackFile && !existsSync(this.pathOf(named.file))) continue;
      const table = await this.#open(named.file);
      const isThere = Array.isArray(named.key)
        ? this.#labelKeys(table).length > 0
        : named.key === undefined || holds(table, named.key);
      if (mayMiss && !isThere) continue;
      const column = Array.isArray(named.key) ? this.#labels(table) : this.#column(table, named.key);
      const rows = rowCount(column);
      if (rows === undefined)
        throw new FormatError(this.#options.file, `${quoted(name)} is no array or list with a row per sample.`);
      const ids = name === 'id' ? idTexts(column) : this.#idsOf(table, named.id);
      this.#checkIds(table, name, { ids, rows });
      const piece = { name, file: table.file, shown: table.shown, isModality: false, isOfSplit: table.isOfSplit };
      found.push({ piece: { ...piece, ids, rows }, columns: new Map<string, unknown>([[name, column]]) });
    }
    return found;
  }

  /** Several labels side by side. */
  #labels(table: Table): NdArray {
    const names = this.#labelKeys(table);
    this.#labelNames = names;
    return labelsOf(
      new Map(names.map((name) => [name, this.#column(table, name)])),
      table.file,
      this.#idsOf(table, this.#description.labels!.id),
    );
  }

  /** Columns with a row per sample that the description does not name. */
  unused(): string[] {
    const tables = [...this.#tables.values()];
    return tables.flatMap(({ value, file, shown }) => {
      if (!(value instanceof Map) || this.#used.get(file)?.has(idMark)) return [];
      const names = [...(value as Map<unknown, unknown>)].flatMap(([name, column]) =>
        (rowCount(column) ?? 0) > 1 && !this.#used.get(file)?.has(String(name)) ? [String(name)] : [],
      );
      return tables.length > 1 ? names.map((name) => `${name} of ${shown}`) : names;
    });
  }

  async #open(name: string): Promise<Table> {
    const { file, files, split } = this.#options;
    const known = this.#tables.get(name);
    if (known) return known;
    const table = await openTable(name, {
      folder: path.dirname(file),
      files,
      split,
      headers: this.#description.columns,
    });
    this.#tables.set(name, table);
    return table;
  }

  #column(table: Table, key: string | undefined): unknown {
    if (key !== undefined) this.#use(table, key);
    return lookUp(table, key);
  }

  #use({ file }: Table, key: string): void {
    const used = this.#used.get(file) ?? new Set();
    this.#used.set(file, used.add(key).add(key.split('/')[0]!));
  }

  #idsOf(table: Table, own: string | undefined): readonly string[] | undefined {
    this.#use(table, own ?? this.#idKey);
    if (own !== undefined) return idTexts(lookUp(table, own));
    if (!this.#ids.has(table)) this.#ids.set(table, idsIn(table, this.#idKey));
    return this.#ids.get(table);
  }

  #checkIds(
    { file }: Table,
    name: string,
    { ids, rows }: { readonly ids: readonly string[] | undefined; readonly rows: number },
  ): void {
    if (ids && ids.length !== rows)
      throw new FormatError(file, `has ${ids.length} ids and ${rows} rows of ${quoted(name)}; they must match.`);
  }

  /** Columns of features: one that the labels are in would tell a model what it is to learn. */
  #withoutLabel(names: readonly string[], table: Table, modality: string): readonly string[] {
    const labels = new Set(this.#labelKeys(table));
    const others = names.filter((name) => !labels.has(name));
    if (others.length === names.length) return names;
    const [label, ...more] = names.filter((name) => labels.has(name)).map(quoted) as [string, ...string[]];
    const shown = more.length > 0 ? `labels ${[label, ...more].join(', ')}` : `label ${label}`;
    if (others.length === 0)
      throw new FormatError(this.#options.file, `${quoted(modality)} is made of the ${shown} alone.`);
    this.#notes.push(
      more.length > 0
        ? `${[label, ...more].join(', ')} are labels, and are left out of ${quoted(modality)}.`
        : `${label} is the label, and is left out of ${quoted(modality)}.`,
    );
    return others;
  }

  #typesWithoutLabel(types: Description['modalities'][string]['types'], table: Table): typeof types {
    const labels = this.#labelKeys(table);
    return types && Object.fromEntries(Object.entries(types).filter(([name]) => !labels.includes(name)));
  }

  /** The columns of a table that hold labels; none where one of several is not there, and need not be. */
  #labelKeys(table: Table): readonly string[] {
    const { labels } = this.#description;
    if (labels?.key === undefined || this.#shownOf(labels.file) !== table.shown) return [];
    if (!Array.isArray(labels.key)) return [labels.key];
    try {
      return this.#columnsOf(table, labels.key, this.#reservedBesideLabels(table));
    } catch (error) {
      if (this.#options.isNew) return [];
      throw error;
    }
  }

  #shownOf(name: string): string {
    return name.replaceAll(splitMark, this.#options.split ?? splitMark);
  }

  /** The columns that a key or keys mean. Patterns do not mean columns that something else is made of. */
  #columnsOf(
    table: Table,
    key: string | readonly string[] | undefined,
    reserved = this.#reserved(table),
  ): readonly string[] {
    const { value, file } = table;
    if (!(value instanceof Map))
      throw new FormatError(file, 'holds one array and no columns, which "key" and "types" name.');
    const names = [...(value as Map<unknown, unknown>).keys()].map(String);
    try {
      return columnsNamed(key === undefined ? names : [key].flat(), { names, reserved });
    } catch (error) {
      throw new FormatError(file, (error as Error).message, { cause: error });
    }
  }

  #reserved(table: Table): ReadonlySet<string> {
    return new Set([...this.#reservedBesideLabels(table), ...this.#labelKeys(table)]);
  }

  #reservedBesideLabels({ shown }: Table): ReadonlySet<string> {
    const { labels, id, group, split, modalities } = this.#description;
    const columns = [labels && { ...labels, key: undefined }, typeof id === 'object' ? id : undefined, group];
    if (split) columns.push('file' in split ? split : split.group);
    const isHere = (name: string): boolean => this.#shownOf(name) === shown;
    const keys = columns.flatMap((column) => (column && isHere(column.file) ? [column.key, column.id] : []));
    const lengths = Object.values(modalities).flatMap((each) => (isHere(each.file) ? [each.lengths, each.id] : []));
    return new Set([this.#idKey, ...keys, ...lengths].flatMap((name) => name ?? []));
  }
}

const isMeantAsPattern = (key: string, { value }: Table): boolean =>
  isPattern(key) && value instanceof Map && !value.has(key);
