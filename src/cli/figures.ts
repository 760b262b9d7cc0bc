import path from 'node:path';
import { InvalidArgumentError } from 'commander';
import { formats, type Format } from '../figures/drawing/packages.ts';
import { figureNames, figures, type Figure, type FigureName } from '../figures/figures.ts';
import { makeFigures } from '../figures/make.ts';
import { projections } from '../figures/plane.ts';
import { makeFolder } from '../files/append.ts';
import { writeFileAtomic } from '../files/atomic.ts';
import { nearest } from '../text/nearest.ts';
import { command } from './command.ts';
import { dataHelp } from './options/data.ts';
import { names } from './options/parse.ts';
import { shared } from './options/shared.ts';

/** Parses names of a list, of those that there are; `what` is what they are names of. */
const among =
  <T extends string>(known: readonly T[], what: string) =>
  (text: string): readonly T[] =>
    names(text).map((name) => {
      const found = known.find((each) => each === name);
      if (found !== undefined) return found;
      const meant = nearest(name, known);
      const hint = meant === undefined ? '' : ` Did you mean "${meant}"?`;
      throw new InvalidArgumentError(`There is no ${what} "${name}".${hint} There are: ${known.join(', ')}.`);
    });

const told = ([name, { summary, onlyNamed, ofSample }]: readonly [string, Figure]): string =>
  `${name}: ${summary}${onlyNamed ? `; made where --only names it${ofSample ? ', with --id' : ''}` : ''}`;

export const figuresCommand = command('figures', {
  summary: 'draw what runs, benchmarks, ablations and sweeps came to',
  example: 'decalign figures runs/decalign runs/mult --only curves,residuals --out figures',
  description: `Each RUN is a run directory, or the folder of several seeds or folds; the folder of a benchmark, an ablation or a sweep stands alone. Without --only, every figure is made that they have the data for. Drawing needs packages that are optional (docs/figures.md). Figures: ${Object.entries<Figure>(figures).map(told).join('. ')}.`,
  arguments: [['<run...>', 'directories of runs, or the folder of one benchmark, ablation or sweep']],
  options: [
    {
      flag: '--only <names>',
      help: `these figures alone: ${figureNames.join(', ')}`,
      parse: among<FigureName>(figureNames, 'figure'),
    },
    {
      flag: '--format <names>',
      help: `the kinds of files, with commas between: ${formats.join(', ')} (json: Vega-Lite, to be edited)`,
      parse: among<Format>(formats, 'format'),
      default: ['svg'] as readonly Format[],
    },
    {
      flag: '--data <file>',
      help: `use the models on the test split of this in place of what the runs kept: ${dataHelp}`,
    },
    {
      flag: '--modalities <names>',
      help: 'the two modalities that `gap` and `prototypes` show; default: vision,text where there are these',
      parse: names,
    },
    {
      flag: '--id <id>',
      help: 'the test sample that `contribution` and `attention` show; default: the first that has all modalities',
    },
    {
      flag: '--projection <name>',
      help: 'how `gap` lays features on a plane: principal components, t-SNE or UMAP (docs/figures.md)',
      choices: projections,
    },
    shared.device,
    { ...shared.out, default: 'figures' },
  ],
  action: async (runs, { only, format, data, modalities, id, projection, device, out }) => {
    const asked = { only, formats: format, data, modalities, id, projection, device };
    const { files, left, notes } = await makeFigures(runs, asked);
    for (const note of notes) process.stderr.write(`warning: ${note}.\n`);
    for (const { figure, reason } of left) process.stderr.write(`left out: ${figure}: ${reason}.\n`);
    makeFolder(out);
    for (const { name, content } of files) {
      writeFileAtomic(path.join(out, name), content);
      process.stdout.write(`${path.join(out, name)}\n`);
    }
  },
});
