/** All that the page of a run shows at once, read from its files. */
import * as z from 'zod';
import { jsonIn } from '../../files/json.ts';
import { parsedText } from '../../json/text.ts';
import { mapTexts } from '../../json/tree.ts';
import { metricsOf, type MetricKind } from '../../metrics/metric.ts';
import { modelNamed } from '../../models/index.ts';
import { recordedCommands, recordedEnvironments } from '../../report/recorded.ts';
import type { Redaction } from '../../report/shareable.ts';
import { runHasParts } from '../../runs/parts.ts';
import { hasPredictions } from '../../runs/record/predictions.ts';
import type { RunRow } from './api/routes.ts';
import type { RunDetail, RunMetric, RunPart } from './api/run.ts';
import { baseOf, dataOfRun, type DataOfRun } from './data-of-run.ts';
import { aboutMetric } from './folder/metric-about.ts';
import { configurationOf } from './folder/configuration.ts';
import { referencesBeside } from './folder/references-beside.ts';
import { filesOf } from './run-files.ts';
import { firstWarnings } from './folder/warning-lines.ts';
import type { WatchedRun } from './folder/watched-run.ts';

export interface DetailOptions {
  /** The rows of all runs. */
  readonly rows: readonly RunRow[];
  readonly data: readonly string[];
  readonly redact: Redaction;
}

/** Throws what the system says of a run whose files cannot be read. */
export function runDetail(run: WatchedRun, { rows, data, redact }: DetailOptions): RunDetail {
  const { row, record, directory } = run;
  const source = record && dataOfRun(record.data.source, data);
  const told = <T>(value: T): T => mapTexts(value, redact);
  return {
    row,
    siblings: siblingsOf(row, rows),
    metrics: metricsIn(directory, row, record?.data.metrics),
    samples: jsonIn(directory, 'result.json', samplesSchema)?.samples ?? {},
    references: told(referencesOf(directory)),
    configuration: told(configurationOf(directory)),
    ...(record && {
      source: told({
        ...{ name: row.data ?? '', file: baseOf(record.data.source), hash: record.data.hash ?? '' },
        ...(source?.missing !== undefined && { missing: source.missing }),
      }),
    }),
    environments: environmentsOf(directory),
    commands: told([...new Set(recordedCommands(directory))]),
    ...told(warningsIn(directory, row)),
    files: filesOf(directory),
    lacking: told(lackingIn(run, source)),
  };
}

function siblingsOf(row: RunRow, rows: readonly RunRow[]): RunDetail['siblings'] {
  const same = row.group === undefined ? [row] : rows.filter(({ group }) => group === row.group);
  return same
    .map(({ id, seed, fold, status }) => ({
      ...{ id, status },
      ...(seed !== undefined && { seed }),
      ...(fold !== undefined && { fold }),
    }))
    .toSorted((a, b) => (a.seed ?? 0) - (b.seed ?? 0) || (a.fold ?? 0) - (b.fold ?? 0));
}

const figures = z.record(z.string(), z.number());
const resultSchema = z.object({ valid: figures, test: figures.optional() });
const samplesSchema = z.object({ samples: figures.optional() });

/** The metrics of the best epoch, of classes and labels too, those of whole splits first. */
function metricsIn(directory: string, row: RunRow, kind: MetricKind | undefined): readonly RunMetric[] {
  const { valid, test = {} } = jsonIn(directory, 'result.json', resultSchema) ?? { valid: row.valid ?? {} };
  const usual: readonly string[] = kind === undefined ? [] : metricsOf(kind);
  const names = [...new Set([...usual, ...Object.keys(valid), ...Object.keys(test)])];
  return names.flatMap((name) => {
    const [onValid, onTest] = [valid[name], test[name]];
    if (onValid === undefined && onTest === undefined) return [];
    return [
      {
        ...aboutMetric(kind, name),
        ...(onValid !== undefined && { valid: onValid }),
        ...(onTest !== undefined && { test: onTest }),
      },
    ];
  });
}

const referencesOf = (directory: string): RunDetail['references'] =>
  Object.entries(referencesBeside(directory)).map(([name, { describe, valid, test }]) => ({
    ...{ name, describe, valid },
    ...(test && { test }),
  }));

/** Each start; the command is told without places by itself. */
const environmentsOf = (directory: string): RunDetail['environments'] =>
  recordedEnvironments(directory).map(({ started, decalign: version, onnxruntime, node, platform, cpu, cores }) => ({
    ...{ started, decalign: version, onnxruntime, node, platform, cpu, cores },
  }));

const warningSchema = z.object({ kind: z.string().optional(), message: z.string() });

/** Lines that are none are left out: the others are still worth reading. */
function warningsIn(directory: string, { warnings: count = 0 }: RunRow): Pick<RunDetail, 'warnings' | 'moreWarnings'> {
  const lines = firstWarnings(directory);
  const warnings = lines.flatMap((line) => {
    const found = warningSchema.safeParse(parsedText(line)).data;
    return found ? [{ message: found.message, ...(found.kind !== undefined && { kind: found.kind }) }] : [];
  });
  return { warnings, ...(count > lines.length && { moreWarnings: count - lines.length }) };
}

/** Why parts of the page cannot be made of a run. */
export function lackingIn({ row, record, directory }: WatchedRun, source: DataOfRun | undefined): RunDetail['lacking'] {
  const all = (reason: string, parts: readonly RunPart[]): RunDetail['lacking'] =>
    Object.fromEntries(parts.map((part) => [part, reason]));
  const everything: readonly RunPart[] = ['facts', 'predictions', 'embedding', 'transport', 'robustness', 'samples'];
  const ofModel: readonly RunPart[] = ['embedding', 'transport', 'robustness', 'samples'];
  if (!record) return all('Its config.json cannot be read.', everything);
  if (row.status !== 'finished') return all(`It is ${row.status}: this is made when it has finished.`, everything);
  const isOwn = !modelNamed(record.config.model.name);
  const isFold = record.fold !== undefined;
  const missing = source?.missing;
  return {
    ...(missing !== undefined && {
      ...all(`${missing}.`, ofModel),
      ...(!hasPredictions(directory) && all(`It kept no predictions, and ${missing}.`, ['predictions'])),
    }),
    ...(isFold &&
      all('It is of one fold, which was tested on other samples than the test split of the data.', [
        ...(['embedding', 'transport', 'robustness'] as const),
      ])),
    ...(isOwn && all("Its model is one's own, whose file is not loaded here.", ofModel)),
    ...(!isOwn &&
      !runHasParts(directory) &&
      all(`${row.title ?? 'The model'} keeps no unique and common parts apart.`, ['embedding'])),
  };
}
