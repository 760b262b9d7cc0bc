/** The figures by name, in the order of the help and of docs/figures.md. */
import { attention, readAttention } from './explained/attention.ts';
import { bubble, readBubble } from './bubble.ts';
import { calibration, readCalibration } from './calibration.ts';
import { categories, readCategories } from './categories.ts';
import { confusion, readConfusion } from './confusion.ts';
import { contribution, readContribution } from './explained/contribution.ts';
import { curves, readCurves } from './curves.ts';
import { decoupling, readDecoupling } from './decoupling.ts';
import type { Drawing } from './figure.ts';
import type { FigureOptions } from './figure-options.ts';
import { gap, readGap } from './gap.ts';
import { prototypes, readPrototypes } from './explained/prototypes.ts';
import { readResiduals, residuals } from './residuals.ts';
import { readRobustness, robustness } from './robustness.ts';
import { readSensitivity, sensitivity } from './sensitivity.ts';
import { readSignificance, significance } from './significance.ts';
import type { Source } from './source.ts';
import { readTransport, transport } from './explained/transport.ts';

/** Makes a figure of what a call named. Throws `CannotShow` where that lacks what the figure shows. */
export interface Figure {
  /** One line: what it shows. */
  readonly summary: string;
  /** It takes so long, or needs a sample, that it is made only where it is asked for by name. */
  readonly onlyNamed?: true;
  /** It shows one sample, that of the option `id`. */
  readonly ofSample?: true;
  readonly make: (source: Source, options: FigureOptions) => Promise<Drawing>;
}

export const figures = {
  curves: {
    summary: 'losses, validation metrics and learning rate by epoch; several seeds as mean and band',
    make: (source) => Promise.resolve(curves(readCurves(source))),
  },
  bubble: {
    summary: 'two metrics of all models, the third as the size of bubbles (Figure 2 of the paper)',
    make: async (source) => bubble(await readBubble(source)),
  },
  residuals: {
    summary: 'predictions against labels',
    make: async (source) => residuals(await readResiduals(source)),
  },
  confusion: {
    summary: 'confusion matrices side by side, rows in shares, with counts (Figure 4 of the paper)',
    make: async (source) => confusion(await readConfusion(source)),
  },
  categories: {
    summary: 'accuracy by class, with intervals (Figure 5 of the paper)',
    make: async (source) => categories(await readCategories(source)),
  },
  calibration: {
    summary: 'accuracy by confidence, of classes',
    make: async (source) => calibration(await readCalibration(source)),
  },
  significance: {
    summary: 'differences of a model from each other, with intervals over groups and seeds',
    make: async (source) => significance(await readSignificance(source)),
  },
  gap: {
    summary: 'common features of two modalities, pairs joined, with the gap in words (Figure 6 of the paper)',
    make: async (source, options) => gap(await readGap(source, options)),
  },
  decoupling: {
    summary: 'what is read from common and from unique features, beside what is wanted',
    make: async (source) => decoupling(await readDecoupling(source)),
  },
  transport: {
    summary: 'the transport plan between the prototypes of every two modalities, with its information in words',
    make: async (source) => transport(await readTransport(source)),
  },
  prototypes: {
    summary: 'prototypes with their covariances among the unique features of two modalities',
    make: async (source, { modalities }) => prototypes(await readPrototypes(source, modalities)),
  },
  sensitivity: {
    summary:
      'a metric of the validation split by two keys of the configuration, of a run for each cell (Figure 7 of the paper)',
    make: (source) => Promise.resolve(sensitivity(readSensitivity(source))),
  },
  robustness: {
    summary: 'a metric as modalities are missing or noisy, which takes long',
    onlyNamed: true,
    make: async (source) => robustness(await readRobustness(source)),
  },
  contribution: {
    summary: 'what the prediction of one sample rests on, by modality and step',
    ...{ onlyNamed: true, ofSample: true },
    make: async (source, { id }) => contribution(await readContribution(source, id)),
  },
  attention: {
    summary: 'where attention looks in one sample, by modality and step',
    ...{ onlyNamed: true, ofSample: true },
    make: async (source, { id }) => attention(await readAttention(source, id)),
  },
} as const satisfies Readonly<Record<string, Figure>>;

export type FigureName = keyof typeof figures;

/** Those that are made where none is named. */
const usualFigures = Object.entries<Figure>(figures).flatMap(([name, { onlyNamed }]) =>
  onlyNamed ? [] : [name as FigureName],
);

/** Of a sweep the figure that it is for: the others show the test split, or a curve for each of its many cells. */
export const usualFiguresOf = ({ kind }: Pick<Source, 'kind'>): readonly FigureName[] =>
  kind === 'sweep' ? ['sensitivity'] : usualFigures;

export const figureNames = Object.keys(figures) as readonly FigureName[];
