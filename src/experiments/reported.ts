/**
 * What the DecAlign paper reports: arXiv 2503.11892 (ICLR 2026), Table 1 (CMU-MOSI, CMU-MOSEI), Table 2 (CH-SIMS,
 * IEMOCAP six-class), and the ablations of Tables 3 and 4. Accuracies and F1 in percent, as there. All models but those on IEMOCAP use MMSA-FET features.
 */
import type { MetricName } from '../metrics/metric.ts';
import type { ModelName } from '../models/index.ts';

export interface Reported {
  readonly title: string;
  /** Where in the paper. */
  readonly source: string;
  readonly columns: readonly MetricName[];
  /** By name of the model, in the order of `columns`. */
  readonly rows: Readonly<Record<string, readonly number[]>>;
}

/** The figures of models, or those of DecAlign without some of its parts. */
export type ReportedAbout = 'models' | 'ablation';

/** The recipes of DecAlign that the paper's figures are of; those of other models are theirs, whatever the recipe. */
const recipesOfThePaper: readonly string[] = ['paper', 'authors'];

/** Whether figures of the paper are of a model by this recipe. */
export const isOfThePaper = (model: string, recipe: string | undefined): boolean =>
  model !== 'decalign' || recipesOfThePaper.includes(recipe ?? '');

/** The table of a published dataset, by the name of its preset. */
export function reportedOn(dataset: string, about: ReportedAbout = 'models'): Reported | undefined {
  const tables: Readonly<Record<string, Reported>> = about === 'models' ? reported : reportedAblations;
  return Object.hasOwn(tables, dataset) ? tables[dataset] : undefined;
}

/** One row by metric, of a model or of an ablation; undefined where the paper has none. */
export function reportedFor(
  dataset: string,
  row: string,
  about: ReportedAbout = 'models',
): Readonly<Record<string, number>> | undefined {
  const table = reportedOn(dataset, about);
  if (!table || !Object.hasOwn(table.rows, row)) return undefined;
  return Object.fromEntries(table.columns.map((column, c) => [column, table.rows[row]![c]!]));
}

type Rows = Readonly<Partial<Record<ModelName, readonly number[]>>>;
const reported: Readonly<Record<string, Reported & { readonly rows: Rows }>> = {
  mosi: {
    title: 'CMU-MOSI',
    source: 'Table 1',
    columns: ['mae', 'corr', 'acc2', 'acc7', 'f1'],
    rows: {
      mfm: [0.951, 0.662, 78.18, 36.21, 78.1],
      mult: [0.846, 0.725, 81.7, 40.05, 81.66],
      pmr: [0.895, 0.689, 79.88, 40.6, 79.83],
      cubemlp: [0.838, 0.695, 81.85, 41.03, 81.74],
      'muta-net': [0.767, 0.736, 82.12, 40.88, 82.07],
      misa: [0.788, 0.744, 82.07, 41.27, 82.43],
      cenet: [0.745, 0.749, 82.4, 41.32, 82.56],
      'self-mm': [0.765, 0.764, 82.88, 42.03, 83.04],
      fdmer: [0.76, 0.777, 83.01, 42.88, 83.22],
      aobert: [0.78, 0.773, 83.03, 43.21, 83.02],
      dmd: [0.744, 0.788, 83.24, 43.88, 83.55],
      mcis: [0.756, 0.783, 84.02, 43.58, 83.85],
      cggm: [0.747, 0.798, 84.43, 43.21, 84.13],
      decalign: [0.735, 0.811, 85.75, 45.07, 85.82],
    },
  },
  mosei: {
    title: 'CMU-MOSEI',
    source: 'Table 1',
    columns: ['mae', 'corr', 'acc2', 'acc7', 'f1'],
    rows: {
      mfm: [0.681, 0.555, 78.93, 45.93, 76.45],
      mult: [0.673, 0.677, 80.85, 48.37, 80.86],
      pmr: [0.645, 0.689, 81.57, 48.88, 81.56],
      cubemlp: [0.601, 0.701, 81.36, 49.07, 81.75],
      'muta-net': [0.617, 0.717, 81.76, 49.88, 82.01],
      misa: [0.594, 0.724, 82.03, 51.43, 82.13],
      cenet: [0.588, 0.738, 82.13, 52.31, 82.35],
      'self-mm': [0.576, 0.732, 82.43, 52.68, 82.47],
      fdmer: [0.571, 0.743, 83.88, 53.21, 83.35],
      aobert: [0.588, 0.738, 83.9, 52.47, 83.14],
      dmd: [0.561, 0.758, 84.17, 54.18, 83.88],
      mcis: [0.557, 0.747, 84.97, 53.85, 84.34],
      cggm: [0.551, 0.761, 83.9, 53.47, 84.14],
      decalign: [0.543, 0.768, 86.48, 55.02, 86.07],
    },
  },
  sims: {
    title: 'CH-SIMS',
    source: 'Table 2',
    columns: ['mae', 'f1'],
    rows: {
      mfm: [0.471, 75.28],
      mult: [0.455, 76.96],
      pmr: [0.445, 76.55],
      cubemlp: [0.459, 77.85],
      'muta-net': [0.443, 77.21],
      misa: [0.437, 78.43],
      cenet: [0.454, 78.03],
      'self-mm': [0.432, 77.97],
      fdmer: [0.424, 78.74],
      aobert: [0.43, 78.55],
      dmd: [0.421, 79.88],
      mcis: [0.429, 79.58],
      cggm: [0.417, 80.12],
      decalign: [0.403, 81.85],
    },
  },
  iemocap: {
    title: 'IEMOCAP (six-class)',
    source: 'Table 2',
    columns: ['wacc', 'waf1'],
    rows: {
      mfm: [63.38, 63.41],
      mult: [65.53, 65.21],
      pmr: [67.04, 67.01],
      cubemlp: [66.43, 66.41],
      'muta-net': [67.44, 68.78],
      misa: [68.48, 68.25],
      cenet: [69.27, 69.58],
      'self-mm': [70.35, 70.43],
      fdmer: [71.33, 71.17],
      aobert: [71.04, 70.89],
      dmd: [72.03, 71.98],
      mcis: [71.77, 71.53],
      cggm: [72.25, 72.17],
      decalign: [73.35, 73.43],
    },
  },
};

/** Tables 3 and 4, by what is left out; of the full model Table 1. */
const reportedAblations: Readonly<Record<string, Reported>> = {
  mosi: {
    title: 'CMU-MOSI',
    source: 'Tables 3 and 4',
    columns: ['mae', 'f1'],
    rows: {
      'without-homogeneity': [0.747, 84.46],
      'without-heterogeneity': [0.754, 84.03],
      'without-both': [0.784, 81.92],
      'without-mfd': [0.794, 81.56],
      'without-transport': [0.741, 84.61],
      'without-contrastive': [0.738, 84.73],
      'without-semantic': [0.743, 84.36],
      'without-mmd': [0.748, 84.17],
      full: [0.735, 85.82],
    },
  },
  mosei: {
    title: 'CMU-MOSEI',
    source: 'Tables 3 and 4',
    columns: ['mae', 'f1'],
    rows: {
      'without-homogeneity': [0.562, 84.74],
      'without-heterogeneity': [0.588, 84.37],
      'without-both': [0.632, 82.22],
      'without-mfd': [0.624, 81.87],
      'without-transport': [0.564, 85.26],
      'without-contrastive': [0.553, 85.33],
      'without-semantic': [0.619, 85.21],
      'without-mmd': [0.624, 85.03],
      full: [0.543, 86.07],
    },
  },
};
