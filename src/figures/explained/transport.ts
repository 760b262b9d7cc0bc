/** The transport plan of a model (Eq. 7), summed to every two modalities, and how much one prototype tells of another. */
import type { ExplainedTransport } from '../../runs/explain/explanation.ts';
import { explainedTransport } from '../../runs/explain/prototypes.ts';
import { CannotShow, type Drawing, type Spec } from '../figure.ts';
import { prototypesIn } from '../measured.ts';
import { headed } from '../panel.ts';
import { mainAmong, trained, type Source } from '../source.ts';
import { ink, ramp } from '../style.ts';

export interface TransportData {
  readonly runs: readonly {
    readonly name: string;
    /** Samples that prototypes are fitted to. */
    readonly fitted: number;
    readonly pairs: ExplainedTransport['pairs'];
  }[];
  /** How many runs there were to choose from; absent where all are shown. */
  readonly given?: number;
}

/** The most runs that are shown, a row of panels each. */
const mostRuns = 5;

export async function readTransport(source: Source): Promise<TransportData> {
  const all = trained(source);
  const main = mainAmong(all, mostRuns);
  const shown = all.length > mostRuns ? [...main, ...all.filter((each) => !main.includes(each))] : all;
  const runs: TransportData['runs'][number][] = [];
  for (const each of shown) {
    if (runs.length === mostRuns) break;
    const found = await prototypesIn(each, source);
    if (!found) continue;
    const { fitted, pairs } = explainedTransport(found);
    runs.push({ name: each.name, fitted, pairs });
  }
  if (runs.length === 0)
    throw new CannotShow(
      `none of the runs (${shown.map(({ name }) => name).join(', ')}) solves for a transport plan: DecAlign does, where model.without leaves transport in and test samples have all modalities`,
    );
  const counts = new Set(runs.map(({ pairs }) => pairs.length));
  if (counts.size > 1) throw new CannotShow('the runs are of different numbers of modalities');
  return { runs, ...(all.length > mostRuns && { given: all.length }) };
}

export function transport({ runs, given }: TransportData): Drawing {
  const pairs = runs[0]!.pairs.length;
  const across = pairs === 1 ? Math.min(runs.length, 3) : Math.min(pairs, 3);
  const many = runs.length > 1;
  const panels = runs.flatMap(({ name, pairs: own }) => own.map((pair) => ({ name: many ? name : undefined, pair })));
  const most = Math.max(...panels.flatMap(({ pair }) => pair.plan.flat()));
  const fitted = [...new Set(runs.map((run) => run.fitted))].join(' or ');
  return {
    title: 'Transport plan between prototypes',
    notes: [
      ...(runs.length === mostRuns && given !== undefined ? [`There is room for ${mostRuns} of ${given} runs.`] : []),
      `Numbers: percent of all mass that goes from one prototype to another, prototypes fitted to ${fitted} test samples, one seed. Information: what the prototype in one modality tells of that in the other, of the most it could (mutual information). 0: each goes to all alike, as their masses are; 1: each has one of its own.`,
    ],
    description: `Transport plan: information ${panels.map(({ name, pair }) => `${name === undefined ? '' : `${name}, `}${pair.modalities.join(' and ')} ${words(pair.information)}`).join('; ')}.`,
    columns: across === 1 ? 1 : 2,
    across,
    spec: (width) => ({
      ...{ columns: across, spacing: { row: 14, column: 12 } },
      concat: panels.map(({ name, pair }) => panelSpec(pair, { name, most, width })),
    }),
  };
}

const words = (information: number | null): string => (information === null ? 'undefined' : information.toFixed(2));

function panelSpec(
  { modalities, plan, information }: ExplainedTransport['pairs'][number],
  { name, most, width }: { readonly name: string | undefined; readonly most: number; readonly width: number },
): Spec {
  const [first, second] = modalities;
  const columns = plan[0]!.length;
  const values = plan.flatMap((row, i) =>
    row.map((mass, j) => ({ row: i + 1, column: j + 1, mass: Number(mass.toFixed(6)), percent: percent(mass) })),
  );
  const numbered = width / columns >= 13;
  const axis = { domain: false, ticks: false, labelAngle: 0, labelOverlap: true };
  const height = Math.max(11 * plan.length, Math.min((width * plan.length) / columns, 120));
  return headed(
    [...(name === undefined ? [] : [name]), `${first} and ${second}`, `information ${words(information)} of 1`],
    {
      ...{ width, height },
      data: { values },
      encoding: {
        x: { field: 'column', type: 'ordinal', axis: { ...axis, title: `prototype of ${second}` } },
        y: { field: 'row', type: 'ordinal', axis: { ...axis, title: `prototype of ${first}` } },
      },
      layer: [
        {
          mark: { type: 'rect', stroke: 'white', strokeWidth: 0.6 },
          encoding: {
            color: {
              ...{ field: 'mass', type: 'quantitative', legend: null },
              scale: { domain: [0, most], range: ramp, interpolate: 'rgb' },
            },
          },
        },
        ...(numbered
          ? [
              {
                mark: { type: 'text' },
                encoding: {
                  text: { field: 'percent', type: 'nominal' },
                  color: { value: ink, condition: { test: `datum.mass > ${0.6 * most}`, value: 'white' } },
                },
              },
            ]
          : []),
      ],
    },
  );
}

/** Of 1 percent and more as a whole number, below with one digit. */
const percent = (mass: number): string => {
  const value = 100 * mass;
  return value < 0.05 ? '0' : value < 0.95 ? value.toFixed(1).replace(/^0/, '') : value.toFixed(0);
};
