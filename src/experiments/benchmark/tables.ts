/** A comparison as a table: Markdown, CSV, LaTeX, and plain columns for a terminal. */
import { arrowOf, headingLines } from '../../metrics/headings.ts';
import { metrics, metricsOf, type MetricName } from '../../metrics/metric.ts';
import { foldedText } from '../folds.ts';
import {
  decouplingCells,
  label,
  megabytes,
  metricCells,
  milliseconds,
  paperOf,
  pCells,
  reportedCells,
  testCells,
  title,
  type Cell,
  type Comparison,
} from './cells.ts';
import { csvLine } from '../../text/csv.ts';
import { lackingLines, lackingLists } from './lacking.ts';
import { isOneGroup, level, oneGroupNote, sizeNote, spreadNote, tableMetrics } from './paired-tests.ts';

const lacking = ({ rows }: Comparison): Parameters<typeof lackingLines>[0] =>
  rows.map(({ title: name, failures }) => ({ name, failures }));

/** How many of what is drawn anew there are. */
function unitsText({ data, seeds }: Comparison): string {
  const groups = data.groups && new Set(data.groups.values()).size;
  const units = groups === undefined ? `${data.samples.test} test samples (nothing tells groups)` : `${groups} groups`;
  return `${units} and ${seeds.length} ${seeds.length === 1 ? 'seed' : 'seeds'}`;
}

/** Columns of text for a terminal: results and p-values alone. */
export function textTable(comparison: Comparison): string[][] {
  const cells = metricCells(comparison);
  const metricNames = [...cells.keys()];
  return [
    ...headingLines(comparison.data.metrics, metricNames).map((line, i, { length }) => [
      '',
      ...line,
      ...(comparison.decoupling ? [i === length - 1 ? 'D' : ''] : []),
      ...(i === length - 1 ? ['p bootstrap', 'p Wilcoxon'] : ['', '']),
    ]),
    ...comparison.rows.map((row, r) => [
      title(row),
      ...metricNames.map((metric) => {
        const cell = cells.get(metric)![r];
        return cell ? `${cell.mean}${cell.deviation === undefined ? '' : ` ± ${cell.deviation}`}` : '–';
      }),
      ...decouplingCells(comparison, row),
      ...pCells(row),
    ]),
  ];
}

export function markdown(comparison: Comparison): string {
  const { data, rows, seeds, rule } = comparison;
  const cells = metricCells(comparison);
  const metricNames = [...cells.keys()];
  const paper = paperOf(comparison);
  const line = (texts: readonly string[]): string => `| ${texts.join(' | ')} |`;
  const heads = [
    'Model',
    ...metricNames.map((metric) => `${label(comparison, metric)} ${arrowOf(metric)}`),
    ...(comparison.decoupling ? ['D ↑'] : []),
    'p (bootstrap)',
    'p (Wilcoxon)',
    'DecAlign',
    'Parameters',
    'ms/step',
    'Peak MB',
    ...(paper?.columns ?? []).map((metric) => `${label(comparison, metric)} in the paper`),
  ];
  const body = rows.map((row, r) => [
    title(row),
    ...metricNames.map((metric) => {
      const cell = cells.get(metric)![r];
      if (!cell) return '–';
      const text = `${cell.mean}${cell.deviation === undefined ? '' : ` ± ${cell.deviation}`}`;
      return cell.rank === 1 ? `**${text}**` : text;
    }),
    ...decouplingCells(comparison, row),
    ...testCells(comparison, row),
    row.parameters?.toLocaleString('en') ?? '–',
    milliseconds(row.secondsPerStep),
    megabytes(row.peakBytes),
    ...reportedCells(comparison, row),
  ]);
  const { train, valid, test } = data.samples;
  const notes = [
    ...data.warnings.map((warning) => `**Warning:** ${warning}`),
    `${data.folds ? 'Each sample in the fold where it was tested' : 'Test split'}; mean ± standard deviation over seeds ${seeds.join(', ')}; best in bold. ${rule}`,
    isOneGroup(data.groups?.values())
      ? oneGroupNote
      : `p: two-sided, DecAlign against the row, corrected over the rows as Holm has it, and before that in brackets; of ${label(comparison, metricNames[0]!)} (paired bootstrap of ${unitsText(comparison)}) and of ${data.groups ? 'mean errors by group' : 'errors by sample'} averaged over seeds (Wilcoxon signed-rank).${seeds.length > 1 ? ` ${spreadNote}` : ''} DecAlign wins or loses where the corrected p of the bootstrap is below ${level}. ${sizeNote}`,
    ...(comparison.decoupling
      ? [
          'D, 0 to 1: how far the unique and common parts of a model are decoupled on the samples that are tested; a dash for a model that keeps none (docs/decoupling.md).',
        ]
      : []),
    ...(paper
      ? [
          `"In the paper": arXiv 2503.11892, ${paper.source}, on ${paper.title} with its authors' features. Figures compare only where features and splits are the same.`,
        ]
      : []),
    ...rows.flatMap(({ title: name, notes: own = [] }) => own.map((note) => `${name}: ${note}`)),
  ];
  return [
    `## ${data.name}`,
    '',
    data.folds
      ? `${data.folds.count} folds ${foldedText(data.folds, test)}, each of which is tested on once; the next one chooses, and the others train. Metrics are of all samples together.`
      : `${train}/${valid}/${test} samples (train/valid/test).`,
    '',
    line(heads),
    line(heads.map((_, c) => (c === 0 ? '---' : '--:'))),
    ...body.map(line),
    '',
    ...notes.flatMap((note) => [note, '']),
    ...lackingLists(lacking(comparison)),
  ].join('\n');
}

/** One line per row, every metric there is, numbers as they are. */
export function csv(comparison: Comparison): string {
  const { data, rows, decoupling } = comparison;
  const all = metricsOf(data.metrics);
  const paper = paperOf(comparison)?.columns ?? [];
  const main = tableMetrics[data.metrics][0];
  const heads = [
    ...['data', 'model', 'title', 'status', 'seeds'],
    ...all.flatMap((metric) => [metric, `${metric}_std`]),
    ...(decoupling ? ['decoupling', 'decoupling_std'] : []),
    ...[
      `p_bootstrap_${main}`,
      `p_bootstrap_${main}_holm`,
      'p_wilcoxon',
      'p_wilcoxon_holm',
      'decalign',
      'parameters',
      'seconds_per_step',
      'peak_bytes',
    ],
    ...paper.map((metric) => `paper_${metric}`),
    'failure',
  ];
  const body = rows.map((row) => [
    ...[data.name, row.id, row.title, row.status, row.seeds.join(' ')],
    ...all.flatMap((metric) => [row.test?.mean[metric], row.seeds.length > 1 ? row.test?.std[metric] : undefined]),
    ...(decoupling ? [row.decoupling?.mean, row.seeds.length > 1 ? row.decoupling?.std : undefined] : []),
    ...[row.against?.bootstrap[main]?.p, row.against?.corrected.bootstrap],
    ...[row.against?.wilcoxon.p, row.against?.corrected.wilcoxon, row.against?.verdict],
    ...[row.parameters, row.secondsPerStep, row.peakBytes],
    ...paper.map((metric) => row.reported?.[metric]),
    row.failures.map(({ what, reason }) => `${what}: ${reason}`).join('; '),
  ]);
  return [heads, ...body].map(csvLine).join('');
}

/** A booktabs table as the paper's: best in bold, the next underlined. */
export function latex(comparison: Comparison): string {
  const { data, rows, seeds } = comparison;
  const cells = metricCells(comparison);
  const metricNames = [...cells.keys()];
  const paper = paperOf(comparison);
  const heading = (metric: MetricName): string =>
    `${escaped(label(comparison, metric))} ($\\${metrics[metric].better === 'lower' ? 'down' : 'up'}arrow$)`;
  const metricText = ({ mean, deviation, rank }: Cell): string => {
    const marked = rank === 1 ? `\\textbf{${mean}}` : rank === 2 ? `\\underline{${mean}}` : mean;
    return deviation === undefined ? marked : `${marked} $\\pm$ ${deviation}`;
  };
  const body = rows.map((row, r) => [
    escaped(title(row)),
    ...metricNames.map((metric) => {
      const cell = cells.get(metric)![r];
      return cell ? metricText(cell) : '--';
    }),
    ...decouplingCells(comparison, row).map((text) => latexNumber(text).replace('±', '$\\pm$')),
    ...pCells(row).map(latexNumber),
    row.parameters?.toLocaleString('en').replaceAll(',', '{,}') ?? '--',
    ...[milliseconds(row.secondsPerStep), megabytes(row.peakBytes)].map(latexNumber),
    ...reportedCells(comparison, row).map(latexNumber),
  ]);
  const own = [
    ...(comparison.decoupling ? ['$D$ ($\\uparrow$)'] : []),
    '$p$ (bootstrap)',
    '$p$ (Wilcoxon)',
    'Parameters',
    'ms/step',
    'MB',
  ];
  const columns = metricNames.length + own.length;
  const reported = paper?.columns ?? [];
  const line = (texts: readonly string[]): string => `    ${texts.join(' & ')} \\\\`;
  const runs = seeds.length > 1 ? `, mean $\\pm$ standard deviation over ${seeds.length} seeds` : '';
  return [
    '\\begin{table}',
    '  \\centering',
    `  \\caption{${escaped(data.name)}, test split${runs}. Best in bold, the next underlined. $p$: DecAlign against the row, corrected by Holm's method.}`,
    `  \\begin{tabular}{l${'c'.repeat(metricNames.length)}${'r'.repeat(own.length)}${'c'.repeat(reported.length)}}`,
    '    \\toprule',
    ...(reported.length > 0
      ? [
          line([
            '',
            `\\multicolumn{${columns}}{c}{This comparison}`,
            `\\multicolumn{${reported.length}}{c}{In the paper}`,
          ]),
          `    \\cmidrule(lr){2-${columns + 1}} \\cmidrule(lr){${columns + 2}-${columns + reported.length + 1}}`,
        ]
      : []),
    line(['Model', ...metricNames.map(heading), ...own, ...reported.map(heading)]),
    '    \\midrule',
    ...body.map(line),
    '    \\bottomrule',
    '  \\end{tabular}',
    ...(isOneGroup(data.groups?.values()) ? [`  \\par\\smallskip ${oneGroupNote}`] : []),
    ...data.warnings.map((warning) => `  \\par\\smallskip Warning: ${escaped(warning)}`),
    '\\end{table}',
    ...lackingLines(lacking(comparison)).flatMap(({ heading, lines }) => lines.map((text) => `% ${heading}: ${text}`)),
    '',
  ].join('\n');
}

const latexNumber = (text: string): string => text.replace('–', '--').replace('<', '$<$');

const marks: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '²': '$^2$',
};
const escaped = (text: string): string => text.replaceAll(/[\\~^²]|[&%$#_{}]/g, (mark) => marks[mark] ?? `\\${mark}`);
