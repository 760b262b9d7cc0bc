/** From finished jobs to the rows of a table: means over seeds, and how sure their differences are. */
import { summarise } from '../../metrics/summary.ts';
import { notesOf, placeOf, titleOf } from '../../models/index.ts';
import { isOfThePaper, reportedFor, type ReportedAbout } from '../reported.ts';
import { configOf, referenceNames, type BenchmarkData, type Entry, type Given } from './entries.ts';
import { readPredictions } from '../../runs/record/predictions.ts';
import type { RowDecoupling } from './decoupling.ts';
import type { JobResult } from './job.ts';
import { rowStatus, type Lacking, type RowStatus } from './lacking.ts';
import { pairedTests, type Against, type Contender } from './paired-tests.ts';

/** The results of all seeds of an entry. */
export interface EntryOutcome {
  readonly entry: Entry;
  readonly runs: readonly { readonly directory: string; readonly result: JobResult }[];
  readonly failures: readonly Lacking[];
  /** The trial that random search chose; absent without a search. */
  readonly tuned?: Tuned;
}

export interface Tuned {
  readonly trials: number;
  readonly chosen: number;
  readonly settings: readonly string[];
  readonly valid: number;
}

export interface Row {
  readonly id: string;
  readonly title: string;
  readonly status: RowStatus;
  /** Seeds whose runs finished; none for a reference, which has nothing random. */
  readonly seeds: readonly number[];
  readonly failures: EntryOutcome['failures'];
  readonly runs: EntryOutcome['runs'];
  readonly test?: ReturnType<typeof summarise>;
  readonly valid?: ReturnType<typeof summarise>;
  /** Tests of DecAlign's figures less those of this row; absent for DecAlign itself, and where it did not finish. */
  readonly against?: Against;
  readonly parameters?: number;
  readonly secondsPerStep?: number;
  readonly peakBytes?: number;
  /** By metric, in the paper's units. */
  readonly reported?: Readonly<Record<string, number>>;
  /** How its figures are to be read, as the model says. */
  readonly notes?: readonly string[];
  readonly tuned?: Tuned;
  /** D over seeds; absent where it was not asked for, and for models without parts. */
  readonly decoupling?: RowDecoupling;
}

const referenceTitles = {
  majority: 'Majority / median',
  ridge: 'Ridge',
  'best-modality': 'Best single modality (ridge)',
  'late-fusion': 'Late fusion (ridge)',
} as const;

/** Rows in table order: references, then models as in the paper, DecAlign last. */
export function compare(
  data: BenchmarkData,
  outcomes: readonly EntryOutcome[],
  {
    base: named,
    about = 'models',
    given = { set: [], options: [] },
  }: {
    readonly base?: string | undefined;
    readonly about?: ReportedAbout | undefined;
    readonly given?: Given;
  } = {},
): Row[] {
  const base = outcomes.find(({ entry }) => entry.id === named) ?? decalignOf(outcomes);
  const others = outcomes.filter((outcome) => outcome !== base && outcome.runs.length > 0);
  const { classes } = data;
  const contender = ({ entry, runs }: EntryOutcome): Contender => ({
    id: entry.id,
    seeds: runs.map(({ directory }) => readPredictions(directory, { classes })),
  });
  const tests = base && base.runs.length > 0 ? pairedTests(data, contender(base), others.map(contender)) : [];
  return outcomes
    .toSorted((a, b) => place(a.entry) - place(b.entry))
    .map((outcome) => {
      const own = tests[others.indexOf(outcome)];
      return { ...rowOf(data, outcome, { about, given }), ...(own && { against: own }) };
    });
}

/** DecAlign by its default recipe, else the first of its recipes. */
const decalignOf = (outcomes: readonly EntryOutcome[]): EntryOutcome | undefined =>
  outcomes.find(({ entry }) => entry.id === 'decalign') ??
  outcomes.find(({ entry }) => entry.reference === undefined && entry.model === 'decalign');

const place = (entry: Entry): number =>
  entry.reference === undefined
    ? placeOf(entry.model) - (entry.recipe === undefined && entry.variant === undefined ? 0 : 0.25)
    : referenceNames.indexOf(entry.reference) - referenceNames.length;

/** The figures of the paper that are of an entry; undefined where it has none, and for DecAlign by a recipe that the paper has not. */
function reportedOf(
  entry: Entry,
  { dataset, source }: BenchmarkData,
  { about, given }: { readonly about: ReportedAbout; readonly given: Given },
): Row['reported'] {
  const found = reportedFor(dataset, reportedAs(entry, about), about);
  if (!found || entry.reference !== undefined || entry.own) return found;
  return isOfThePaper(entry.model, configOf(entry, source, given).recipe) ? found : undefined;
}

/** The name of its row in the paper: a variant is no model that a table of models has. */
function reportedAs(entry: Entry, about: ReportedAbout): string {
  if (entry.reference !== undefined) return entry.reference;
  const { id, model, variant } = entry;
  return about === 'ablation' ? (variant?.name ?? 'full') : variant === undefined ? model : id;
}

/** An entry as tables name it. */
function entryTitle(entry: Entry): string {
  if (entry.reference !== undefined) return referenceTitles[entry.reference];
  const { model, own, recipe, variant } = entry;
  const name = variant?.name ?? recipe;
  return variant?.title ?? `${titleOf(model, own?.model)}${name === undefined ? '' : ` (${name})`}`;
}

function rowOf(
  data: BenchmarkData,
  { entry, runs, failures, tuned }: EntryOutcome,
  paper: { readonly about: ReportedAbout; readonly given: Given },
): Row {
  const results = runs.map(({ result }) => result);
  const name = entry.reference === undefined ? entry.model : '';
  const own = entry.reference === undefined ? entry.own?.model : undefined;
  const reported = reportedOf(entry, data, paper);
  const notes = notesOf(name, own);
  const base = {
    id: entry.id,
    title: entryTitle(entry),
    failures,
    runs,
    status: rowStatus({ runs, failures }),
    seeds: entry.reference === undefined ? results.map(({ seed }) => seed) : [],
    ...(reported && { reported }),
    ...(notes.length > 0 && { notes }),
    ...(tuned && { tuned }),
  };
  if (results.length === 0) return base;
  const steps = results.flatMap(({ seconds_per_step }) => seconds_per_step ?? []).sort((a, b) => a - b);
  return {
    ...base,
    test: summarise(results.map(({ test }) => test)),
    valid: summarise(results.map(({ valid }) => valid)),
    parameters: results[0]!.parameters,
    peakBytes: Math.max(...results.map(({ peak_bytes }) => peak_bytes)),
    ...(steps.length > 0 && { secondsPerStep: steps[Math.floor((steps.length - 1) / 2)]! }),
  };
}
