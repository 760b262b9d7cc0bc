/** What becomes of a run's metric where a modality is missing or noisy. */
import { readRobustness } from '../../../figures/robustness.ts';
import { defaultSelection } from '../../../metrics/metric.ts';
import type { RobustnessView } from '../api/run.ts';
import { aboutMetric } from '../folder/metric-about.ts';
import { openRun, type RunPlace } from './source-of-run.ts';

export async function robustnessView(place: RunPlace): Promise<RobustnessView> {
  const { source, shown } = openRun(place);
  const { panels } = await readRobustness(source);
  return {
    metric: aboutMetric(shown.metrics, defaultSelection(shown.metrics)),
    panels: panels.map(({ kind, modality, points }) => ({
      ...{ kind, modality },
      points: points.map(({ rate, mean }) => ({ rate, value: mean })),
    })),
  };
}
