/** What else there is to say of a finished run: its size, how sure its metrics are, whether ridge regression is as good. */
import { metricIntervals } from '../../../experiments/metric-intervals.ts';
import { CannotShow } from '../../../figures/figure.ts';
import { modelIn } from '../../../report/contents.ts';
import { recordedResult } from '../../../report/recorded.ts';
import { behindIn, behindText } from '../../../report/ridge.ts';
import { titleOf } from '../../../models/index.ts';
import type { RunFacts } from '../api/run.ts';
import { referencesBeside } from '../folder/references-beside.ts';
import { predictionsOfRun } from './predictions-of-run.ts';
import { openRun, type OpenRun, type RunPlace } from './source-of-run.ts';

export async function factsView(place: RunPlace): Promise<RunFacts> {
  const run = openRun(place);
  const intervals = await intervalsOf(run);
  const behind = behindOf(run);
  return {
    ...modelIn(place.directory),
    ...(intervals && { intervals }),
    ...(behind !== undefined && { behind }),
  };
}

async function intervalsOf(run: OpenRun): Promise<RunFacts['intervals']> {
  try {
    const found = metricIntervals(run.shown, [await predictionsOfRun(run, 'test')]);
    return found && { units: found.units, by: found.by, metrics: found.intervals };
  } catch (error) {
    // Without a test split there is nothing to be sure of.
    if (error instanceof CannotShow) return undefined;
    throw error;
  }
}

function behindOf({ shown, directory }: OpenRun): string | undefined {
  const { metrics, model, finished } = shown;
  const { valid } = recordedResult(directory);
  const behind = behindIn(finished, [{ valid }], referencesBeside(directory)['ridge']?.valid);
  return behind && behindText([{ name: titleOf(model), metrics, behind }]);
}
