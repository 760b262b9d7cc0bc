/** A dataset of one's own, put together from files as its description says. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { NdArray } from '../../formats/bytes/array.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { listed } from '../columns/names.ts';
import {
  type ColumnEncodings,
  splits as allSplits,
  type Dataset,
  type ModalitySources,
  type Split,
  type Task,
} from '../dataset.ts';
import type { OpenFiles } from '../datasets/open-files.ts';
import { datasetOf, type TableOptions } from '../tables/dataset.ts';
import { pickRowsOf } from '../tables/splits.ts';
import { absentKey, type Columns, rowCount } from '../tables/table.ts';
import { areBinary, classNames, missingLabels, withIndices } from './classes.ts';
import { divided, type DividedPart, type SplitRows } from './divide.ts';
import { encodingsOf, modalityColumns, rawText } from './modality-columns.ts';
import { isWhole, type Part, partOf } from './part.ts';
import { describesSeveral, type Description, readDescription } from './schema.ts';
import { idMark, splitMark, splitsInside } from './tables.ts';

/** The dataset that a `dataset.yaml` describes. Throws a `FormatError` that names the file and the key. */
export async function readDescribed(file: string, files: OpenFiles, options: TableOptions): Promise<Dataset> {
  const description = readDescription(file);
  const described = Object.keys(description.modalities);
  const isKnown = (name: string): boolean =>
    described.includes(name) || (name === 'text' && options.tokens !== undefined);
  const unknown = options.ifAny ? undefined : options.modalities?.find((name) => !isKnown(name));
  if (unknown !== undefined)
    throw new FormatError(
      file,
      `describes no modality ${quoted(unknown)}; it has ${described.map(quoted).join(', ')}.`,
    );
  const { unsplit, fractions, groupsByIds, requireLabels = true } = options;
  const splits = await splitsNamed(description, files, file);
  const notes = new Set<string>();
  const parts: DividedPart[] = [];
  // What training reads of them.
  const trained: DividedPart[] = [];
  for (const split of splits) {
    const part = await partOf(description, { file, files, split, columns: options.columns, isNew: Boolean(unsplit) });
    const { rows, notes: own } = divided(part, { description, file, unsplit, fractions, groupsByIds });
    for (const note of [...part.notes, ...own]) notes.add(splits.length > 1 ? `${split!}: ${note}` : note);
    const labelled = withLabels(part, rows, file, {
      ...{ required: requireLabels, isNew: Boolean(unsplit), several: describesSeveral(description) },
    });
    if (labelled.note !== undefined) notes.add(splits.length > 1 ? `${split!}: ${labelled.note}` : labelled.note);
    parts.push({ part, rows: requireLabels ? labelled.rows : rows });
    trained.push({ part, rows: labelled.rows });
  }
  const encodings = encodingsOf(trained, options.columns, file);
  const { tables, names, sentences } = tablesOf(parts, { description, encodings, options, file, notes });
  const { range, metrics, name = path.basename(path.dirname(path.resolve(file))) } = description;
  const task = taskOf(description, parts);
  if (options.task !== undefined && options.task !== task)
    notes.add(`${path.basename(file)} describes labels of the task ${task}: the task ${options.task} is not used.`);
  const labelNames = description.labels?.names ?? parts.find(({ part }) => part.labelNames)?.part.labelNames;
  const classes = classesOf(description, parts);
  const idKeys = idKeysOf(description);
  const group = options.group ?? (options.groupIfAny && description.group ? 'group' : undefined);
  return {
    ...(await datasetOf(tables, {
      modalities: names,
      ...options,
      ...{
        columns: {},
        sources: {},
        file,
        task,
        described: true,
        labelKey: 'labels',
        groupIfAny: false,
        notes: [...notes],
        idKeys: [],
      },
      ...(unsplit && parts.every(({ part, rows }) => rows.get('test')?.length === part.count) && { unnamed: 'row' }),
      unused: [...new Set(parts.flatMap(({ part }) => part.unused))],
      ...(group !== undefined && { group }),
      known: {
        name,
        metrics: metrics ?? task,
        ...(range && { range }),
        ...(classes && { classes }),
        ...(labelNames && { names: labelNames }),
      },
    })),
    ...(Object.keys(encodings).length > 0 && { columns: encodings }),
    sources: { ...sourcesOf(description), ...(sentences.length > 0 && { text: { texts: sentences } }) },
    ...(idKeys.length > 0 && { idKeys }),
  };
}

/** Where each modality is, in the words of the description. */
function sourcesOf({ modalities, id }: Description): ModalitySources {
  const ids = typeof id === 'object' ? id.key : id;
  const sources = Object.entries(modalities).map(([name, { file, key, lengths, id: own = ids }]) => [
    name,
    {
      file,
      ...(typeof key === 'string' && key !== idMark && { key }),
      ...(own !== undefined && { id: own }),
      ...(lengths !== undefined && { lengths }),
    },
  ]);
  return Object.fromEntries(sources) as ModalitySources;
}

/** What files call their ids, where that is not `id`. */
function idKeysOf({ id, modalities }: Description): readonly string[] {
  const names = [typeof id === 'object' ? id.key : id, ...Object.values(modalities).map((each) => each.id)];
  return [...new Set(names)].filter((name) => name !== undefined).filter((name) => name !== 'id');
}

/** The splits that are in files of their own, or in dicts of splits; one undefined where samples are yet to be divided. */
async function splitsNamed(
  { modalities, split, columns: headers }: Description,
  files: OpenFiles,
  file: string,
): Promise<readonly (Split | undefined)[]> {
  const names = Object.values(modalities).map((modality) => modality.file);
  const folder = path.dirname(file);
  if (names.some((name) => name.includes(splitMark))) {
    if (split) throw new FormatError(file, `names a split, and its file names hold ${splitMark}; keep one.`);
    const isThere = (name: string, one: Split): boolean => {
      const own = path.resolve(folder, name.replaceAll(splitMark, one));
      return existsSync(own.includes('{id}') ? path.dirname(own) : own);
    };
    const present = allSplits.filter((one) => names.every((name) => isThere(name, one)));
    if (present.length > 0) return present;
    throw new FormatError(file, `names files by ${splitMark}, and there are none for train, valid or test.`);
  }
  if (split) return [undefined];
  const inside = await Promise.all(names.map((name) => splitsInside(name, { folder, files, headers })));
  const nested = inside.filter((own) => own.length > 0);
  const common = allSplits.filter((one) => nested.every((own) => own.includes(one)));
  return nested.length > 0 && common.length > 0 ? common : [undefined];
}

/**
 * The rows that have a label, where the description says where labels are, and how many do not. All of them where labels are
 * not `required` and a split has none; of new samples nothing is said then.
 */
function withLabels(
  { labels, ids, count }: Part,
  rows: SplitRows,
  file: string,
  { required, isNew, several }: { readonly required: boolean; readonly isNew: boolean; readonly several: boolean },
): { readonly rows: SplitRows; readonly note?: string } {
  if (labels === undefined) return { rows };
  const missing = missingLabels(labels, { several });
  const lacking = [...rows.values()].flat().filter((n) => missing[n]);
  if (lacking.length === 0) return { rows };
  const kept = [...rows].map(([each, own]) => [each, own.filter((n) => !missing[n])] as const);
  const empty = kept.find(([, own]) => own.length === 0);
  if (empty && required) throw new FormatError(file, `split "${empty[0]}" has no sample with a label.`);
  if (empty) return { rows };
  const shown = lacking.sort((a, b) => a - b).map((n) => ids?.[n] ?? `row ${n}`);
  const becomes = required ? 'left out' : 'training leaves them out';
  return {
    rows: new Map(kept),
    ...((required || !isNew) && {
      note: `${lacking.length} of ${count} samples have no label (${listed(shown, 3)}): ${becomes}.`,
    }),
  };
}

/** The task of the description, else what several labels look like. */
const taskOf = ({ task }: Description, parts: readonly DividedPart[]): Task['kind'] =>
  task ?? (parts.every(({ part }) => areBinary(part.labels)) ? 'multilabel' : 'multitarget');

/** Names of classes: those of the description, else the different texts of the labels. */
const classesOf = ({ task, classes }: Description, parts: readonly DividedPart[]): readonly string[] | undefined =>
  task === 'classification' ? (classes ?? classNames(parts.map(({ part }) => part.labels))) : undefined;

interface Making {
  readonly description: Description;
  readonly encodings: ColumnEncodings;
  readonly options: TableOptions;
  readonly file: string;
  /** Takes what there is to tell. */
  readonly notes: Set<string>;
}

/** The columns of each split, and which of them are modalities. */
function tablesOf(
  parts: readonly DividedPart[],
  { description, encodings, options, file, notes }: Making,
): {
  readonly tables: ReadonlyMap<Split, Columns>;
  readonly names: readonly string[];
  /** The columns of sentences that an encoder reads. */
  readonly sentences: readonly string[];
} {
  const classes = classesOf(description, parts);
  const tables = new Map<Split, Columns>();
  const names = new Set<string>();
  const fromSentences = options.tokens?.from === 'raw_text';
  for (const { part, rows } of parts) {
    const whole = part.modalities.map((modality) => ({ modality, columns: modalityColumns(modality, encodings) }));
    for (const { modality, columns } of whole) if (columns.size > 0) names.add(modality.name);
    const sentences = rawText(part);
    if (sentences && fromSentences) names.add('text');
    if (sentences && !fromSentences)
      notes.add(
        `${sentences.columns.map(quoted).join(', ')}: text, left out as no encoder of text reads it (data.text=tokens, text.bert.from=raw_text, text.bert.path).`,
      );
    const labels = part.labels !== undefined && classes ? withIndices(part.labels, classes, file) : part.labels;
    for (const [split, own] of rows) {
      const table = new Map<string, unknown>();
      const add = (name: string, column: unknown): void => {
        if (column !== undefined) table.set(name, picked(column, own));
      };
      for (const { modality, columns } of whole) {
        const inFile = own.map((n) => modality.rows[n]!);
        for (const [name, column] of columns) table.set(name, picked(column, inFile));
        if (columns.size > 0 && inFile.some((row) => row < 0)) table.set(absentKey(modality.name), absences(inFile));
      }
      if (sentences && fromSentences) add('raw_text', sentences.texts);
      add('labels', labels);
      add('id', part.ids);
      add('group', part.group);
      tables.set(split, table);
    }
  }
  const sentences = fromSentences ? (rawText(parts[0]!.part)?.columns ?? []) : [];
  return { tables, names: [...names], sentences };
}

const absences = (rows: readonly number[]): NdArray =>
  new NdArray(
    [rows.length],
    'bool',
    Uint8Array.from(rows, (row) => (row < 0 ? 1 : 0)),
  );

/** Some rows of a column; the column itself where they are all. */
const picked = (column: unknown, rows: readonly number[]): unknown =>
  isWhole(rows, rowCount(column) ?? -1) ? column : pickRowsOf(column, rows);
