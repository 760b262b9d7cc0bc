import { placeOfEpoch, type StageLength } from '../../train/index.ts';

/** How far a training is, as in `epoch 2/30`; a stage before the usual epochs is counted by itself, as in `pretraining 3/11`. */
export function epochText(epoch: number, epochs: number, stages: readonly StageLength[] = []): string {
  const { stage = 'epoch', epoch: within, of } = placeOfEpoch(epoch, epochs, stages);
  return `${stage} ${within}/${of}`;
}
