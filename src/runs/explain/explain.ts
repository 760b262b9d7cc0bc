/** Explains single predictions of a trained model, and shows the prototypes and the plan that samples are aligned by. */
import type { Dataset, Samples, Split } from '../../data/dataset.ts';
import { pickSamples } from '../../data/samples.ts';
import { compile } from '../../runtime/node.ts';
import { compileExplanation } from '../../train/index.ts';
import { predictedOf } from '../held-out.ts';
import { inputSpec, preparedSplit } from '../network.ts';
import type { OpenModel } from '../open-model.ts';
import { labelOf } from '../label-of.ts';
import type { ExplainedSample, Explanation } from './explanation.ts';
import { notesOn } from './notes.ts';
import { explainedTransport, prototypesOf } from './prototypes.ts';
import { explainSample } from './sample.ts';
import { rowsNamed, targetNamed } from './named.ts';

export interface ExplainOptions {
  /** Default: `'test'`. */
  readonly split?: Split;
  /** The ids of samples, or how many of the first ones. Default: the first. */
  readonly ids?: readonly string[] | number;
  /** The class, label or target that is explained. Default: the class that is predicted, the likeliest label, the first target. */
  readonly target?: string | undefined;
  /** Threads of the runtime. Default: as in training. */
  readonly threads?: number | undefined;
}

/**
 * Explains predictions of samples of a split: gradient times input and occlusion for every model; attention, prototypes and the
 * transport plan as far as a model has them, and `notes` say what it has not. Nothing is dropped out, as in `predict`. Prototypes
 * are fitted to at most 500 samples of the split, taken evenly.
 *
 * Throws an Error for an id that the split has not and for a target that the model has not, which names what may have been
 * meant, and where `predict` does.
 */
export async function explain(
  model: OpenModel,
  dataset: Dataset,
  { split = 'test', ids = 1, target, threads = model.trained?.config.train.threads }: ExplainOptions = {},
): Promise<Explanation> {
  const { data, network } = model;
  const asked = targetNamed(data.task, target);
  const samples = preparedSplit(dataset, split, model);
  const rows = typeof ids === 'number' ? firstRows(samples, ids) : rowsNamed(samples.ids, ids, { split, dataset });
  const labels = labelsOf(model, dataset, split);
  const found = await prototypesOf(model, samples, { asked: rows, threads });
  const program = await compileExplanation(network, inputSpec(data), {
    compile,
    ...{ threads, device: model.device },
  });
  try {
    const explained: ExplainedSample[] = [];
    for (const [n, row] of rows.entries()) {
      const sample = pickSamples(samples, [row]);
      const { assignments } = found ?? {};
      const own = await explainSample(model, program, sample, { target: asked, assignments: assignments?.[n] ?? {} });
      const label = labels(row);
      explained.push({ id: sample.ids[0]!, ...(label !== undefined && { label }), ...own });
    }
    const transport = found && explainedTransport(found);
    return {
      ...{ split, samples: explained },
      ...(transport && { transport }),
      notes: notesOn(model, explained, { samples, transport }),
    };
  } finally {
    await program.dispose();
  }
}

const firstRows = ({ ids }: Samples, count: number): number[] => [...ids.keys()].slice(0, count);

/** The label of each row of a split, as predictions have it; undefined where it is not known. */
function labelsOf(model: OpenModel, dataset: Dataset, split: Split): (row: number) => unknown {
  const unused = new Float32Array(0);
  const { samples, labelNames = [] } = predictedOf(model, dataset, { split, prediction: unused, mayLackLabels: true });
  return (row) => {
    const label = samples.labels && labelOf(model.data.task, samples.labels, row, labelNames);
    return Number.isNaN(label) ? undefined : label;
  };
}
