/** One batch through the model, and the gradient of the total loss, against the authors' values. */
import { contrastiveLoss, labelClasses, mmd, moments } from '../../src/alignment/index.ts';
import { FormatError } from '../../src/files/error.ts';
import type { DecAlignGraph } from '../../src/models/index.ts';
import { pool, Scope } from '../../src/nn/index.ts';
import { compile } from '../../src/runtime/node.ts';
import { gradients, type Tensor } from '../../src/tensor/index.ts';
import { placeholders } from '../../src/train/network.ts';
import { authorsModalities, type AuthorsConfig } from '../../src/interop/authors-config.ts';
import { buildAuthors } from '../../src/interop/authors-model.ts';
import { ourName } from '../../src/interop/authors-names.ts';
import { array, batchOf, values, type GoldenCase } from './golden-case.ts';
import { judge, type Expected, type ParityRow } from './rows.ts';

const forwardTolerance = 1e-4;
const gradientTolerance = 1e-3;
/** Without these there is nothing to speak of. */
const needed = ['out_output_logit', 'total_loss'];

const pairs = [
  [0, 1],
  [0, 2],
  [1, 2],
] as const;

export interface ForwardReport {
  readonly rows: readonly ParityRow[];
  /** Keys of the golden file that stand for nothing known here. */
  readonly unchecked: readonly string[];
}

export async function forwardParity(opened: GoldenCase): Promise<ForwardReport> {
  const { model, golden } = opened;
  const batch = batchOf(opened, golden, (part) => `step0_${part}`);
  const scope = new Scope({ training: true });
  const inputs = placeholders(batch.spec, batch.size, { labels: true });
  const graph = buildAuthors(scope, inputs, model.config.model);
  const total = Object.values(graph.losses).reduce((sum, loss) => sum.add(loss));
  const names = [...scope.parameters.keys()];
  const grads = gradients(
    total,
    [...scope.parameters.values()].map(({ value }) => value),
  );
  const outputs: Record<string, Tensor> = { ...quantities(graph, inputs.labels!, model.config), total_loss: total };
  const gradientOf = new Map(names.flatMap((name, i) => (grads[i] ? [[name, grads[i]]] : [])));

  needed.forEach((key) => array(golden, key));
  const expected: Expected[] = [];
  const unchecked: string[] = [];
  const withGradient = new Set<string>();
  for (const key of Object.keys(golden.byName)) {
    if (key.startsWith('step0_')) continue;
    if (key.startsWith('grad.')) {
      const name = ourName(key.slice('grad.'.length));
      if (name === undefined) throw new FormatError(golden.file, `holds "${key}", a parameter that is not known here.`);
      withGradient.add(name);
      const gradient = gradientOf.get(name);
      if (gradient) outputs[key] = gradient;
      expected.push({ quantity: key, golden: values(golden, key), tolerance: gradientTolerance });
    } else if (key in outputs)
      expected.push({ quantity: key, golden: values(golden, key), tolerance: forwardTolerance });
    else unchecked.push(key);
  }
  const program = await compile(
    Object.fromEntries(expected.flatMap(({ quantity: key }) => (outputs[key] ? [[key, outputs[key]] as const] : []))),
    { threads: 1 },
  );
  try {
    const rows = await judge(expected, (nudge) => {
      const state = Object.fromEntries(Object.entries(model.state).map(([name, data]) => [name, nudge(data)]));
      return program.run({ ...state, ...batch.feeds(nudge) });
    });
    const surplus = [...gradientOf.keys()].filter((name) => !withGradient.has(name));
    rows.push({ quantity: 'gradients that the golden file lacks', error: surplus.length, tolerance: 0 });
    return { rows, unchecked };
  } finally {
    await program.dispose();
  }
}

/** Everything that a golden file may hold besides gradients, by its keys. */
function quantities(graph: DecAlignGraph, labels: Tensor, config: AuthorsConfig): Record<string, Tensor> {
  const { terms, heterogeneity, latents, fused } = graph;
  const classes = config.task.kind === 'regression' ? labelClasses(labels) : labels;
  const all: Record<string, Tensor | undefined> = {
    out_output_logit: graph.prediction,
    out_final_rep: fused,
    out_dec_loss: terms['decoupling'],
    out_hete_loss: terms['heterogeneity'],
    out_homo_loss: terms['homogeneity'],
    task_loss: terms['task'],
    contrastive_loss: contrastiveLoss(fused, classes, config.model.contrastive),
    sinkhorn_cost: heterogeneity?.cost,
    sinkhorn_value: heterogeneity?.transport,
  };
  authorsModalities.forEach(({ letter }, m) => {
    const unique = graph.unique[m]!;
    const { mean, covariance, skewness } = moments(latents[m]!);
    const prototypes = heterogeneity?.prototypes[m];
    Object.assign(all, {
      // Their features are [N, d, T].
      [`out_s_${letter}`]: unique.value.transpose(),
      [`out_c_${letter}`]: graph.common[m]!.value.transpose(),
      [`out_z_${letter}`]: latents[m],
      [`stats_${letter}_mean`]: mean,
      [`stats_${letter}_cov`]: covariance,
      [`stats_${letter}_skew`]: skewness,
      [`gmm_${letter}_x`]: pool(unique),
      [`gmm_${letter}_pi`]: prototypes?.weights,
      [`gmm_${letter}_mu`]: prototypes?.means,
      [`gmm_${letter}_var`]: prototypes?.variances,
      [`gmm_${letter}_posterior`]: prototypes?.posterior,
      [`sinkhorn_nu_${letter}`]: heterogeneity?.marginals[m],
    });
  });
  for (const [i, j] of pairs) {
    const pair = `${authorsModalities[i].letter}${authorsModalities[j].letter}`;
    all[`cost_${pair}`] = heterogeneity?.costs.get(`${i},${j}`);
    all[`mmd_${pair}`] = mmd(latents[i]!, latents[j]!, config.model.mmd);
  }
  return Object.fromEntries(Object.entries(all).flatMap(([key, value]) => (value ? [[key, value]] : [])));
}
