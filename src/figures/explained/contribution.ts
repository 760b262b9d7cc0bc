/** What the prediction of one sample rests on: gradient times input by step, and what each modality adds. */
import { explainedSample, predictedWords } from './sample.ts';
import { CannotShow, type Drawing, type Spec } from '../figure.ts';
import { headed } from '../panel.ts';
import { trained, type Source } from '../source.ts';
import { palette, quiet } from '../style.ts';

export interface ContributionData {
  readonly id: string;
  readonly runs: readonly {
    readonly name: string;
    /** What is predicted, in words. */
    readonly says: string;
    readonly modalities: readonly ContributionPart[];
  }[];
}

export interface ContributionPart {
  readonly modality: string;
  /** Gradient times input of each true step; empty where the sample lacks the modality. */
  readonly steps: readonly number[];
  /** The output less the output without the modality. */
  readonly change: number;
}

/** The most runs that are shown, a row of panels each. */
const mostRuns = 5;

export async function readContribution(source: Source, id?: string): Promise<ContributionData> {
  const shown = trained(source);
  if (shown.length > mostRuns)
    throw new CannotShow(
      `it is of ${mostRuns} runs at most, and there are ${shown.length}: name those that are wanted`,
    );
  const runs: ContributionData['runs'][number][] = [];
  let own = id;
  for (const each of shown) {
    const sample = await explainedSample(each, source, own);
    own = sample.id;
    const modalities = Object.entries(sample.modalities).map(([modality, { contribution, without }]) => ({
      modality,
      steps: contribution?.steps ?? [],
      change: without?.change ?? 0,
    }));
    runs.push({ name: each.name, says: predictedWords(sample), modalities });
  }
  return { id: own!, runs };
}

export function contribution({ id, runs }: ContributionData): Drawing {
  const across = Math.max(...runs.map(({ modalities }) => modalities.length));
  const all = runs.flatMap(({ modalities }) => modalities.flatMap(({ steps }) => steps));
  const [low, high] = [Math.min(0, ...all), Math.max(0, ...all)];
  const rim = 0.05 * (high - low || 1);
  const many = runs.length > 1;
  const panels = runs.flatMap(({ name, modalities }) =>
    modalities.map((part) => ({ part, name: many ? name : undefined })),
  );
  const says = runs.map((run) => (many ? `${run.name} ${run.says}` : run.says)).join('; ');
  return {
    title: `What the prediction of ${id} rests on`,
    notes: [
      many ? `${says}.` : `${says[0]!.toUpperCase()}${says.slice(1)}.`,
      'Bars: gradient times input of each step, the change of the prediction, to first order, as the features of the step are scaled up. They do not add up to it. Adds: the prediction less that for the same sample without the modality.',
    ],
    description: `Contributions to the prediction of ${id}. ${runs.map((run) => `${run.name}: ${run.says}, ${run.modalities.map(partWords).join(', ')}`).join('; ')}.`,
    columns: across > 2 ? 2 : 1,
    across,
    spec: (width) => ({
      ...{ columns: across, spacing: { row: 14, column: 10 } },
      concat: panels.map(({ part, name }) => panelSpec(part, { name, width, domain: [low - rim, high + rim] })),
      resolve: { scale: { y: 'shared' } },
    }),
  };
}

const signed = (x: number): string => `${x < 0 ? '−' : '+'}${Math.abs(x).toFixed(2)}`;

const partWords = ({ modality, steps, change }: ContributionPart): string =>
  steps.length === 0 ? `${modality} absent` : `${modality} adds ${signed(change)}`;

function panelSpec(
  part: ContributionPart,
  {
    name,
    width,
    domain,
  }: { readonly name: string | undefined; readonly width: number; readonly domain: readonly number[] },
): Spec {
  const { modality, steps, change } = part;
  const values = steps.map((value, step) => ({
    step,
    value: Number(value.toPrecision(5)),
    sign: value < 0 ? 'down' : 'up',
  }));
  const says = steps.length === 0 ? 'absent' : `adds ${signed(change)}`;
  // A single step would fill its panel.
  const half = Math.min(0.4, 0.1 * steps.length);
  const last = Math.max(1, steps.length) - 0.5;
  const x = { type: 'quantitative', scale: { domain: [-0.5, last], nice: false, zero: false } } as const;
  return headed([name === undefined ? modality : `${name}: ${modality}`, says], {
    ...{ width, height: 90 },
    data: { values: values.map((each) => ({ ...each, from: each.step - half, to: each.step + half })) },
    encoding: {
      x: {
        ...{ field: 'from', ...x },
        axis: { title: 'step', grid: false, tickMinStep: 1, tickCount: Math.min(5, steps.length), format: 'd' },
      },
      y: {
        ...{ field: 'value', type: 'quantitative', scale: { domain, nice: false } },
        axis: { title: 'gradient times input', tickCount: 5 },
      },
    },
    layer: [
      {
        mark: { type: 'rect' },
        encoding: {
          ...{ x2: { field: 'to' }, y2: { datum: 0 } },
          color: { value: palette[2], condition: { test: "datum.sign === 'down'", value: palette[3] } },
        },
      },
      {
        data: { values: [{}] },
        mark: { type: 'rule', color: quiet, strokeWidth: 0.6 },
        encoding: { x: { datum: -0.5, ...x }, x2: { datum: last }, y: { datum: 0 } },
      },
    ],
  });
}
