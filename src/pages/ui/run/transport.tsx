/** The transport plan between prototypes, and the prototypes themselves. */
import type { TransportView } from '../../../server/ui/api/run.ts';
import type { RunRow } from '../../../server/ui/api/routes.ts';
import { ChartFrame } from '../../base/chart-frame.tsx';
import { HeatTable } from '../../base/heat-table.tsx';
import { ShareBar } from '../../base/share-bar.tsx';
import { counted, metricText, numberText } from '../../base/texts.ts';
import { runApi } from '../api.ts';
import { ellipseOf } from './ellipse.ts';
import { Part } from './part.tsx';
import { Scatter, shapeAt, type Point } from './scatter.tsx';

export function Transport({ run: { id, status } }: { readonly run: RunRow }) {
  return (
    <Part<TransportView>
      path={runApi(id, '/transport')}
      version={status}
      making="Prototypes are fitted to the test split for this, which takes some seconds …"
    >
      {(view) => <Plan run={id} view={view} />}
    </Part>
  );
}

function Plan({
  run,
  view: { fitted, information, pairs, prototypes, plane },
}: {
  readonly run: string;
  readonly view: TransportView;
}) {
  return (
    <>
      <p>
        {information === null
          ? 'One prototype has all mass: the plan can say nothing.'
          : `Information of the plan: ${metricText(information)} of 1. Near 1 a prototype of one modality answers to one of another; near 0 each goes to all of them, as their sizes are.`}
      </p>
      <p class="quiet small">Prototypes are fitted to {counted(fitted, 'test sample')} that have all modalities.</p>
      <div class="grid wide">
        {pairs.map((pair) => (
          <PairPlan key={pair.modalities.join(' ')} run={run} pair={pair} />
        ))}
      </div>
      <div class="grid wide">
        {prototypes.map(({ modality, masses, effective }) => (
          <ChartFrame
            key={modality}
            title={`Prototypes of ${modality}`}
            name={`${run} prototypes ${modality}`}
            note={`${numberText(effective, 3)} of ${masses.length} in effect. The share of the samples that each has:`}
            table={() => ({ columns: ['prototype', 'share'], rows: masses.map((mass, n) => [n + 1, mass]) })}
          >
            <ol class="masses">
              {masses.map((mass, n) => (
                <li key={n}>
                  <ShareBar share={mass} />
                  <span>{metricText(mass)}</span>
                </li>
              ))}
            </ol>
          </ChartFrame>
        ))}
        {plane && <Plane run={run} plane={plane} />}
      </div>
    </>
  );
}

function PairPlan({
  run,
  pair: { modalities, plan, information },
}: {
  readonly run: string;
  readonly pair: TransportView['pairs'][number];
}) {
  const [rows, columns] = modalities;
  const most = Math.max(...plan.flat());
  return (
    <ChartFrame
      title={`${rows} and ${columns}`}
      name={`${run} transport ${rows} ${columns}`}
      note={`Rows: prototypes of ${rows}; columns: of ${columns}. ${information === null ? '' : `Information ${metricText(information)}.`}`}
      table={() => ({
        columns: [rows, ...plan[0]!.map((_, n) => `${columns} ${n + 1}`)],
        rows: plan.map((row, n) => [n + 1, ...row]),
      })}
    >
      <HeatTable
        label={`Plan between ${rows} and ${columns}`}
        corner={`${rows} ↓ ${columns} →`}
        columns={plan[0]!.map((_, n) => String(n + 1))}
        rows={plan.map((row, n) => ({
          name: String(n + 1),
          cells: row.map((share) => ({
            text: share < 0.0005 ? '0' : share.toFixed(3).slice(1),
            shade: share / most,
          })),
        }))}
      />
    </ChartFrame>
  );
}

function Plane({
  run,
  plane: { shares, parts },
}: {
  readonly run: string;
  readonly plane: NonNullable<TransportView['plane']>;
}) {
  const points = parts.flatMap(({ modality, samples }, shape) =>
    samples.map(([x, y]): Point => ({ x, y, shape, fill: `var(--series-${shape + 1})`, title: modality })),
  );
  return (
    <ChartFrame
      title="Prototypes among samples"
      name={`${run} prototypes`}
      note={`Two directions with ${Math.round((shares[0] + shares[1]) * 100)} % of the variance. Ellipses are of one standard deviation.`}
      table={() => ({
        columns: ['modality', 'prototype', 'share', 'x', 'y'],
        rows: parts.flatMap(({ modality, prototypes }) =>
          prototypes.map(({ mass, mean: [x, y] }, n) => [modality, n + 1, mass, x, y]),
        ),
      })}
    >
      <ul class="legend">
        {parts.map(({ modality }, n) => (
          <li key={modality}>
            <svg width="12" height="12" aria-hidden="true">
              <path d={shapeAt(n, 6, 6)} fill={`var(--series-${n + 1})`} />
            </svg>
            {modality}
          </li>
        ))}
      </ul>
      <Scatter
        label="Prototypes among the unique features they are fitted to"
        xTitle="first direction"
        yTitle="second direction"
        points={points}
      >
        {(scales) =>
          parts.flatMap(({ modality, prototypes }, look) =>
            prototypes.map(({ mass, mean, covariance }, n) => (
              <polygon
                key={`${modality} ${n}`}
                class="ellipse"
                points={ellipseOf(mean, covariance, scales)}
                stroke={`var(--series-${look + 1})`}
              >
                <title>{`${modality}, prototype ${n + 1}: ${metricText(mass)} of the samples`}</title>
              </polygon>
            )),
          )
        }
      </Scatter>
    </ChartFrame>
  );
}
