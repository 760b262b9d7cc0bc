import { approach } from '../../kernels/index.ts';
import type { StateDict } from '../state-dict.ts';

/**
 * Moves an exponential moving average of the parameters in place, after the step of that number, counted from 1 (Polyak
 * and Juditsky, 1992). The decay is smaller in early steps, so that the random start is soon forgotten.
 */
export function moveAverage(average: StateDict, parameters: StateDict, decay: number, step: number): void {
  const rate = 1 - Math.min(decay, step / (step + 9));
  for (const [name, parameter] of Object.entries(parameters)) approach(average[name]!, parameter, rate);
}
