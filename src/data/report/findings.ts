/** Faults of a dataset as sentences for people: what was found, and what to do. */
import { quoted } from '../../files/error.ts';
import type { DatasetReport, SplitReport } from './report.ts';
import { type Dataset, type Split, splits as allSplits } from '../dataset.ts';
import type { Folds } from '../folds.ts';
import { type Leakage, leakageOf, leakageOfFolds, type Place, repeated, type SharedGroup } from './leakage.ts';
import { hasSeveral } from '../task.ts';
import { labelFaults } from './several-labels.ts';

/** One line per fault, those that spoil results most first; none for a dataset without fault. */
export function findings(report: DatasetReport): string[] {
  return [...leakageLines(report), ...labelling(report), ...report.modalities.flatMap(featureFaults)];
}

/** Samples, ids and groups that are where they must not be: in several splits, or twice in one. */
export const leakageFindings = (dataset: Dataset): string[] =>
  leakageLines({
    ...leakageOf(dataset),
    splits: Object.fromEntries(
      Object.entries(dataset.splits).map(([split, { ids }]) => [split, { duplicateIds: repeated(ids) }]),
    ),
  });

/** Samples and groups that are in several folds, whatever splits they are in. */
export const foldFindings = (dataset: Dataset, folds: Folds): string[] =>
  leaks(leakageOfFolds(dataset, folds), 'fold', 'keep each in one, as --folds N does unless --group says otherwise.');

type Leaking = Leakage & {
  readonly splits: Readonly<Partial<Record<Split, Pick<SplitReport, 'duplicateIds'>>>>;
};

const leakageLines = (report: Leaking): string[] => [
  ...leaks(report, 'split', 'split by group, or cross-validate by group with --folds.'),
  ...copies(report),
];

/**
 * Those of the findings that concern a training: all but those on labels and splits, of which training tells itself, as it
 * needs them, and on modalities that never vary, which it tells by its own statistics. Of a fold, leaks to other folds are
 * left out, too: they are told of all folds together.
 */
export function trainingFindings(report: DatasetReport, { isFold = false } = {}): string[] {
  const varying = report.modalities.filter(({ constantFeatures, width }) => constantFeatures < width);
  return [...(isFold ? copies(report) : leakageLines(report)), ...varying.flatMap(featureFaults)];
}

/** `part` is what must not share samples; `remedy`, what to do about groups that are in several. */
function leaks(
  { sharedIds, identicalSamples, sharedGroups = [] }: Leakage,
  part: 'split' | 'fold',
  remedy: string,
): string[] {
  const found: string[] = [];
  if (sharedIds.length > 0)
    found.push(
      `${count(sharedIds.length, 'id')} in more than one ${part} (${some(sharedIds)}): what was trained on is tested on; keep each in one ${part}.`,
    );
  const across = identicalSamples.filter((places) => partsOf(places).length > 1);
  if (across.length > 0)
    found.push(
      `${count(across.length, 'sample')} in more than one ${part} by identical features (${some(across.map(placesText), 2)}): remove the copies from one.`,
    );
  if (sharedGroups.length > 0)
    found.push(
      `${count(sharedGroups.length, 'group')}, such as a video or speaker, in more than one ${part} (${some(sharedGroups.map(groupText))}): ` +
        `a model may know them again; ${remedy}`,
    );
  return found;
}

function copies({ identicalSamples, splits }: Leaking): string[] {
  return (Object.keys(splits) as Split[]).flatMap((split) => {
    const { duplicateIds } = splits[split]!;
    const sets = identicalSamples
      .map((places) => places.filter((place) => place.split === split))
      .filter((places) => places.length > 1);
    const extra = sets.reduce((sum, places) => sum + places.length - 1, 0);
    return [
      ...(duplicateIds.length > 0
        ? [
            `${count(duplicateIds.length, 'id')} more than once in ${split} (${some(duplicateIds)}): give each sample its own.`,
          ]
        : []),
      ...(extra > 0
        ? [
            `${count(extra, 'sample')} of ${split} with the same features as another (${some(sets.map(placesText), 2)}): they weigh double; remove copies, and look whether features are missing.`,
          ]
        : []),
    ];
  });
}

function labelling({ splits, task }: DatasetReport): string[] {
  const absent = allSplits.filter((split) => splits[split] === undefined);
  const found =
    absent.length > 0
      ? [`no split ${absent.join(' and ')}: training needs all three; evaluate and predict do not.`]
      : [];
  for (const split of allSplits) {
    const labels = splits[split]?.labels?.map(({ label }) => label);
    if (splits[split] === undefined) continue;
    const several = splits[split].several;
    if (several && hasSeveral(task)) found.push(...labelFaults(split, several, task.kind));
    else if (labels === undefined)
      found.push(`${split} has no labels: it can be predicted, not trained on or evaluated.`);
    else if (task.kind === 'classification') {
      found.push(...classesLacking(split, task.classes, labels));
    } else if (labels.length === 1)
      found.push(
        `${split} has labels near ${labels[0]!} alone: there is nothing to predict; look at the label column.`,
      );
  }
  return found;
}

/** What to tell of classes that no sample of a split is of; nothing where there are none. */
export function classesLacking(split: string, classes: readonly string[], found: readonly string[]): string[] {
  const missing = classes.filter((name) => !found.includes(name));
  return missing.length === 0
    ? []
    : [
        `${split} has no sample of class ${some(missing)}: scores of it mean nothing there; split by class, or merge classes.`,
      ];
}

/** A larger share of steps that are all zero than this is more than a few unknown words. */
const manyZeroSteps = 0.1;

function featureFaults(modality: DatasetReport['modalities'][number]): string[] {
  const { name, cleaned, missingIn, absent, absentIn, constantFeatures, width, zeroSteps, steps } = modality;
  const found: string[] = [];
  if (cleaned > 0) {
    // A dataset that was packed by a release before has zeros in their place, which nothing tells from others.
    const where = missingIn.length > 0 ? ` (first in ${some(missingIn.map(placeText))})` : '';
    found.push(
      `${name} misses ${count(cleaned, 'number')}, NaN or infinite${where}, for which the training mean stands: find out where they come from.`,
    );
  }
  if (absent > 0)
    found.push(
      `${name} is absent from ${count(absent, 'sample')} (${some(absentIn.map(placeText))}${absent > absentIn.length ? ', …' : ''}): they are trained on and predicted without it.`,
    );
  if (constantFeatures === width) found.push(`${name} never varies in the first split: leave it out by --modalities.`);
  else if (constantFeatures > 0)
    found.push(
      `${name} has ${constantFeatures} of ${width} features that never vary: they carry nothing; leave them out.`,
    );
  if (zeroSteps > manyZeroSteps * steps)
    found.push(
      `${name} is all zero in ${percent(zeroSteps / steps)} of its steps: missing, or padding; if padding, give ${name}_lengths.`,
    );
  return found;
}

const partsOf = (places: readonly Place[]): readonly string[] => [...new Set(places.map(({ split }) => split))];

const groupText = ({ group, splits }: SharedGroup): string =>
  // Of five folds, "folds 1, 2, 3, 4, 5" is read more easily than five times the word.
  splits.every((each) => each.startsWith('fold '))
    ? `${group} in folds ${splits.map((each) => each.slice('fold '.length)).join(', ')}`
    : `${group} in ${splits.join(' and ')}`;

const placesText = (places: readonly Place[]): string =>
  some(
    places.map(({ split, id }) => (id.startsWith(`${split}-`) ? id : `${split} ${id}`)),
    3,
    ' = ',
  );

/** A row, with its id where that says more. */
const placeText = ({ split, row, id }: Place): string =>
  `${split} row ${row}${id === `${split}-${row}` ? '' : ` ${quoted(id)}`}`;

const count = (n: number, what: string): string => `${n.toLocaleString('en')} ${what}${n === 1 ? '' : 's'}`;

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;

/** The first few of many names, shortened, in one line whatever they hold. */
function some(names: readonly string[], most = 3, between = ', '): string {
  const kept = names
    .slice(0, most)
    .map((name) => (name.length > 160 ? `${name.slice(0, 160)}…` : name).replaceAll('\n', '\\n'));
  return names.length > most ? `${kept.join(between)}${between}… ${names.length - most} more` : kept.join(between);
}
