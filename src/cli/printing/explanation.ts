/** An explanation as lines for people, of at most 80 columns where names are short. */
import type {
  AttentionLayer,
  ExplainedSample,
  ExplainedTransport,
  Explanation,
} from '../../runs/explain/explanation.ts';
import { columns } from './columns.ts';
import { wrapped } from './wrapped.ts';

/** What `decalign explain` prints in a terminal. */
export function explanationText(source: string, { split, samples, transport, notes }: Explanation): string {
  return [
    ...samples.map((sample) => sampleText(source, split, sample)),
    ...(transport ? [transportText(transport)] : []),
    ...notes.map((note) => wrapped(`Note: ${note}`, '', { most: 80 })),
  ].join('\n\n');
}

function sampleText(source: string, split: string, sample: ExplainedSample): string {
  const { id, output, label, prediction, modalities, attention } = sample;
  const unit = output.kind === 'logit' ? `the logit of ${output.name}` : output.name;
  const rows = Object.entries(modalities).map(([name, { present, contribution, without }]) =>
    present
      ? [
          name,
          `${contribution!.steps.length}`,
          signed(contribution!.sum),
          shown(without!.value),
          signed(without!.change),
        ]
      : [name, 'absent'],
  );
  return [
    `${id} of ${source}, ${split} split: predicted ${written(prediction)}${label === undefined ? '' : `, label ${written(label)}`}`,
    `Explained: ${unit}, ${shown(output.value)}`,
    columns([['Modality', 'steps', 'gradient times input', 'without it', 'it adds'], ...rows]),
    ...[largestSteps(sample), attentionText(attention), assignmentText(sample)].filter((text) => text !== undefined),
  ].join('\n');
}

const shown = (x: number): string => x.toFixed(3).replace(/^-(?=0\.000$)/, '');
const signed = (x: number): string => shown(x).replace(/^(?=\d)/, Number(shown(x)) > 0 ? '+' : '');

/** A prediction or a label: a number, a class, or several of them by name. */
function written(value: unknown): string {
  if (typeof value === 'number') return shown(value);
  if (typeof value === 'string') return value;
  const entries = Object.entries(value as Readonly<Record<string, number | null>>);
  return entries
    .map(([name, x]) => `${name} ${x === null ? 'unknown' : Number.isInteger(x) ? x : shown(x)}`)
    .join(', ');
}

/** The steps whose contributions are the largest, from 0 as in the data. */
function largestSteps({ modalities }: ExplainedSample): string | undefined {
  const steps = Object.entries(modalities).flatMap(([name, { contribution }]) =>
    (contribution?.steps ?? []).map((value, step) => ({ name, step, value })),
  );
  const largest = steps.toSorted((a, b) => Math.abs(b.value) - Math.abs(a.value)).slice(0, 5);
  if (steps.length <= Object.keys(modalities).length) return undefined;
  const told = largest.map(({ name, step, value }) => `${name} ${step} (${signed(value)})`);
  return wrapped(`Steps that count most, from 0: ${told.join(', ')}`, '', { most: 80 });
}

/** The mean share of attention that each modality gives to each, over layers, heads and steps. */
function attentionText(layers: readonly AttentionLayer[]): string | undefined {
  if (layers.length === 0) return undefined;
  const queries = [...new Set(layers.map((each) => each.queries))];
  const told = queries.map((name) => {
    const own = layers.filter((each) => each.queries === name);
    const targets = [...new Set(own.flatMap(({ keys }) => keys.map(({ modality }) => modality)))];
    return `${name} to ${targets.map((target) => `${target} ${shown(meanShare(own, target))}`).join(', ')}`;
  });
  return wrapped(`Attention, mean over layers, heads and steps: ${told.join('; ')}`, '', { most: 80 });
}

function meanShare(layers: readonly AttentionLayer[], target: string): number {
  const shares = layers.flatMap(({ keys }) =>
    keys
      .filter(({ modality }) => modality === target)
      .flatMap(({ weights }) => weights.flatMap((head) => head.map((row) => row.reduce((sum, x) => sum + x, 0)))),
  );
  return shares.reduce((sum, x) => sum + x, 0) / shares.length;
}

/** Prototypes are counted from 1, as in figures. */
function assignmentText({ modalities }: ExplainedSample): string | undefined {
  const told = Object.entries(modalities).flatMap(([name, { assignment }]) => {
    if (!assignment) return [];
    const most = Math.max(...assignment);
    return [`${name} ${assignment.indexOf(most) + 1} (${shown(most)})`];
  });
  if (told.length === 0) return undefined;
  return wrapped(`Prototypes it is most of: ${told.join(', ')}`, '', { most: 80 });
}

function transportText({ fitted, information, pairs, prototypes }: ExplainedTransport): string {
  const range = '0: all to all alike, 1: each to one of its own';
  return [
    wrapped(
      `Transport plan between prototypes of ${fitted} samples: information ${information === null ? 'undefined' : shown(information)} (${range})`,
      '',
      { most: 80 },
    ),
    columns([
      ['Pair', 'information'],
      ...pairs.map((pair) => [
        pair.modalities.join(' and '),
        pair.information === null ? 'undefined' : shown(pair.information),
      ]),
    ]),
    columns([
      ['Prototypes', 'count', 'effective', 'largest mass'],
      ...Object.entries(prototypes).map(([name, { masses, effective }]) => [
        name,
        `${masses.length}`,
        effective.toFixed(1),
        shown(Math.max(...masses)),
      ]),
    ]),
  ].join('\n');
}
