/** Unique and common features of the test samples on a plane, with what is measured of them. */
import { knownRows, evenly, rowsOf, type Part } from '../../../analysis/part.ts';
import { principalPlane } from '../../../analysis/principal-components.ts';
import { labelOf } from '../../../runs/label-of.ts';
import type { Dataset } from '../../../data/dataset.ts';
import { scoredNames } from '../../../data/task.ts';
import { readAllMeasures } from '../../../figures/decoupling.ts';
import { unitRows } from '../../../figures/gap.ts';
import { partsIn, withModel } from '../../../figures/measured.ts';
import type { Embedding, EmbeddingPanel } from '../api/run.ts';
import { openRun, type RunPlace } from './source-of-run.ts';

/** The most points of a modality: more would not be told apart. */
const most = 1000;

export async function embeddingView(place: RunPlace): Promise<Embedding> {
  const { source, shown } = openRun(place);
  const { parts, shared } = await partsIn(shown, source);
  const { ids, labels } = await withModel(shown, source, (_, dataset) => Promise.resolve(testSamples(dataset)));
  const unique = parts.map(({ modality, unique: { test } }) => ({ modality, part: test }));
  const common = shared
    ? [{ modality: 'all modalities', part: parts[0]!.common.test }]
    : parts.map(({ modality, common: { test } }) => ({ modality, part: test }));
  const measures = (await readAllMeasures(source)).flatMap(({ title, measures: all }) =>
    all.flatMap(({ title: name, wanted, values }) =>
      values[0]?.[0] === undefined ? [] : [{ title, name, wanted, value: values[0][0] }],
    ),
  );
  const made = [panelOf('unique', unique), panelOf('common', common)];
  const left = parts[0]!.unique.test.rows - most;
  return {
    panels: made.flatMap((panel) => panel ?? []),
    ...{ ids, labels, measures },
    notes: [
      'Features of length 1, on the two directions in which those of one panel differ most; measures are of all features, not of their projection.',
      ...(left > 0 ? [`${most} samples of ${left + most} are shown, evenly over the test split.`] : []),
      ...(made.includes(undefined)
        ? ['Features of modalities that differ in width share no plane, and are left out.']
        : []),
    ],
  };
}

function testSamples({ splits: { test }, task }: Dataset): Pick<Embedding, 'ids' | 'labels'> {
  const { ids = [], labels } = test ?? {};
  const names = scoredNames(task);
  return {
    ids,
    labels: ids.map((_, n) => {
      const label = labels && labelOf(task, labels, n, names);
      if (typeof label === 'object') return labelsText(label, task.kind === 'multilabel');
      return label === undefined || Number.isNaN(label) ? null : label;
    }),
  };
}

const labelsText = (labels: Readonly<Record<string, number | null>>, areNames: boolean): string =>
  Object.entries(labels)
    .flatMap(([name, value]) => (areNames ? (value === 1 ? [name] : []) : value === null ? [] : [`${name} ${value}`]))
    .join(', ');

/** Undefined where features are of different widths. */
function panelOf(
  part: EmbeddingPanel['part'],
  all: readonly { readonly modality: string; readonly part: Part }[],
): EmbeddingPanel | undefined {
  const columns = all[0]!.part.columns;
  if (all.some((each) => each.part.columns !== columns)) return undefined;
  const rows = all.map((each) => knownRows([each.part]));
  const unit = all.map((each, m) => unitRows(rowsOf(each.part, rows[m]!).data, columns));
  const count = rows.reduce((sum, each) => sum + each.length, 0);
  const data = new Float64Array(count * columns);
  let at = 0;
  for (const each of unit) {
    data.set(each, at);
    at += each.length;
  }
  const { points, shares } = principalPlane({ rows: count, columns, data });
  let first = 0;
  return {
    ...{ part, shares },
    points: all.map(({ modality }, m) => {
      const start = first;
      first += rows[m]!.length;
      const drawn = evenly(Int32Array.from(rows[m]!.keys()), most);
      const along = (axis: 0 | 1): number[] =>
        Array.from(drawn, (n) => Number(points[2 * (start + n) + axis]!.toPrecision(5)));
      return { modality, sample: Array.from(drawn, (n) => rows[m]![n]!), x: along(0), y: along(1) };
    }),
  };
}
