/** The files that the cases are trained on: each published layout and each form, as small as can be. */
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { compiled } from '../compiled.ts';
import { save, table, type Table, type Tables, type Value } from '../cli/feature-file.ts';
import { ids, sentences } from '../sentences.ts';

const counts = { train: 24, valid: 10, test: 9 } as const;

/** All splits, each changed. */
const tablesOf = (change: (table: Table, split: keyof typeof counts) => Table): Tables =>
  Object.fromEntries(
    (['train', 'valid', 'test'] as const).map((split, phase) => [
      split,
      change(table(counts[split], phase + 1), split),
    ]),
  );

const numbers = (column: readonly Value[] | undefined): number[] => (column ?? []).map(Number);

/** CH-SIMS: labels in -1..1, and those of each modality alone. */
function sims(given: Table): Table {
  const labels = numbers(given['regression_labels']).map((label) => label / 3);
  const own = ['T', 'A', 'V'].map((letter, m): [string, Value[]] => [
    `regression_labels_${letter}`,
    labels.map((label, n) => Math.max(-1, Math.min(1, label + 0.2 * Math.sin(n + m)))),
  ]);
  return { ...given, regression_labels: labels, ...Object.fromEntries(own) };
}

/** IEMOCAP: six classes. */
function iemocap({ regression_labels: labels, ...given }: Table): Table {
  return { ...given, classification_labels: numbers(labels).map((label) => Math.floor(label + 3) % 6) };
}

const pair = (given: Table): Table => Object.fromEntries(Object.entries(given).filter(([name]) => name !== 'vision'));

/** One label whose square is no number in float32. */
const infinite = (given: Table, split: string): Table =>
  split === 'train'
    ? { ...pair(given), regression_labels: (given['regression_labels'] ?? []).with(5, 1e30) }
    : pair(given);

function words(given: Table): Table {
  const samples = numbers(given['regression_labels']);
  return {
    ...given,
    text_bert: samples.map((_, n) => [ids[n % 4]!, ids[n % 4]!.map((id) => Number(id > 0)), ids[n % 4]!.map(() => 0)]),
    raw_text: samples.map((_, n) => sentences[n % 4]!),
  };
}

const description = `task: regression
modalities:
  person: { file: visits.csv, key: [age, visits] }
  place: { file: visits.csv, key: [east, north, height] }
labels: { file: visits.csv, key: score }
id: { file: visits.csv, key: id }
group: { file: visits.csv, key: person }
split: { fractions: { train: 0.6, valid: 0.2, test: 0.2 }, seed: 3 }
`;
const visits = (): string =>
  [
    'id,person,age,visits,east,north,height,score',
    ...Array.from({ length: 40 }, (_, n) =>
      [`c${n}`, `p${n % 20}`, 30 + n, n % 3, Math.sin(n), Math.cos(n), Math.sin(3 * n), Math.cos(2 * n)].join(),
    ),
  ].join('\n');

/** Writes them all into a folder. */
export async function writeData(folder: string): Promise<void> {
  const made = {
    'mosi.pkl': tablesOf((given) => given),
    'mosei.pkl': tablesOf((given) => given),
    'sims.pkl': tablesOf(sims),
    'iemocap.pkl': tablesOf(iemocap),
    'pair.pkl': tablesOf(pair),
    'infinite.pkl': tablesOf(infinite),
    'words.pkl': tablesOf(words),
  };
  for (const [name, value] of Object.entries(made)) save(path.join(folder, name), value);
  mkdirSync(path.join(folder, 'visits'));
  writeFileSync(path.join(folder, 'visits/dataset.yaml'), description);
  writeFileSync(path.join(folder, 'visits/visits.csv'), visits());
  const converted = ['mosi.npz', 'packed'].map((name) =>
    promisify(execFile)(process.execPath, [
      compiled(),
      ...['convert', path.join(folder, 'mosi.pkl'), path.join(folder, name)],
    ]),
  );
  await Promise.all(converted);
}
