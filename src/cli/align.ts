import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import { InvalidArgumentError } from 'commander';
import type { Split } from '../data/dataset.ts';
import { splitsByShares } from '../data/folds.ts';
import { writableEndings, writeFile } from '../formats/write.ts';
import { type Segment, type Segments, segmentsOf } from '../data/sequences/segments.ts';
import { openSequences, type Sequence } from '../data/sequences/sequence.ts';
import { readSplits, splitSegments, type Splits } from '../data/sequences/splits.ts';
import { tableOf } from '../data/sequences/table.ts';
import { command } from './command.ts';
import { interruptible } from './interruption.ts';
import { list, positive, wholeNumber } from './options.ts';
import { UsageError } from './usage-error.ts';

interface AlignOptions {
  readonly words: string;
  readonly labels: string;
  readonly modality?: readonly (readonly [name: string, file: string])[];
  readonly time: number;
  readonly labelColumn: number;
  readonly skip: readonly string[];
  readonly splits: string;
  readonly force?: boolean;
}

export const alignCommand = command('align', {
  summary: 'word-aligned samples from computational sequences of the CMU-MultimodalSDK',
  example:
    'decalign align --words CMU_MOSI_TimestampedWordVectors.csd --modality audio=CMU_MOSI_COVAREP.csd ' +
    '--labels CMU_MOSI_Opinion_Labels.csd --splits folds.json mosi.pkl',
  description:
    'Averages each modality over the time of each word, takes the words of each labelled segment as one sample, and writes a file that decalign train reads. Its ending tells the format; .pkl and .npz keep ids and texts.',
})
  .argument('<out>', 'the file to write')
  .requiredOption('--words <file>', 'sequence whose intervals are the time steps; numbers become the modality text')
  .requiredOption('--labels <file>', 'sequence whose intervals are the samples')
  .option('--modality <name=file>', 'sequence to average over each word; may be repeated', nameAndFile)
  .option('--time <n>', 'time steps of a sample at most; later words are left out', positive, 50)
  .option('--label-column <n>', 'which number of a label, from 0; of CMU-MOSEI 0 is sentiment', wholeNumber, 0)
  .option('--skip <words>', 'words that are no time steps, where words are texts, as in sp', list, [])
  .option(
    '--splits <shares|file>',
    'shares of train,valid,test with videos kept whole, or a JSON file: {"train": ["video", ...], ...}',
    '0.7,0.1,0.2',
  )
  .option('--force', 'replace OUT where it exists')
  .action(async (out: string, options: AlignOptions) => {
    if (!writableEndings.includes(extname(out).toLowerCase()))
      throw new UsageError(`${out} has no ending that says what to write: ${writableEndings.join(', ')}.`);
    if (!options.force && existsSync(out)) throw new Error(`${out} exists; add --force to replace it.`);
    const named = options.modality ?? [];
    const twice = named.find(([name], i) => named.findIndex(([other]) => other === name) < i);
    if (twice) throw new UsageError(`Two modalities have the name "${twice[0]}"; give each its own.`);
    const told = await interruptible((signal) => align(out, { ...options, named }, signal), {
      stopped: 'Interrupted; nothing was written.',
    });
    if (told === undefined) return;
    process.stdout.write(`${told.wrote}\n`);
    for (const line of told.notes) process.stderr.write(`${line}\n`);
  });

/** Writes the samples, and says what was written and what was not taken. */
async function align(
  out: string,
  options: AlignOptions & { readonly named: readonly (readonly [name: string, file: string])[] },
  signal: AbortSignal,
): Promise<{ readonly wrote: string; readonly notes: readonly string[] }> {
  const { named } = options;
  const opened = await openSequences([options.words, options.labels, ...named.map(([, file]) => file)]);
  const [words, labels, ...others] = opened as [Sequence, Sequence, ...Sequence[]];
  const modalities = new Map(named.map(([name], i) => [name, others[i]!]));
  try {
    if (modalities.size === 0 && words.kind === 'texts')
      throw new UsageError('There is no modality: the words are texts; name one with --modality audio=FILE.csd.');
    if (modalities.has('text') && words.kind === 'numbers')
      throw new UsageError('The words are numbers, and are the modality "text"; give another one another name.');
    if (options.skip.length > 0 && words.kind === 'numbers')
      throw new UsageError('--skip needs words that are texts, and these are numbers.');
    const { time, labelColumn, skip } = options;
    const found = segmentsOf({ words, labels, modalities, time, labelColumn, skip });
    const { bySplit, without } = splitSegments(found.segments, splitsOf(options.splits, found.segments));
    if (bySplit.size === 0) throw new Error(`${options.splits} names none of the ${videosIn(found)} aligned videos.`);
    const tables = new Map(
      Array.from(bySplit, ([split, segments]) => [split, tableOf(segments, { words, modalities, time })]),
    );
    const columns = new Map(Array.from(tables, ([split, table]) => [split, table.columns]));
    const { format, leftOut } = await writeFile(out, columns, { signal });
    const counts = Array.from(bySplit, ([split, segments]) => `${segments.length} ${split}`).join(', ');
    const names = [...(words.kind === 'numbers' ? ['text'] : []), ...modalities.keys()].join(', ');
    const spoiled = [...tables.values()].flatMap((table) => [...table.notFinite()]);
    return {
      wrote: `Wrote ${out} (${format}): ${counts}; ${names}`,
      notes: notes(found, { time, without, leftOut, spoiled }),
    };
  } finally {
    await Promise.all(opened.map((sequence) => sequence.close()));
  }
}

function nameAndFile(text: string, before: readonly (readonly [string, string])[] = []): (readonly [string, string])[] {
  const [, name, file] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
  if (name === undefined || file === undefined)
    throw new InvalidArgumentError('It must be a name and a file, as in audio=FILE.csd.');
  return [...before, [name, file]];
}

/** Numbers with commas are shares; anything else is a file. */
function splitsOf(request: string, segments: readonly Segment[]): Splits {
  if (!/^[\d.,\s]+$/.test(request)) return readSplits(request);
  const [train, valid, test, ...more] = request.split(',').map(Number);
  const shares = { train, valid, test };
  const all = Object.values(shares);
  if (more.length > 0 || !all.every((share) => share !== undefined && share > 0) || Math.abs(sum(all) - 1) > 1e-6)
    throw new UsageError(`--splits ${request} is no three shares of 1 for train, valid and test, as in 0.7,0.1,0.2.`);
  try {
    return splitsByShares(
      segments.map(({ id }) => id),
      segments.map(({ video }) => video),
      shares as Readonly<Record<Split, number>>,
      { seed: 0 },
    );
  } catch (error) {
    throw new Error(`The aligned data ${(error as Error).message}`, { cause: error });
  }
}

const sum = (values: readonly (number | undefined)[]): number =>
  values.reduce<number>((all, value) => all + (value ?? 0), 0);

const videosIn = ({ segments }: Segments): number => new Set(segments.map(({ video }) => video)).size;

/** What was not taken, and why. */
function notes(
  { left }: Segments,
  more: {
    readonly time: number;
    readonly without: readonly string[];
    readonly leftOut: readonly string[];
    readonly spoiled: readonly (readonly [name: string, count: number])[];
  },
): string[] {
  const told = (what: string, names: readonly string[]): string[] =>
    names.length === 0
      ? []
      : [`${what}: ${names.length} (${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''})`];
  const spoiled = new Map<string, number>();
  for (const [name, count] of more.spoiled) spoiled.set(name, (spoiled.get(name) ?? 0) + count);
  return [
    ...told('Videos left out, not in every sequence', left.videos),
    ...told('Videos left out, in no split', more.without),
    ...told('Segments left out, without words', left.wordless),
    ...told('Segments left out, whose label is no number', left.unlabelled),
    ...told(`Segments cut to their first ${more.time} words`, left.cut),
    ...told('Columns left out, which the format cannot hold', more.leftOut),
    ...Array.from(spoiled).flatMap(([name, count]) =>
      count === 0 ? [] : [`Values of ${name} that are not finite, and count for nothing: ${count}`],
    ),
  ];
}
