/** The metric as modalities are missing or noisy, where that was measured. */
import type { RobustnessView } from '../../../server/ui/api/run.ts';
import type { RunRow } from '../../../server/ui/api/routes.ts';
import { ChartFrame } from '../../base/chart-frame.tsx';
import { LineChart } from '../../base/line-chart.tsx';
import { runApi } from '../api.ts';
import { arrowOf } from '../metric-texts.ts';
import { Part } from './part.tsx';

const texts = {
  drop: { title: 'Missing', axis: 'share of samples that lack it' },
  noise: { title: 'Noisy', axis: 'deviations of noise' },
} as const;

export function Robustness({ run: { id, status } }: { readonly run: RunRow }) {
  return (
    <Part<RobustnessView>
      path={runApi(id, '/robustness')}
      version={status}
      making="The test split is predicted anew for every point, which takes a while …"
    >
      {({ metric, panels }) => (
        <div class="grid wide">
          {(['drop', 'noise'] as const).map((kind) => {
            const own = panels.filter((panel) => panel.kind === kind);
            if (own.length === 0) return null;
            const { title, axis } = texts[kind];
            const lines = own.map(({ modality, points }, look) => ({
              ...{ name: modality, look, x: points.map(({ rate }) => rate), y: points.map(({ value }) => value) },
            }));
            return (
              <ChartFrame
                key={kind}
                title={`${title}: ${metric.label} ${arrowOf(metric)}`}
                name={`${id} robustness ${kind}`}
                table={() => ({
                  columns: ['modality', axis, metric.label],
                  rows: own.flatMap(({ modality, points }) => points.map(({ rate, value }) => [modality, rate, value])),
                })}
              >
                <LineChart
                  label={`${metric.label} by ${axis}, a line for each modality`}
                  lines={lines}
                  unit={axis}
                  height={256}
                />
              </ChartFrame>
            );
          })}
        </div>
      )}
    </Part>
  );
}
