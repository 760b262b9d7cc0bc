/** What a run predicted, sample by sample. */
import { CannotShow } from '../../../figures/figure.ts';
import { predictionsBySeed } from '../../../figures/source.ts';
import { hasPredictions, readPredictions, type Predictions } from '../../../runs/record/predictions.ts';
import { recordedData } from '../../../report/recorded.ts';
import type { OpenRun } from './source-of-run.ts';

/** Of the test split as the run kept it, or where it kept none as its model predicts now. Throws where there is no such split. */
export async function predictionsOfRun({ source, shown, directory }: OpenRun, split: string): Promise<Predictions> {
  const { classes } = shown;
  if (split === 'test' && !hasPredictions(directory)) {
    const { data = recordedData(directory).source } = source;
    const [found] = await predictionsBySeed(shown, { ...source, data });
    return found!;
  }
  if (split !== 'test' && split !== 'valid')
    throw new CannotShow(`runs keep predictions of test and valid, not of ${split}`);
  const found = hasPredictions(directory)
    ? readPredictions(directory, { classes, split })
    : { ids: [], labels: [], values: [] };
  if (found.ids.length === 0) throw new CannotShow(`the run kept no predictions of the split ${split}`);
  return found;
}
