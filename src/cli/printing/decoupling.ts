/** Measures of decoupling as groups of lines for people, of at most 80 columns where names are short. */
import type { DecouplingReport } from '../../runs/decoupling.ts';
import { columns } from './columns.ts';
import { wrapped } from './wrapped.ts';

type Figure = number | undefined;
type Range = { readonly low: number; readonly high: number } | undefined;

/** What `decalign decoupling` prints. */
export function decouplingText(source: string, report: DecouplingReport): string {
  return [
    heading(source, report),
    score(report),
    [report.reading, ...report.notes.map((note) => `Note: ${note}`)]
      .map((text) => wrapped(text, '', { most: 80 }))
      .join('\n'),
    parts(report),
    dependence(report),
    labels(report),
    reconstruction(report),
    gap(report),
    plan(report),
    factors(report),
  ]
    .filter((group) => group !== undefined)
    .join('\n\n');
}

/** With three decimals, and without a sign where these are all 0. */
const shown = (x: Figure): string => (x === undefined ? 'absent' : x.toFixed(3).replace(/^-(?=0\.000$)/, ''));

const range = (of: Range): string => (of ? `${shown(of.low)} to ${shown(of.high)}` : 'absent');

function heading(source: string, { split, samples, paired, dependence: modalities }: DecouplingReport): string {
  const several =
    modalities.length > 2 ? `at least ${paired} with any two modalities` : `${paired} with both modalities`;
  return `${source}, ${split} split (${samples} samples${paired < samples ? `, ${several}` : ''})`;
}

/** Figures by name, each with what it says. */
function explained(rows: readonly (readonly [string, Figure, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows
    .map(([name, value, says]) => `${name.padEnd(width)}  ${shown(value).padStart(6)}  ${says}`.trimEnd())
    .join('\n');
}

const over = ({ intervals: { groups } }: DecouplingReport): string =>
  groups === undefined ? 'samples' : `${groups} groups`;

function score(report: DecouplingReport): string {
  const { score: d, agreement, leak, overlap } = report.decoupling;
  const interval = report.intervals.score;
  return explained([
    ['D', d, `A (1 - L)(1 - U)${interval ? `, 95 % ${range(interval)} over ${over(report)}` : ''}`],
    ['A', agreement, 'common features of a sample agree across modalities'],
    ['L', leak, 'leak: the larger of the two R2 of the parts below'],
    ['U', overlap, 'overlap: R2 of unique features from other unique ones'],
  ]);
}

function parts(report: DecouplingReport): string {
  const { decoupling, retrieval, intervals } = report;
  return explained([
    ['unique from common', decoupling.uniqueFromCommon, 'mean R2, linear'],
    ['common from unique', decoupling.commonFromUnique, 'mean R2, linear'],
    ['retrieval at 1', retrieval?.at1, `the same sample is nearest; chance ${shown(retrieval?.chanceAt1)}`],
    ['retrieval at 10', retrieval?.at10, `among the ten nearest; chance ${shown(retrieval?.chanceAt10)}`],
    [
      'less chance',
      retrieval && retrieval.at10 - retrieval.chanceAt10,
      intervals.retrieval ? `95 % ${range(intervals.retrieval)} over ${over(report)}` : '',
    ],
  ]);
}

const dependence = (report: DecouplingReport): string =>
  columns([
    ['HSIC of unique and common', '', '95 % by chance'],
    ...report.dependence.map(({ modality, hsic, chance }) => [modality, shown(hsic), range(chance)]),
  ]);

function labels({ labels: found }: DecouplingReport): string | undefined {
  if (!found) return undefined;
  const { metric, common, unique, both, constant } = found;
  const [what, least] = metric === 'r2' ? (['R2', 'mean'] as const) : (['accuracy', 'largest class'] as const);
  return columns([
    ['Label from', 'common', 'unique', 'both', least],
    [what, ...[common, unique, both, constant].map(shown)],
  ]);
}

function reconstruction({ reconstruction: found }: DecouplingReport): string | undefined {
  if (found.length === 0) return undefined;
  return columns([
    ['R2 of features from', 'common', 'unique', 'both'],
    ...found.map(({ modality, common, unique, both }) => [modality, ...[common, unique, both].map(shown)]),
  ]);
}

function gap({ gap: found }: DecouplingReport): string | undefined {
  if (!found) return undefined;
  const { centroids, moments, mmd } = found;
  return columns([
    ['Gap between common features', '', '95 % of one distribution'],
    ...(
      [
        ['centroids over spread', centroids],
        ['moments (Eq. 10)', moments],
        ['MMD (Eq. 11)', mmd],
      ] as const
    ).map(([name, { value, noise }]) => [name, shown(value), range(noise)]),
  ]);
}

function plan({ plan: found }: DecouplingReport): string | undefined {
  if (!found) return undefined;
  const effective = found.prototypes.map(({ modality, effective: own, count }) => [
    `effective prototypes of ${modality}`,
    own.toFixed(1),
    `of ${count}`,
  ]);
  return columns([['information of the transport plan', shown(found.information), 'of 1'], ...effective]);
}

function factors({ factors: linear, factorsByKernel: kernel }: DecouplingReport): string | undefined {
  if (!linear) return undefined;
  const rows = [
    ['cS  shared ones from common features', 'commonShared'],
    ['cO  own ones from common features', 'commonOwn'],
    ['uS  shared ones from unique features', 'uniqueShared'],
    ['uO  own ones from unique features', 'uniqueOwn'],
  ] as const;
  return columns([
    ['R2 of true factors', 'linear', 'kernel'],
    ...rows.map(([says, name]) => [says, shown(linear[name]), shown(kernel?.[name])]),
  ]);
}
