/** The loop of one training: steps, and after each epoch the validation that picks the best one. */
import type { TrainEvent } from './train-event.ts';
import type { TrainOptions } from './train-options.ts';
import { Training } from './training.ts';
import { Warnings } from './warnings.ts';

/**
 * Trains, and yields an event for each step and epoch. Whoever iterates decides what to do with the events, and may
 * stop at any time; once `signal` is aborted, training ends before its next step. Throws an Error when training
 * diverges, and a RangeError for a network whose predictions depend on the size of the batch.
 */
export async function* train(options: TrainOptions): AsyncGenerator<TrainEvent> {
  const training = await Training.open(options);
  try {
    yield await training.start();
    if (training.divided) yield training.divided;
    const warnings = new Warnings(options.network.warnings);
    while (!training.finished && !training.stoppedEarly) {
      for (const batches of training.stepsLeftInEpoch()) {
        if (training.aborted) {
          yield { type: 'end', reason: 'aborted', state: training.state };
          return;
        }
        const step = await training.takeStep(batches);
        // Warnings come before the event at which a checkpoint is written: a kill between the two then loses none.
        if (step.type === 'step') yield* warnings.ofStep(step.diagnostics, step.epoch);
        yield step;
      }
      const epoch = await training.validate();
      yield* warnings.ofEpoch(epoch.diagnostics, epoch.epoch);
      yield epoch;
    }
    yield { type: 'end', reason: training.stoppedEarly ? 'stopped early' : 'finished', state: training.state };
  } finally {
    await training.dispose();
  }
}
