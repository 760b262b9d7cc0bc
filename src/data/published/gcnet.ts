/**
 * Utterance features as GCNet distributes them: a pickle of labels and dialogues, and beside it `features/NAME/`, with a
 * file `UTTERANCE.npy` for each utterance, or a folder `UTTERANCE/` with files for what the cameras saw of either speaker.
 */
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Split } from '../dataset.ts';
import { isNumericData, NdArray, toFloat32 } from '../../formats/bytes/array.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { openFile } from '../../formats/open.ts';
import { type Columns, numeric, texts } from '../tables/table.ts';
import type { Known } from '../tables/known.ts';

/** The names that GCNet gives to the features it distributes; any other folder is a modality of its own name. */
const modalityOf: Readonly<Record<string, string>> = {
  'deberta-large-4-UTT': 'text',
  'wav2vec-large-c-UTT': 'audio',
  manet_UTT: 'vision',
};

/** The classes of labels 0 to 3 in a file of four classes, which is IEMOCAP's; happy includes excited. */
const fourClasses = ['happy', 'sad', 'neutral', 'angry'] as const;

interface Utterance {
  readonly id: string;
  readonly dialogue: string;
  readonly label: number;
  readonly speaker: string;
  readonly text: string;
}

type Dict = ReadonlyMap<unknown, unknown>;
const isDict = (value: unknown): value is Dict => value instanceof Map;
const isNames = (value: unknown): value is ReadonlySet<unknown> => value instanceof Set;

/** Whether a pickle is laid out as GCNet's `*_features_raw_*way.pkl`: four dicts by dialogue, then sets of dialogues. */
export const isGcnet = (value: unknown): value is readonly unknown[] =>
  Array.isArray(value) &&
  (value.length === 6 || value.length === 7) &&
  value.slice(0, 4).every(isDict) &&
  value.slice(4).every(isNames);

/**
 * The splits of the utterances, with a vector per modality and utterance. IEMOCAP's fourth session is for validation and
 * its fifth for testing; CMU-MOSI and CMU-MOSEI have splits of their own. `known` names the classes where there are four.
 */
export async function readGcnet(
  value: readonly unknown[],
  file: string,
): Promise<{ readonly splits: ReadonlyMap<Split, Columns>; readonly known?: Known }> {
  const bySplit = utterancesBySplit(value, file);
  const all = [...bySplit.values()].flat();
  const folder = join(dirname(file), 'features');
  const names = await folders(folder);
  if (names.length === 0)
    throw new FormatError(file, `needs its features beside it: no folder of them in ${quoted(folder)}.`);
  const whole = all.every(({ label }) => Number.isInteger(label) && label >= 0);
  const count = new Set(all.map(({ label }) => label)).size;
  const splits = new Map<Split, Columns>();
  for (const [split, utterances] of bySplit) {
    const columns = new Map<string, unknown>();
    for (const name of names) columns.set(modalityOf[name] ?? name, await featuresIn(join(folder, name), utterances));
    const labels = Float32Array.from(utterances, ({ label }) => label);
    columns.set(whole ? 'classification_labels' : 'regression_labels', new NdArray([labels.length], 'float32', labels));
    for (const key of ['id', 'dialogue', 'speaker'] as const)
      columns.set(
        key,
        utterances.map((each) => each[key]),
      );
    columns.set(
      'session',
      utterances.map(({ id }) => sessionOf(id) ?? ''),
    );
    columns.set(
      'raw_text',
      utterances.map(({ text }) => text),
    );
    splits.set(split, columns);
  }
  const known = { name: 'iemocap', metrics: 'classification', classes: fourClasses } as const;
  return { splits, ...(whole && count === fourClasses.length && { known }) };
}

/** IEMOCAP's names begin with the session, as in `Ses05F_impro01`. */
const sessionOf = (name: string): string | undefined => /^Ses0\d/.exec(name)?.[0];

const validationSession = 'Ses04';

function utterancesBySplit(value: readonly unknown[], file: string): ReadonlyMap<Split, readonly Utterance[]> {
  const [ids, labels, speakers, sentences, ...parts] = value as readonly [
    Dict,
    Dict,
    Dict,
    Dict,
    ...ReadonlySet<unknown>[],
  ];
  const dialogues = parts.map((part) => [...part].map(String).sort());
  const [train, test] = [dialogues[0]!, dialogues.at(-1)!];
  const valid = dialogues.length === 3 ? dialogues[1]! : train.filter((name) => sessionOf(name) === validationSession);
  if (valid.length === 0)
    throw new FormatError(file, `names no dialogues to validate on, nor any of ${validationSession}.`);
  const utterancesOf = (dialogue: string): Utterance[] => {
    const [own, values, who, said] = [ids, labels, speakers, sentences].map((dict) => dict.get(dialogue));
    const [names, spoken, words] = [texts(own), texts(who), texts(said)];
    const numbers = numeric(values)?.data;
    if (!names || names.length === 0 || !numbers || numbers.length !== names.length || spoken?.length !== names.length)
      throw new FormatError(file, `dialogue ${quoted(dialogue)} has no label and speaker for each of its utterances.`);
    return names.map((id, n) => ({
      ...{ id, dialogue, label: Number(numbers[n]!) },
      ...{ speaker: spoken[n]!, text: words?.[n] ?? '' },
    }));
  };
  const validated = new Set(valid);
  return new Map([
    ['train', train.filter((name) => !validated.has(name)).flatMap(utterancesOf)],
    ['valid', valid.flatMap(utterancesOf)],
    ['test', test.flatMap(utterancesOf)],
  ]);
}

async function folders(folder: string): Promise<string[]> {
  const found = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return found
    .filter((each) => each.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/** A vector per utterance, `[N, D]`, from the files in the folder of a modality; zeros where a speaker was not seen. */
async function featuresIn(folder: string, utterances: readonly Utterance[]): Promise<NdArray> {
  const present = new Set(await readdir(folder));
  const rows: (Float32Array | undefined)[] = [];
  for (const { id, speaker } of utterances) {
    if (/[/\\]/.test(id)) throw new FormatError(folder, `can have no utterance by the name ${quoted(id)}.`);
    if (present.has(`${id}.npy`)) rows.push(await vectorIn(join(folder, `${id}.npy`)));
    else if (present.has(id)) rows.push(await vectorOfSpeaker(join(folder, id), speaker));
    else throw new FormatError(folder, `has neither ${quoted(`${id}.npy`)} nor a folder ${quoted(id)}.`);
  }
  const width = rows.find((row) => row !== undefined)?.length ?? 0;
  const data = new Float32Array(rows.length * width);
  for (const [n, row] of rows.entries()) {
    if (row !== undefined && row.length !== width)
      throw new FormatError(
        folder,
        `has ${row.length} features of ${quoted(utterances[n]!.id)}, and ${width} of others.`,
      );
    if (row) data.set(row, n * width);
  }
  return new NdArray([rows.length, width], 'float32', data);
}

/** The mean of the files whose name has the speaker's letter (`F` or `M`) in it; undefined where there is none. */
async function vectorOfSpeaker(folder: string, speaker: string): Promise<Float32Array | undefined> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.npy') && name.includes(speaker)).sort();
  const rows: Float32Array[] = [];
  for (const name of names) rows.push(await vectorIn(join(folder, name)));
  const [first] = rows;
  return first && meanOf(rows, first.length, folder);
}

/** The features in a `.npy` file as one vector `[D]`: the mean over time where it has time steps. */
async function vectorIn(file: string): Promise<Float32Array> {
  const { value, close } = await openFile(file);
  try {
    const array = value instanceof NdArray ? value : undefined;
    const shape = array?.shape.filter((axis) => axis !== 1) ?? [];
    const data = array?.data;
    if (!data || !isNumericData(data) || shape.length > 2 || data.length === 0)
      throw new FormatError(file, 'holds no features [D] or [T, D].');
    const floats = toFloat32(data);
    const width = shape.at(-1) ?? 1;
    const steps = Array.from({ length: floats.length / width }, (_, t) => floats.subarray(t * width, (t + 1) * width));
    return meanOf(steps, width, file);
  } finally {
    await close();
  }
}

function meanOf(rows: readonly Float32Array[], width: number, file: string): Float32Array {
  const sums = new Float64Array(width);
  for (const row of rows) {
    if (row.length !== width) throw new FormatError(file, `has features of ${width} and of ${row.length} numbers.`);
    row.forEach((value, d) => (sums[d]! += value));
  }
  return Float32Array.from(sums, (sum) => sum / rows.length);
}
