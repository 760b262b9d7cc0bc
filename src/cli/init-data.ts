import { existsSync } from 'node:fs';
import path from 'node:path';
import { Document, isNode, isScalar } from 'yaml';
import { type Guess, guessDescription } from '../data/own/guess/guess.ts';
import { loadDataset } from '../data/datasets/load.ts';
import { writeFileAtomic } from '../files/atomic.ts';
import { command } from './command.ts';
import { dataLine } from './printing/data-line.ts';

export const initDataCommand = command('init-data', {
  summary: 'look at a folder and write a first dataset.yaml',
  example: 'decalign init-data my-data',
  description:
    'Looks into the data files of DIR and writes DIR/dataset.yaml: which of them hold modalities, labels and splits. It is a guess to be looked over; train on DIR when it is right.',
  arguments: [['<dir>', 'folder of data files']],
  options: [
    {
      flag: '--label <column>',
      help: 'the column of labels, or several, as in happy,sad; default: by their names, such as label or label_happy',
    },
  ],
  action: async (folder, { label }) => {
    const file = path.join(folder, 'dataset.yaml');
    if (existsSync(file)) throw new Error(`${file} exists, and is never overwritten; move it away first.`);
    const guess = await guessDescription(folder, { label });
    writeFileAtomic(file, textOf(guess));
    process.stdout.write(`Wrote ${file}\n`);
    const told = new Set(guess.notes);
    const dataset = await loadDataset(file, {
      requireLabels: false,
      splits: 'present',
      unsplit: guess.isOneSample,
    }).catch((error: unknown) => {
      told.add(`It cannot be trained on yet: ${(error as Error).message}`);
    });
    if (dataset) {
      process.stdout.write(`${dataLine(dataset)}\n`);
      for (const note of dataset.notes ?? []) told.add(note);
    }
    for (const note of told) process.stderr.write(`${note}\n`);
  },
});

/** A description as YAML: its notes above it, and a comment after what it says of each modality and column. */
function textOf({ description, comments, notes }: Guess): string {
  const document = new Document(description);
  document.commentBefore = ['A first guess by decalign init-data; look it over.', ...notes]
    .map((line) => ` ${line}`)
    .join('\n');
  for (const [place, comment] of comments) {
    const node: unknown = document.getIn(place, true);
    if (isScalar(node)) node.comment = ` ${comment}`;
    else if (isNode(node)) node.commentBefore = ` ${comment}`;
  }
  return document.toString({ flowCollectionPadding: false, lineWidth: 0 });
}
