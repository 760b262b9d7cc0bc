/** Inspected data files as text for people. */
import type { LengthSource, Task } from '../../data/dataset.ts';
import { hasSeveral, type SeveralLabels } from '../../data/task.ts';
import type { SplitReport } from '../../data/report/report.ts';
import type { LabelReport } from '../../data/report/several-labels.ts';
import { listed } from '../../data/columns/names.ts';
import { headingLines } from '../../metrics/headings.ts';
import { type MetricKind, metrics, type MetricName } from '../../metrics/metric.ts';
import type { DataFile } from '../../data/report/data-file.ts';
import type { InspectedDataset } from './inspected-dataset.ts';
import { outline } from '../printing/outline.ts';
import { columns } from '../printing/columns.ts';
import { wrapped } from '../printing/wrapped.ts';

/** The report of a dataset as text: its warnings first, then tables. */
export function datasetText(dataset: InspectedDataset): string {
  const { name, format, task, ignored, strength, memory_mb: memory } = dataset;
  const sections = [
    `${name}: ${taskText(task)} (${format})`,
    warningText(dataset.warnings) || 'No warnings.',
    wrapped(checkedText(dataset)),
    splitTable(dataset),
    modalityTable(dataset),
    strength ? strengthTable(dataset.metrics, strength) : 'Strength of modalities: needs labels for train and valid.',
    ...(memory ? [wrapped(memoryText(memory))] : []),
    ...(ignored.length > 0 ? [wrapped(`Not read: ${listed(ignored, 20)}`)] : []),
  ];
  return `${sections.join('\n\n')}\n`;
}

const memoryText = ({ total, step }: NonNullable<InspectedDataset['memory_mb']>): string =>
  `Training DecAlign as it is by default takes about ${total.toLocaleString('en')} MB of memory, ${step < 1 ? 'less than one' : step.toLocaleString('en')} of them for a batch ` +
  '(train --dry-run estimates that of other settings).';

/** The names and shapes in a file that is no dataset; of many groups with the same names, only a few are shown. */
export function fileText({ format, warnings = [], tensors, metadata }: DataFile): string {
  const before = warnings.length > 0 ? `${warningText(warnings)}\n\n` : '';
  return `${before}${outline({ format, tensors: fewAlike(tensors), metadata })}`;
}

function taskText(task: Task): string {
  switch (task.kind) {
    case 'regression':
      return `regression, ${shortNumber(task.range[0])} to ${shortNumber(task.range[1])}`;
    case 'classification':
      return `classification, ${task.classes.length} classes`;
    case 'multilabel':
      return `multilabel, ${task.names.length} labels`;
    case 'multitarget':
      return `multitarget, ${task.names.length} targets`;
  }
}

/** A number with three significant digits. */
const shortNumber = (x: number): string => String(Number(x.toPrecision(3)));

const warningText = (warnings: readonly string[]): string =>
  warnings.length === 0 ? '' : ['Warnings', ...warnings.map((warning) => wrapped(warning, '  ! '))].join('\n');

/**
 * A line that names the kinds of leakage that were looked for, and those that could not be: only then does no warning
 * mean none.
 */
const checkedText = ({ splits, sharedGroups }: InspectedDataset): string =>
  Object.keys(splits).length < 2
    ? 'One split: nothing can leak from one to another.'
    : `Compared between splits: ids, features${sharedGroups ? ', groups.' : '; no groups, which --group COLUMN would name.'}`;

/** With more distinct labels than this, the table of splits does not count samples by label. */
const mostColumns = 12;

function splitTable({ splits, task }: InspectedDataset): string {
  const entries = Object.entries(splits);
  if (hasSeveral(task)) return severalTable(entries, task);
  const names = [...new Set(entries.flatMap(([, { labels = [] }]) => labels.map(({ label }) => label)))];
  // Rounded regression labels are sorted as numbers; classes keep the order in which the splits list them.
  if (names.every((label) => Number.isFinite(Number(label)))) names.sort((a, b) => Number(a) - Number(b));
  const shown = names.length > mostColumns ? [] : names;
  const rows = entries.map(([split, { samples, labels = [] }]) => [
    split,
    String(samples),
    ...shown.map((name) => String(labels.find(({ label }) => label === name)?.count ?? 0)),
  ]);
  const head = shown.length > 0 ? 'Samples, and of each label (rounded, if numbers)' : 'Samples';
  return `${head}\n${columns([['split', 'samples', ...shown], ...rows])}`;
}

/** Of several labels the share of samples that have each, or the range of each value, with how many samples lack it. */
function severalTable(entries: readonly (readonly [string, SplitReport])[], { kind, names }: SeveralLabels): string {
  const cell = (report: LabelReport | undefined, samples: number): string => {
    if (!report || report.known === 0) return '-';
    const { known, min, max, mean } = report;
    const value = kind === 'multilabel' ? `${(100 * mean).toFixed(1)} %` : `${shortNumber(min)} to ${shortNumber(max)}`;
    return known < samples ? `${value} (${samples - known} lack it)` : value;
  };
  const rows = names.map((name, l) => [
    name,
    ...entries.map(([, { samples, several }]) => cell(several?.[l], samples)),
  ]);
  return [
    kind === 'multilabel' ? 'Samples, and the share that has each label' : 'Samples, and the range of each target',
    columns([
      ['', ...entries.map(([split]) => split)],
      ['samples', ...entries.map(([, { samples }]) => String(samples))],
      ...rows,
    ]),
  ].join('\n');
}

function modalityTable({ modalities }: InspectedDataset): string {
  const head = [
    'modality',
    '[T, D]',
    'lengths',
    'mean',
    'std',
    'min',
    'max',
    'constant',
    'zero steps',
    'missing',
    'absent',
  ];
  const rows = modalities.map((modality) => [
    modality.name,
    `[${modality.time}, ${modality.width}]`,
    lengthsText(modality.lengths),
    ...[modality.mean, modality.std, modality.min, modality.max].map(shortNumber),
    String(modality.constantFeatures),
    String(modality.zeroSteps),
    String(modality.cleaned),
    String(modality.absent),
  ]);
  const sources = modalities.flatMap(({ name, lengthSource }) => {
    const source = sourceText(name, lengthSource);
    return source === undefined ? [] : [wrapped(source, '  ')];
  });
  return [
    wrapped('Modalities (lengths: least, quartiles, most; scale and constant features over the first split)'),
    columns([head, ...rows]),
    ...sources,
  ].join('\n');
}

const lengthsText = (lengths: readonly number[]): string =>
  lengths.every((length) => length === lengths[0]) ? String(lengths[0]) : lengths.map((x) => Math.round(x)).join(' ');

function sourceText(name: string, source: LengthSource): string | undefined {
  switch (source.kind) {
    case 'key':
      return `${name}: lengths from ${source.key}`;
    case 'modality':
      return `${name}: lengths of ${source.modality}`;
    case 'trailing-zeros':
      return `${name}: lengths by trailing rows of zeros, a guess; ${name}_lengths would say`;
    case 'leading-zeros':
      return `${name}: lengths by leading rows of zeros, moved to the end, a guess; ${name}_lengths would say`;
    case 'single-step':
    case 'given':
      return undefined;
  }
}

function strengthTable(
  kind: MetricKind,
  { metric, constant, modalities }: NonNullable<InspectedDataset['strength']>,
): string {
  const usual = (['mae', 'corr', 'acc2', 'acc2_nonneg', 'waf1', 'wacc', 'uacc'] as const).filter(
    (name) => name in constant,
  );
  const shown = [...new Set<MetricName>([metric, ...usual])];
  const scores = (of: Readonly<Record<string, number>>): string[] =>
    shown.map((name) => (Number.isFinite(of[name]) ? of[name]!.toFixed(3) : '-'));
  const rows = modalities.map((modality) => [
    modality.name,
    ...scores(modality.scores),
    isBetter(metric, modality.scores, constant) ? '' : 'no better than the constant',
  ]);
  return [
    wrapped('Strength (ridge on one modality alone, penalty chosen on validation; scores of validation)'),
    columns([
      ...headingLines(kind, shown).map((line) => ['', ...line, '']),
      ['best constant', ...scores(constant), ''],
      ...rows,
    ]),
  ].join('\n');
}

/** Whether a modality's metric is better than that of the best constant, by more than 1 % of it. */
function isBetter(
  metric: MetricName,
  scores: Readonly<Record<string, number>>,
  constant: Readonly<Record<string, number>>,
): boolean {
  const gain = (scores[metric]! - constant[metric]!) * (metrics[metric].better === 'higher' ? 1 : -1);
  return gain > 0.01 * Math.abs(constant[metric]!);
}

/** Where more groups than this hold the same names, or more arrays have one shape, only the first three are shown. */
const mostAlike = 6;

/** The value with only the first three of many groups that hold the same names, and the number of the others. */
function fewAlike(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const first = shapeOf(entries[0]?.[1]);
  const alike = first !== undefined && entries.every(([, inner]) => shapeOf(inner) === first);
  const kept = alike && entries.length > mostAlike ? entries.slice(0, 3) : entries;
  const shown = kept.map(([key, inner]): [string, unknown] => [key, fewAlike(inner)]);
  if (kept.length < entries.length)
    shown.push([
      '…',
      `${entries.length - kept.length} more ${typeof entries[0]![1] === 'string' ? 'alike' : 'of the same names'}`,
    ]);
  return Object.fromEntries(shown);
}

/** The names of a group as one text to compare, or the type and shape of an array; undefined for a plain value. */
const shapeOf = (value: unknown): string | undefined =>
  typeof value === 'object' && value !== null
    ? JSON.stringify(Object.keys(value))
    : typeof value === 'string' && value.endsWith(']')
      ? value
      : undefined;
