/**
 * A Newton step on the dual of Eq. 7, for problems on which Sinkhorn's sweeps crawl (large C/λ). In units of λ, with T
 * the plan at potentials φ, the dual objective Σ_m ν_m φ_m − Σ T is concave, with
 *
 *   gradient  g_m = ν_m − Σ_{k ≠ m} T      Hessian  −H,  H_mn = Σ_{k ≠ m, n} T,  H_mm = diag(Σ_{k ≠ m} T)
 *
 * H is singular along constants moved from one potential to another, which change nothing; a small multiple of its
 * diagonal makes the system solvable.
 */
import { concat, constant, stack, where, type Tensor } from '../tensor/index.ts';

/** Share of the diagonal added to it: well above rounding, well below what slows the step. */
const damping = { float64: 1e-9, float32: 1e-5 };
/** Added to the diagonal where a marginal has no mass. */
const pivotFloor = 1e-35;
/**
 * A step is tried in these lengths, in units of λ: short where the objective curves, long where groups of prototypes
 * hardly linked to each other have yet to find their levels.
 */
const lengths = [1, 8, 64];

/** The potentials `[K_m]` after the best of several Newton steps; as they were if none raises the dual objective. */
export function newtonStep(
  planOf: (potentials: readonly Tensor[]) => Tensor,
  marginals: readonly Tensor[],
  potentials: readonly Tensor[],
): readonly Tensor[] {
  const plan = planOf(potentials);
  const direction = newtonDirection(plan, marginals);
  const longest = stack(direction.map((d) => d.abs().maximum())).maximum();
  let best = { potentials, value: dual(plan, marginals, potentials) };
  for (const length of lengths) {
    const scale = longest.div(length).max(1);
    const moved = potentials.map((phi, m) => phi.add(direction[m]!.div(scale)));
    const value = dual(planOf(moved), marginals, moved);
    const better = value.greater(best.value);
    best = {
      potentials: best.potentials.map((phi, m) => where(better, moved[m]!, phi)),
      value: where(better, value, best.value),
    };
  }
  return best.potentials;
}

/** H⁻¹ g, by modality `[K_m]`. */
function newtonDirection(plan: Tensor, marginals: readonly Tensor[]): Tensor[] {
  const axes = marginals.map((_, m) => m);
  const sizes = marginals.map((nu) => nu.shape[0]!);
  const masses = axes.map((m) => plan.sum(axes.filter((axis) => axis !== m)));
  const pair = (m: number, n: number): Tensor => {
    const joint = plan.sum(axes.filter((axis) => axis !== m && axis !== n));
    return m < n ? joint : joint.transpose();
  };
  const float64 = plan.dtype === 'float64';
  const rows = axes.map((m) => {
    // A sum, not a product by 1 + 1e-9: the runtime drops factors that are 1 in float32.
    const raised = masses[m]!.add(masses[m]!.mul(float64 ? damping.float64 : damping.float32)).add(pivotFloor);
    const blocks = axes.map((n) => (n === m ? diagonal(raised) : pair(m, n)));
    const residual = marginals[m]!.sub(masses[m]!).reshape([sizes[m]!, 1]);
    return concat([...blocks, residual], 1);
  });
  const solution = eliminate(concat(rows, 0));
  let start = 0;
  return sizes.map((size) => solution.slice(0, start, (start += size)));
}

/** Σ_m ν_m φ_m − Σ T: what every step towards the optimum raises. */
const dual = (plan: Tensor, marginals: readonly Tensor[], potentials: readonly Tensor[]): Tensor =>
  marginals.reduce((sum, nu, m) => sum.add(nu.mul(potentials[m]!).sum()), plan.sum().neg());

const diagonal = (x: Tensor): Tensor => {
  const [k] = x.shape as [number];
  const identity = Array.from({ length: k * k }, (_, i) => Number(i % (k + 1) === 0));
  return constant(identity, [k, k], x.dtype).mul(x.reshape([k, 1]));
};

/** x of A x = b for a positive definite A, by Gauss-Jordan elimination of `[A b]` `[S, S + 1]`: `[S]`. */
function eliminate(system: Tensor): Tensor {
  const [size] = system.shape as [number, number];
  let a = system;
  for (let p = 0; p < size; p++) {
    const row = a.slice(0, p, p + 1);
    const unit = row.div(row.slice(1, p, p + 1));
    const one = constant(
      Array.from({ length: size }, (_, i) => Number(i === p)),
      [size, 1],
      a.dtype,
    );
    // Every row loses its entry in column p; row p itself becomes its unit form.
    a = a.sub(
      a
        .slice(1, p, p + 1)
        .sub(one)
        .mul(unit),
    );
  }
  return a.slice(1, size, size + 1).reshape([size]);
}
