/** Unique and common features on a plane, and how far they are decoupled. */
import type { Embedding, EmbeddingPanel } from '../../../server/ui/api/run.ts';
import type { RunRow } from '../../../server/ui/api/routes.ts';
import { ChartFrame } from '../../base/chart-frame.tsx';
import type { LinkedTable } from '../../base/plain-table.tsx';
import { numberText } from '../../base/texts.ts';
import { runApi } from '../api.ts';
import { place, setQuery } from '../navigation.ts';
import { sampleUrl } from '../place.ts';
import { Measures } from './measures.tsx';
import { Part } from './part.tsx';
import { Scatter, shapeAt, type Point } from './scatter.tsx';

interface FeaturesProps {
  readonly run: RunRow;
  /** Why single samples cannot be looked at. */
  readonly samples: string | undefined;
}

const titles = { unique: 'Unique features', common: 'Common features' } as const;

export function Features({ run: { id, status }, samples }: FeaturesProps) {
  return (
    <Part<Embedding>
      path={runApi(id, '/embedding')}
      version={status}
      making="The test split is predicted for this, which takes some seconds …"
    >
      {(embedding) => <Embedded run={id} embedding={embedding} isLinked={samples === undefined} />}
    </Part>
  );
}

interface EmbeddedProps {
  readonly run: string;
  readonly embedding: Embedding;
  readonly isLinked: boolean;
}

function Embedded({ run, embedding, isLinked }: EmbeddedProps) {
  const { panels, labels, measures, notes } = embedding;
  const byLabel = place.value.query.get('colour') === 'label';
  const colours = byLabel ? labelColours(labels) : undefined;
  const modalities = [...new Set(panels.flatMap(({ points }) => points.map(({ modality }) => modality)))];
  return (
    <>
      <Measures measures={measures} />
      <div class="controls curve-controls">
        <label>
          Colours say{' '}
          <select
            value={byLabel ? 'label' : 'modality'}
            onChange={({ currentTarget: { value } }) => setQuery({ colour: value === 'label' ? value : undefined })}
          >
            <option value="modality">the modality</option>
            <option value="label">the label</option>
          </select>
        </label>
        <ul class="legend" aria-label="Modalities">
          {modalities.map((modality, n) => (
            <li key={modality}>
              <svg width="12" height="12" aria-hidden="true">
                <path d={shapeAt(n, 6, 6)} fill={colours ? 'var(--quiet)' : `var(--series-${n + 1})`} />
              </svg>
              {modality}
            </li>
          ))}
        </ul>
        {colours && (
          <ul class="legend" aria-label="Labels">
            {colours.legend.map(({ name, fill }) => (
              <li key={name}>
                <svg width="12" height="12" aria-hidden="true">
                  <circle cx="6" cy="6" r="5" fill={fill} />
                </svg>
                {name}
              </li>
            ))}
          </ul>
        )}
      </div>
      <div class="grid wide">
        {panels.map((panel) => (
          <ChartFrame
            key={panel.part}
            title={titles[panel.part]}
            name={`${run} ${panel.part} features`}
            {...(panel.shares && { note: sharesText(panel.shares) })}
            table={() => tableOf(panel, embedding, isLinked ? run : undefined)}
          >
            <Scatter
              label={`${titles[panel.part]} of ${modalities.join(', ')} on two directions`}
              xTitle="first direction"
              yTitle="second direction"
              points={pointsOf(panel, { embedding, modalities, fillOf: colours?.of, run: isLinked ? run : undefined })}
            />
          </ChartFrame>
        ))}
      </div>
      {notes.map((note) => (
        <p key={note} class="quiet small">
          {note}
        </p>
      ))}
    </>
  );
}

const sharesText = ([first, second]: readonly [number, number]): string =>
  `Two directions that have ${Math.round((first + second) * 100)} % of the variance: near on the plane need not be near.`;

interface Pointing {
  readonly embedding: Embedding;
  readonly modalities: readonly string[];
  /** The colour of a label; undefined for those of modalities. */
  readonly fillOf: ((label: Label) => string) | undefined;
  /** The run whose samples are linked to. */
  readonly run: string | undefined;
}

type Label = Embedding['labels'][number];

function pointsOf({ points }: EmbeddingPanel, { embedding, modalities, fillOf, run }: Pointing): readonly Point[] {
  return points.flatMap(({ modality, sample, x, y }) => {
    const shape = modalities.indexOf(modality);
    return sample.map((index, n): Point => {
      const [id, label] = [embedding.ids[index]!, embedding.labels[index] ?? null];
      return {
        ...{
          x: x[n]!,
          y: y[n]!,
          shape,
          title: `${id}, ${modality}${label === null ? '' : `, label ${labelText(label)}`}`,
        },
        fill: fillOf ? fillOf(label) : `var(--series-${(shape % 8) + 1})`,
        href: run === undefined ? undefined : sampleUrl(run, id),
      };
    });
  });
}

const tableOf = ({ points }: EmbeddingPanel, { ids, labels }: Embedding, run: string | undefined): LinkedTable => ({
  columns: ['id', 'modality', 'label', 'x', 'y'],
  rows: points.flatMap(({ modality, sample, x, y }) =>
    sample.map((index, n) => [ids[index], modality, labels[index], x[n], y[n]]),
  ),
  ...(run !== undefined && {
    links: points.flatMap(({ sample }) => sample.map((index) => sampleUrl(run, ids[index]!))),
  }),
});

const labelText = (label: string | number): string => (typeof label === 'number' ? numberText(label) : label);

interface LabelColours {
  readonly of: (label: Label) => string;
  readonly legend: readonly { readonly name: string; readonly fill: string }[];
}

/** Values go from one colour to another, classes have one each. */
function labelColours(labels: Embedding['labels']): LabelColours {
  const numbers = labels.filter((label) => typeof label === 'number');
  if (numbers.length > 0) {
    const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
    const fillAt = (share: number): string =>
      `color-mix(in oklab, var(--series-1) ${Math.round(share * 100)}%, var(--series-2))`;
    return {
      of: (label) => (typeof label === 'number' && high > low ? fillAt((label - low) / (high - low)) : 'var(--edge)'),
      legend: [0, 0.5, 1].map((share) => ({ name: numberText(low + share * (high - low), 3), fill: fillAt(share) })),
    };
  }
  const names = [...new Set(labels.filter((label) => typeof label === 'string'))].sort();
  const fillOf = (name: string): string => `var(--series-${(names.indexOf(name) % 8) + 1})`;
  return {
    of: (label) => (typeof label === 'string' ? fillOf(label) : 'var(--edge)'),
    legend: names.map((name) => ({ name, fill: fillOf(name) })),
  };
}
