/** The tables of a report beside its results: what was trained, how it was set, where, and what it errs on. */
import type { Contents, ReportedRun } from './contents.ts';
import { html, type Html } from './html.ts';
import type { ModalityInput, ModalityInputs } from './inputs.ts';
import { apart, folded, table, type Cell, type Row } from './parts.ts';
import type { WorstErrors } from './worst-inputs.ts';

export function trainedTable(runs: readonly ReportedRun[]): Html {
  const trained = runs.filter(({ results }) => results.length > 0);
  return table({
    caption: 'What was trained on what',
    heads: [
      ...['Run', 'Model', 'Data'].map((content) => ({ content })),
      { content: 'Modalities (features × steps)' },
      ...['Seeds', 'Epochs', 'Parameters'].map((content): Cell => ({ content, is: 'number' })),
      { content: 'Hash of the samples' },
    ],
    rows: trained.map((run) => ({
      name: apart(run.name),
      cells: [
        { content: apart(run.title) },
        { content: html`${apart(run.data.name)}${countsOf(run)}` },
        {
          content:
            run.modalities?.map(({ name, time, width }) => `${name} ${width} × ${time}`).join(', ') ?? 'not recorded',
        },
        { content: seedsOf(run), is: 'number' },
        { content: epochsOf(run), is: 'number' },
        { content: run.parameters?.toLocaleString('en') ?? '–', is: 'number' },
        { content: html`<code>${run.data.hash}</code>` },
      ],
    })),
  });
}

function countsOf({ samples, results }: ReportedRun): Html {
  const train = results.flatMap(({ trainedOn }) => trainedOn ?? []);
  const counts = [
    ...(train.length > 0 ? [`${rangeText(train)} train`] : []),
    ...Object.entries(samples).map(([split, count]) => `${count} ${split}`),
  ];
  return html`<span class="range">${counts.join(', ')}</span>`;
}

const seedsOf = ({ results }: ReportedRun): string => [...new Set(results.map(({ seed }) => seed))].join(', ');

/** How many epochs there were, and besides of stages such as pretraining. */
function epochsOf({ results }: ReportedRun): string {
  const stages = [...new Set(results.flatMap((result) => result.stages.map(({ name }) => name)))].map((stage) => {
    const each = results.flatMap((result) => result.stages.filter(({ name }) => name === stage));
    return ` + ${rangeText(each.map(({ epochs }) => epochs))} of ${stage}`;
  });
  return `${rangeText(results.map((result) => result.epochs ?? result.bestEpoch))}${stages.join('')}`;
}

function rangeText(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low === high ? String(low) : `${low} to ${high}`;
}

/** The keys in which runs differ; of runs of different models, those that all have. */
export function configurationTable(
  runs: readonly ReportedRun[],
  configuration: Contents['configuration'],
): Html | undefined {
  const trained = runs.filter(({ results }) => results.length > 0);
  if (trained.length < 2) return undefined;
  const models = new Set(trained.map(({ title }) => title)).size;
  const isOwn = (key: string): boolean => models > 1 && key.startsWith('model.') && key !== 'model.name';
  const shown = configuration.filter(({ key, values }) => !isOwn(key) || !values.includes(null));
  const left = configuration.length - shown.length;
  const note =
    left > 0 ? html`<p class="note">${left} keys that one of the models does not have are left out.</p>` : undefined;
  if (shown.length === 0)
    return html`<p>The runs are set alike.</p>
      ${note}`;
  return html`${table({
    caption: 'Keys in which some run differs from the first',
    heads: [{ content: 'Key' }, ...trained.map(({ name }) => ({ content: apart(name) }))],
    rows: shown.map(({ key, values }) => ({
      name: html`<code>${key}</code>`,
      cells: values.map((value) => ({ content: valueText(value) })),
    })),
  })}${note}`;
}

const valueText = (value: unknown): string =>
  value === null ? '–' : typeof value === 'string' ? value : JSON.stringify(value);

export function environmentTable(environments: Contents['environments']): Html | undefined {
  if (environments.length === 0) return undefined;
  const facts = environments.map(({ run, started, ...rest }) => ({ run, started, alike: JSON.stringify(rest), rest }));
  const distinct = facts.filter((one, n) => facts.findIndex(({ alike }) => alike === one.alike) === n);
  return table({
    caption: 'Where the runs were trained',
    heads: [
      ...['Runs', 'decalign', 'ONNX Runtime', 'Node', 'Platform', 'Processor'].map((content) => ({ content })),
      { content: 'Cores', is: 'number' },
      { content: 'First started' },
    ],
    rows: distinct.map(({ alike, rest }): Row => {
      const same = facts.filter((each) => each.alike === alike);
      const { decalign, onnxruntime, node, platform, cpu, cores } = rest;
      const [first] = same.map(({ started }) => started).toSorted();
      return {
        name:
          same.length === facts.length
            ? 'all'
            : html`${same.map(({ run }, n) => html`${n > 0 ? ', ' : ''}${apart(run)}`)}`,
        cells: [
          ...[decalign, onnxruntime, node, platform, cpu].map((content) => ({ content: content ?? '–' })),
          { content: cores === undefined ? '–' : String(cores), is: 'number' },
          { content: first!.slice(0, 10) },
        ],
      };
    }),
  });
}

/** The largest errors of runs; those of all but the first are folded. */
export function errorTables(worst: readonly WorstErrors[], runs: readonly ReportedRun[]): Html {
  const trained = runs.filter(({ results }) => results.length > 0);
  const more = trained.length - worst.length;
  return html`${worst.map((each, n) => {
    const content = errorTable(each);
    return n === 0 ? content : folded(`Largest errors of ${each.run}`, content);
  })}
  ${more > 0 ? html`<p class="note">Of ${more} more runs the errors are left out.</p>` : undefined}`;
}

function errorTable({ run, unit, samples, inputs, texts, notes }: WorstErrors): Html {
  const hasGroups = samples.some(({ group }) => group !== undefined);
  return html`${table({
      caption: `Of ${run}: the ${samples.length} test samples with the largest errors (${unit})`,
      heads: [
        { content: 'Sample' },
        ...(hasGroups ? [{ content: 'Group' }] : []),
        ...['Label', 'Prediction'].map((content) => ({ content })),
        { content: 'Error', is: 'number' },
        ...inputs.map(({ modality, time, usual }) => ({
          content: html`${apart(modality)}<span class="range">${usualText(usual, time)}</span>`,
        })),
        ...(texts ? [{ content: 'Text' }] : []),
      ],
      rows: samples.map(({ id, group, label, prediction, error }, n) => ({
        name: apart(id),
        cells: [
          ...(hasGroups ? [{ content: apart(group ?? '–') }] : []),
          ...[label, prediction].map((content) => ({ content: apart(content) })),
          { content: error.toFixed(3), is: 'number' },
          ...inputs.map((each) => ({ content: inputText(each.samples[n], each) })),
          ...(texts ? [{ content: apart(texts[n] ?? '–'), is: 'long' as const }] : []),
        ],
      })),
    })}
    <p class="note">
      ${
        inputs.length > 0
          ? 'Of each modality: true time steps, and the root of the mean square of its numbers as they are in the data; at the head of a column the medians over the test samples. '
          : undefined
      }${notes.join(' ')}
    </p>`;
}

const usualText = (usual: ModalityInput | undefined, time: number): string =>
  usual === undefined ? 'of no sample' : `median ${stepsText(usual.steps, time)}size ${usual.size.toPrecision(3)}`;

const inputText = (input: ModalityInput | undefined, { time }: ModalityInputs): string =>
  input === undefined ? 'missing' : `${stepsText(input.steps, time)}size ${input.size.toPrecision(3)}`;

/** Of a modality without time there is nothing to say. */
const stepsText = (steps: number, time: number): string => (time === 1 ? '' : `${steps} of ${time} steps, `);
