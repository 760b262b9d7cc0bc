import { byFanIn, concat, stack } from 'decalign';

/**
 * One state for each sample from several `[N, D]`: their sum, weighted by gates that are made from the states themselves.
 *
 *   a_m = v_mᵀ h_m    g = softmax(a)    h = Σ_m g_m h_m
 *
 * Gives `fused` `[N, D]` and `gates` `[N, M]`, which sum to 1 for every sample.
 */
export function gatedSum(scope, states) {
  const [batch, width] = states[0].shape;
  const scores = states.map((state, m) => {
    const direction = scope.param(`direction.${m}`, [1, width], byFanIn(width));
    return state.mul(direction).sum([1], true);
  });
  const gates = concat(scores, 1).softmax();
  const weights = gates.transpose().reshape([states.length, batch, 1]);
  return { fused: stack(states).mul(weights).sum([0]), gates };
}
