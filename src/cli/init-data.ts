import { existsSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import { guessDescription } from '../data/own/guess.ts';
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
  options: [],
  action: async (folder) => {
    const file = path.join(folder, 'dataset.yaml');
    if (existsSync(file)) throw new Error(`${file} exists, and is never overwritten; move it away first.`);
    const { description, notes } = await guessDescription(folder);
    const comments = ['A first guess by decalign init-data; look it over.', ...notes].map((line) => `# ${line}\n`);
    writeFileAtomic(file, `${comments.join('')}${stringify(description, { flowCollectionPadding: false })}`);
    process.stdout.write(`Wrote ${file}\n`);
    for (const note of notes) process.stderr.write(`${note}\n`);
    const dataset = await loadDataset(file, { requireLabels: false, splits: 'present' }).catch((error: unknown) => {
      process.stderr.write(`It cannot be trained on yet: ${(error as Error).message}\n`);
    });
    if (dataset) process.stdout.write(`${dataLine(dataset)}\n`);
  },
});
