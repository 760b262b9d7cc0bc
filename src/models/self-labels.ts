/**
 * Labels that a model makes for its modalities (Self-MM; Yu et al., AAAI 2021). From the features F of all training
 * samples come, for each modality and for the fusion of all, a centre C⁺ of the samples with positive labels and one
 * C⁻ of those with negative ones. In epoch n, from the second on, with y the true label and y_m that of modality m:
 *
 *   δ   = (‖F − C⁻‖ − ‖F − C⁺‖) / ‖F − C⁺‖                         how much nearer to the positive samples
 *   y_m ← (n − 1)/(n + 1) y_m + 2/(n + 1) [½ δ_m/δ y + ½ (y + δ_m − δ)]    the bracket within ±H
 *
 * Features and labels of all samples are running states. Several labels of one sample, K columns, are each their own.
 */
import { oneHot, type Scope } from '../nn/index.ts';
import { full, scatterAdd, where, type Tensor } from '../tensor/index.ts';
import type { OneLabelTask, Progress } from './model.ts';

export interface SelfLabels {
  /** `[N, K]`. */
  readonly truth: Tensor;
  /** Features by which samples are compared, `[N, width]` each. */
  readonly fused: Tensor;
  readonly own: Readonly<Record<string, Tensor>>;
  readonly progress: Progress;
  /** H. */
  readonly range: number;
}

/** True labels as columns `[N, K]`: a value, or for each class 1 where it is the sample's and −1 elsewhere. */
export const targetsOf = (labels: Tensor, task: OneLabelTask): Tensor =>
  task.kind === 'regression' ? labels.reshape([...labels.shape, 1]) : oneHot(labels, task.classes).mul(2).sub(1);

/** y_m `[N, K]` by modality, as they are in this step; the states become those of the next. */
export function selfLabels(scope: Scope, { truth, fused, own, progress, range }: SelfLabels): Record<string, Tensor> {
  const [batch, columns] = truth.shape as [number, number];
  const { rows, samples, epoch } = progress;
  const seen = full([batch, 1], 1, truth.dtype);
  const here = scatterAdd([samples, 1], rows, seen);
  const elsewhere = here.neg().add(1);
  const put = (all: Tensor, values: Tensor): Tensor =>
    all.mul(elsewhere).add(scatterAdd([samples, values.shape[1]!], rows, values));

  const known = scope.state('known', [samples, 1], 0, { perSample: true });
  scope.setState('known', known.max(here));
  const before = known.gather(rows).greater(0);

  /** The labels of these samples and their δ, both by what the last step left of all samples' labels and features. */
  const follow = (part: Scope, features: Tensor): Followed => {
    const labels = part.state('labels', [samples, columns], 0, { perSample: true });
    const all = part.state('features', [samples, features.shape[1]!], 0, { perSample: true });
    const fixed = features.detach();
    part.setState('features', put(all, fixed));
    return {
      labels: where(before, labels.gather(rows), truth),
      ...nearness(fixed, { all, positive: labels.greater(0), negative: labels.less(0), known }),
      setLabels: (next) => part.setState('labels', put(labels, next)),
    };
  };
  const fusion = follow(scope.at('fusion'), fused);
  fusion.setLabels(truth);

  const share = epoch.add(1).reciprocal().mul(2);
  const moving = epoch.greater(1);
  return Object.fromEntries(
    Object.entries(own).map(([modality, features]) => {
      const { labels, delta, hasCentres, setLabels } = follow(scope.at('own', modality), features);
      const ratio = delta.div(awayFromZero(fusion.delta));
      const made = ratio
        .mul(truth)
        .add(truth.add(delta).sub(fusion.delta))
        .mul(0.5)
        .clamp({ low: -range, high: range });
      const moved = labels.add(made.sub(labels).mul(share));
      setLabels(where(moving.and(hasCentres.and(fusion.hasCentres)), moved, labels));
      return [modality, labels];
    }),
  );
}

interface Nearness {
  /** δ `[N, K]`. */
  readonly delta: Tensor;
  /** Whether both centres are known: `[1, K]`. */
  readonly hasCentres: Tensor;
}

interface Followed extends Nearness {
  readonly labels: Tensor;
  readonly setLabels: (next: Tensor) => void;
}

interface Centres {
  readonly all: Tensor;
  readonly positive: Tensor;
  readonly negative: Tensor;
  readonly known: Tensor;
}

function nearness(features: Tensor, { all, positive, negative, known }: Centres): Nearness {
  const [batch, width] = features.shape as [number, number];
  const columns = positive.shape[1]!;
  const from = (chosen: Tensor): { readonly distance: Tensor; readonly some: Tensor } => {
    const member = chosen.cast(all.dtype).mul(known);
    const count = member.sum([0]).reshape([columns, 1]);
    const centre = member.matmul(all, { transposeA: true }).div(count.max(1));
    const apart = features.reshape([batch, 1, width]).sub(centre.reshape([1, columns, width]));
    return { distance: apart.square().sum([2]).sqrt(), some: count.greater(0).reshape([1, columns]) };
  };
  const [near, far] = [from(positive), from(negative)];
  return {
    delta: far.distance.sub(near.distance).div(near.distance.add(smallest)),
    hasCentres: near.some.and(far.some),
  };
}

/** Added to denominators, as in the public code. */
const smallest = 1e-8;

/** `x` moved by `smallest`, and where that is 0 or next to it, `smallest`: no label becomes NaN. */
function awayFromZero(x: Tensor): Tensor {
  const moved = x.add(smallest);
  return where(moved.abs().less(smallest), smallest, moved);
}
