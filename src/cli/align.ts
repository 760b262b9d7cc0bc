import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { type AlignedFile, writeAligned, type WriteAlignedOptions } from '../data/sequences/align.ts';
import { openSequences, type Sequence } from '../data/sequences/sequence.ts';
import type { SplitsRequest } from '../data/sequences/splits.ts';
import { writableEndings } from '../formats/formats.ts';
import { command } from './command.ts';
import { interruptible } from './interruption.ts';
import { list, positive, wholeNumbers } from './options/parse.ts';
import { shared } from './options/shared.ts';
import { UsageError } from './usage-error.ts';

export const alignCommand = command('align', {
  summary: 'word-aligned samples from computational sequences of the CMU-MultimodalSDK',
  example:
    'decalign align --words CMU_MOSI_TimestampedWordVectors.csd --modality audio=CMU_MOSI_COVAREP.csd ' +
    '--labels CMU_MOSI_Opinion_Labels.csd --splits folds.json mosi.pkl',
  description:
    'Averages each modality over the time of each word, takes the words of each labelled segment as one sample, and writes a file that decalign train reads. Its ending tells the format; .pkl and .npz keep ids and texts.',
  arguments: [['<out>', 'the file to write']],
  options: [
    {
      flag: '--words <file>',
      help: 'sequence whose intervals are the time steps; numbers become the modality text',
      required: true,
    },
    { flag: '--labels <file>', help: 'sequence whose intervals are the samples', required: true },
    {
      flag: '--modality <name=file>',
      help: 'sequence to average over each word; may be repeated',
      parse: nameAndFile,
      repeated: true,
    },
    {
      flag: '--time <n>',
      help: 'time steps of a sample at most; later words are left out',
      parse: positive,
      default: 50,
    },
    {
      flag: '--label-column <n,...>',
      help: 'which number of a label, or which ones, from 0; of CMU-MOSEI 0 is sentiment, 1 to 6 are emotions',
      parse: wholeNumbers,
      default: [0],
    },
    { flag: '--skip <words>', help: 'words that are no time steps, where words are texts, as in sp', parse: list },
    {
      flag: '--splits <shares|file>',
      help: 'shares of train,valid,test with videos kept whole, or a JSON file: {"train": ["video", ...], ...}',
      default: '0.7,0.1,0.2',
    },
    { ...shared.force, help: 'replace OUT where it exists' },
  ],
  action: async (out, { modality: named = [], skip = [], force, labelColumn: labelColumns, ...options }) => {
    if (!writableEndings.includes(extname(out).toLowerCase()))
      throw new UsageError(`${out} has no ending that says what to write: ${writableEndings.join(', ')}.`);
    if (!force && existsSync(out)) throw new Error(`${out} exists; add --force to replace it.`);
    const twice = named.find(([name], i) => named.findIndex(([other]) => other === name) < i);
    if (twice) throw new UsageError(`Two modalities have the name "${twice[0]}"; give each its own.`);
    const given = { ...options, labelColumns, named, skip, splits: sharesOrFile(options.splits) };
    const aligned = await interruptible((signal) => align(out, { ...given, signal }), {
      stopped: 'Interrupted; nothing was written.',
    });
    if (aligned) print(out, aligned, options.time);
  },
});

/** A call of `align`, with the files that are not opened yet. */
interface Alignment extends Omit<WriteAlignedOptions, keyof Sequences> {
  readonly words: string;
  readonly labels: string;
  /** The name and the file of each modality. */
  readonly named: readonly (readonly [name: string, file: string])[];
}

async function align(out: string, { words, labels, named, ...options }: Alignment): Promise<AlignedFile> {
  const opened = await openSequences([words, labels, ...named.map(([, file]) => file)]);
  try {
    const [first, second, ...others] = opened as [Sequence, Sequence, ...Sequence[]];
    const modalities = new Map(named.map(([name], i) => [name, others[i]!]));
    const sequences = { words: first, labels: second, modalities };
    checkWords(sequences, options.skip);
    return await writeAligned(out, { ...options, ...sequences });
  } finally {
    await Promise.all(opened.map((sequence) => sequence.close()));
  }
}

function nameAndFile(text: string): readonly [name: string, file: string] {
  const [, name, file] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
  if (name === undefined || file === undefined)
    throw new InvalidArgumentError('It must be a name and a file, as in audio=FILE.csd.');
  return [name, file];
}

/** The value of --splits: numbers with commas between are the shares of the splits, any other text is a file. */
function sharesOrFile(text: string): SplitsRequest {
  if (!/^[\d.,\s]+$/.test(text)) return text;
  const [train = NaN, valid = NaN, test = NaN, ...more] = text.split(',').map(Number);
  if (
    more.length === 0 &&
    [train, valid, test].every((share) => share > 0) &&
    Math.abs(train + valid + test - 1) <= 1e-6
  )
    return { train, valid, test };
  throw new UsageError(`--splits ${text} is no three shares of 1 for train, valid and test, as in 0.7,0.1,0.2.`);
}

type Sequences = Pick<WriteAlignedOptions, 'words' | 'labels' | 'modalities'>;

/** Refuses options that do not go with the kind of the words, which are texts or numbers. */
function checkWords({ words, modalities }: Sequences, skip: readonly string[]): void {
  if (modalities.size === 0 && words.kind === 'texts')
    throw new UsageError('There is no modality: the words are texts; name one with --modality audio=FILE.csd.');
  if (modalities.has('text') && words.kind === 'numbers')
    throw new UsageError('The words are numbers, and are the modality "text"; give another one another name.');
  if (skip.length > 0 && words.kind === 'numbers')
    throw new UsageError('--skip needs words that are texts, and these are numbers.');
}

/** Prints the file that was written to stdout, and to stderr what was left out of it, and why. */
function print(
  out: string,
  { format, samples, modalities, left, leftOut, notFinite }: AlignedFile,
  time: number,
): void {
  const counts = Array.from(samples, ([split, count]) => `${count} ${split}`).join(', ');
  process.stdout.write(`Wrote ${out} (${format}): ${counts}; ${modalities.join(', ')}\n`);
  const note = (what: string, names: readonly string[]): void => {
    if (names.length === 0) return;
    const some = `${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''}`;
    process.stderr.write(`${what}: ${names.length} (${some})\n`);
  };
  note('Videos left out, not in every sequence', left.videos);
  note('Videos left out, in no split', left.undivided);
  note('Segments left out, without words', left.wordless);
  note('Segments left out, whose label is no number', left.unlabelled);
  note(`Segments cut to their first ${time} words`, left.cut);
  note('Columns left out, which the format cannot hold', leftOut);
  for (const [name, count] of notFinite)
    if (count > 0) process.stderr.write(`Values of ${name} that are not finite, and count for nothing: ${count}\n`);
}
