import type { TrainConfig } from '../train-config.ts';

/** The state that a schedule keeps between epochs; part of a checkpoint. */
export interface ScheduleState {
  /** Factor on the learning rate: the product of a plateau's reductions so far. */
  readonly scale: number;
  readonly best: number | null;
  /** Epochs since the last improvement or reduction. */
  readonly stale: number;
}

export const initialSchedule: ScheduleState = { scale: 1, best: null, stale: 0 };

/** A plateau takes relative improvements smaller than this for none (PyTorch's ReduceLROnPlateau). */
const threshold = 1e-4;

/** Learning rate of a step (counted from 0): a linear warm-up, then cosine, plateau or constant. */
export function learningRate(
  { learningRate: peak, schedule, epochs }: TrainConfig,
  { scale }: ScheduleState,
  { step, stepsPerEpoch }: { readonly step: number; readonly stepsPerEpoch: number },
): number {
  const warmup = Math.round(schedule.warmup * stepsPerEpoch);
  if (step < warmup) return (peak * (step + 1)) / warmup;
  if (schedule.kind === 'constant') return peak;
  if (schedule.kind === 'plateau') return Math.max(peak * scale, Math.min(schedule.minimum, peak));
  const total = Math.max(epochs * stepsPerEpoch - warmup, 1);
  const progress = Math.min((step - warmup) / total, 1);
  const low = Math.min(schedule.minimum, peak);
  return low + ((peak - low) * (1 + Math.cos(Math.PI * progress))) / 2;
}

/** The state after an epoch with such a validation metric: a plateau lowers the rate once patience is exceeded. */
export function afterEpoch(
  { schedule }: TrainConfig,
  state: ScheduleState,
  { value, better }: { readonly value: number; readonly better: 'lower' | 'higher' },
): ScheduleState {
  if (schedule.kind !== 'plateau') return state;
  const { best } = state;
  const improved =
    best === null ||
    (better === 'lower' ? value < best - Math.abs(best) * threshold : value > best + Math.abs(best) * threshold);
  if (improved) return { ...state, best: value, stale: 0 };
  if (state.stale < schedule.patience) return { ...state, stale: state.stale + 1 };
  return { scale: state.scale * schedule.factor, best, stale: 0 };
}
