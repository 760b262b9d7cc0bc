import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { TrainEvent } from '../../train/index.ts';
import { initialState } from '../../train/training-state.ts';
import { Progress } from './progress.ts';

let written = '';
beforeEach(() => {
  written = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written += String(text);
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

/** What a training of two usual epochs after two of pretraining tells. */
function told(...events: readonly Parameters<Progress['show']>[0][]): string[] {
  const selection = { metric: 'mae', better: 'lower' } as const;
  const progress = new Progress({ data: 'data', notRead: [], seeds: 1, selection, metrics: 'mosi', quiet: false });
  const stages = [{ name: 'pretraining', epochs: 2 }];
  const start = { type: 'start', parameters: 1, nodes: 1, stepsPerEpoch: 1, epochs: 4, epoch: 0, step: 0 } as const;
  progress.show({ ...start, stages });
  for (const event of events) progress.show(event);
  return written.split('\n').slice(2, -1);
}
type Epoch = Extract<TrainEvent, { type: 'epoch' }>;
const state = { ...initialState({}), epoch: 4, best: { epoch: 3, value: 1, metrics: {}, parameters: {} } };
const epoch = (n: number, stage?: string): Epoch => ({
  ...{ type: 'epoch', epoch: n, losses: { total: 1 }, diagnostics: {}, valid: { mae: 1 }, learningRate: 1 },
  ...{ leftOut: 0, best: false, state, ...(stage !== undefined && { stage }) },
});

test('epochs of pretraining are counted by themselves, and the usual ones from 1', () => {
  const lines = told(epoch(1, 'pretraining'), epoch(2, 'pretraining'), epoch(3), epoch(4));
  expect(lines.map((line) => line.split('  ')[0])).toEqual([
    'pretraining 1/2',
    'pretraining 2/2',
    'epoch 1/2',
    'epoch 2/2',
  ]);
});

test('what ended early and what is extended is told by the usual epochs', () => {
  expect(told({ type: 'end', reason: 'stopped early', state })).toEqual([
    'stopped early after epoch 2: none was better since 1',
  ]);
  const extended = (done: number): string => {
    written = '';
    const extension = { epoch: done, step: done, epochs_before: 2, epochs_after: 5 };
    return told({ type: 'extended', extension })[0]!.split(':')[0]!;
  };
  expect(extended(4)).toBe('5 epochs in place of 2, from epoch 2 on');
  expect(extended(1)).toBe('5 epochs in place of 2, from epoch 1 of pretraining on');
});
