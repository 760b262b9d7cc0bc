import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { taskKinds } from '../../data/dataset.ts';
import { dataFileOf } from '../../data/datasets/file-of.ts';
import { datasetKindOf } from '../../data/datasets/kinds.ts';
import { isMade } from '../../data/datasets/made.ts';
import { writableEndings } from '../../formats/formats.ts';
import { FormatError } from '../../files/error.ts';
import { openFile } from '../../formats/open.ts';
import { writeFile } from '../../formats/write.ts';
import { type FloatType, floatTypes } from '../../formats/writing/numbers.ts';
import { command } from '../command.ts';
import { type Converted, convertToPacked, isPackedName, type PackedChoice } from './packed.ts';
import { interruptible } from '../interruption.ts';
import { madeOption, madeOptionsOf } from '../options/made.ts';
import { list } from '../options/parse.ts';
import { shared } from '../options/shared.ts';
import { UsageError } from '../usage-error.ts';

export const convertCommand = command('convert', {
  summary: 'write a data file in another format',
  example: 'decalign convert mosi.pkl mosi.npz',
  description:
    `SRC is a data file of any format that is read; the ending of DST says what to write: ${writableEndings.join(', ')}. ` +
    'Without an ending, DST is a folder for the packed form of a dataset, of which training reads samples where they are. ' +
    'Arrays pass through in pieces, so a file may be larger than memory, and DST is there as a whole or not at all.',
  arguments: [
    ['<src>', 'data file, or the folder of a published one; for the packed form also a dataset.yaml'],
    ['<dst>', 'file to write, or a new folder'],
  ],
  options: [
    { flag: '--dtype <type>', help: 'what floating arrays become (default: what they are)', choices: floatTypes },
    { flag: '--task <kind>', help: 'packed: what the labels are', choices: taskKinds },
    { ...shared.preset, help: `packed: ${shared.preset.help}` },
    { flag: '--group <column>', help: 'packed: the column of what belongs together, for --folds' },
    { flag: '--modalities <names>', help: 'packed: which modalities, as in text,audio', parse: list },
    madeOption,
    { ...shared.force, help: 'replace DST where it exists' },
    shared.json,
  ],
  action: async (named, file, { dtype, force, json, set, ...chosen }) => {
    const made = madeOptionsOf(named, set);
    const source = statSync(named, { throwIfNoEntry: false })?.isDirectory() ? await dataFileOf(named) : named;
    const packed = isPackedName(file);
    if (packed) checkPacked({ dtype, force });
    else checkCall(source, file, { force, ...chosen });
    const done = await interruptible(
      (signal) =>
        packed
          ? convertToPacked(source, file, { ...chosen, ...made, signal })
          : convert(source, file, { dtype, signal }),
      { stopped: 'Interrupted; nothing was written.' },
    );
    if (done === undefined) return;
    const { written, notes } = done;
    const { format, arrays, bytes, leftOut } = written;
    for (const note of notes) process.stderr.write(`${note}\n`);
    if (json) {
      process.stdout.write(`${JSON.stringify({ source, file, format, arrays, bytes, left_out: leftOut })}\n`);
      return;
    }
    const count = arrays === 1 ? '1 array' : `${arrays} arrays`;
    process.stdout.write(`Wrote ${file}: ${format}, ${count}, ${bytes.toLocaleString('en')} bytes\n`);
  },
});

/** Refuses options that do not go with the packed form. */
function checkPacked({ dtype, force }: Record<'dtype' | 'force', unknown>): void {
  if (dtype !== undefined) throw new UsageError('The packed form holds float32, as models take it; leave out --dtype.');
  if (force) throw new UsageError('A folder is not replaced: remove it first, or name a new one.');
}

/** Refuses calls that cannot be carried out on a file that is not packed. */
function checkCall(
  source: string,
  file: string,
  { force = false, ...choice }: PackedChoice & { readonly force: boolean | undefined },
): void {
  const option = (['task', 'group', 'modalities', 'preset'] as const).find((name) => choice[name] !== undefined);
  if (option !== undefined)
    throw new UsageError(`--${option} goes with the packed form: name a folder in the place of ${file}.`);
  if (isMade(source))
    throw new UsageError(`${source} is made and no file; name a folder in the place of ${file}, for the packed form.`);
  if (datasetKindOf(source) !== undefined)
    throw new UsageError(
      `${source} describes a dataset in several files; name one of them, or a folder in the place of ${file}.`,
    );
  const ending = path.extname(file).toLowerCase();
  if (!writableEndings.includes(ending))
    throw new UsageError(
      `${file} ends in ${ending}, and the ending says what to write: ${writableEndings.join(', ')}; a folder has none.`,
    );
  const [from, to] = [source, file].map((name) => statSync(name, { bigint: true, throwIfNoEntry: false }));
  if (from && to && from.ino === to.ino && from.dev === to.dev)
    throw new UsageError(`${file} is ${source} itself; name another file.`);
  if (!force && existsSync(file)) throw new Error(`${file} exists; add --force to replace it.`);
}

interface ConvertOptions {
  readonly dtype: FloatType | undefined;
  readonly signal: AbortSignal;
}

async function convert(source: string, file: string, options: ConvertOptions): Promise<Converted> {
  const { signal } = options;
  const opened = await openFile(source, { signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw error;
  });
  const { value, metadata = {}, notes: told = [], close } = opened;
  try {
    if (value instanceof Map && value.size === 0) throw new FormatError(source, 'holds nothing to write.');
    const { skipped, ...others } = metadata;
    // "created by" names the program that wrote the source, which did not write the new file.
    const texts = Object.fromEntries(Object.entries(others).filter(([key]) => key !== 'created by'));
    const written = await writeFile(file, value, { ...options, metadata: texts });
    const { leftOut, keptMetadata } = written;
    const notes = [
      ...told.map((note) => `${source}: ${note}`),
      ...(skipped === undefined ? [] : [`Not read from ${source}: ${skipped}.`]),
      ...(leftOut.length === 0 ? [] : [`Left out, as ${written.format} has no place for it: ${leftOut.join(', ')}.`]),
      ...(keptMetadata || Object.keys(texts).length === 0
        ? []
        : [`What ${source} says of itself is not kept: ${Object.keys(texts).join(', ')}.`]),
    ];
    return { written, notes };
  } catch (error) {
    // Reading that was ended says that the file is closed.
    signal.throwIfAborted();
    throw error;
  } finally {
    await close();
  }
}
