import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Dataset } from '../../data/dataset.ts';
import { dataFileOf } from '../../data/datasets/file-of.ts';
import { packedKind } from '../../data/datasets/kinds.ts';
import { probeModalities } from '../../experiments/probes.ts';
import { FormatError } from '../../files/error.ts';
import { command } from '../command.ts';
import { type DataFile, type DataFileOptions, openDataFile } from '../../data/report/data-file.ts';
import { findings } from '../../data/report/findings.ts';
import { reportOf } from '../../data/report/report.ts';
import { defaultPlan, inMegabytes, memoryOf, memoryWarning, type Memory } from '../../runs/memory.ts';
import { runBelow } from '../../runs/record/several-runs.ts';
import { inspectOnnx, onnxFileAt } from './onnx.ts';
import { inspectRuns } from './runs.ts';
import { datasetText, fileText } from './text.ts';
import type { InspectedDataset } from './inspected-dataset.ts';
import { dataHelp } from '../options/data.ts';
import { madeOption, madeOptionsOf } from '../options/made.ts';
import { shared } from '../options/shared.ts';
import { outline } from '../printing/outline.ts';

export const inspectCommand = command('inspect', {
  summary: 'what a data file, checkpoint or run holds, and whether it is sound',
  example: 'decalign inspect mosi.pkl',
  description:
    'Of a dataset it shows what is wrong first: leakage between splits, copies, columns that are constant or not finite.',
  arguments: [
    ['<file>', `${dataHelp}; also a checkpoint, an exported model (.onnx), or the directory of a run or of several`],
  ],
  options: [
    { flag: '--group <column>', help: 'column of what must not be in two splits (default: video, where there is one)' },
    shared.preset,
    madeOption,
    { ...shared.json, help: 'print the result as one JSON document, nothing left out' },
  ],
  action: async (file, { json, set, ...options }) => {
    const { found, text } = await inspect(file, { ...options, ...madeOptionsOf(file, set) });
    process.stdout.write(json ? `${JSON.stringify(found)}\n` : text);
  },
});

interface Inspected {
  /** The document that `--json` prints. */
  readonly found: unknown;
  /** The same as text for people. */
  readonly text: string;
}

async function inspect(place: string, options: DataFileOptions): Promise<Inspected> {
  const isFolder = existsSync(place) && statSync(place).isDirectory();
  const runs = isFolder ? inspectRuns(place) : undefined;
  if (runs !== undefined) return { found: runs, text: outline(runs) };
  const onnx = onnxFileAt(place);
  if (onnx !== undefined) {
    const exported = inspectOnnx(onnx);
    return { found: exported, text: outline(exported) };
  }
  const found = await inspectFile(isFolder ? await dataFileIn(place) : place, options);
  return { found, text: 'splits' in found ? datasetText(found) : fileText(found) };
}

async function dataFileIn(folder: string): Promise<string> {
  try {
    return await dataFileOf(folder);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const problem = error.message.replace(/\.$/, '');
    const below = runBelow(folder);
    const isDamaged = existsSync(path.join(folder, 'config.json'));
    const record = isDamaged ? 'its config.json is damaged' : 'no config.json in it';
    throw new Error(below ?? `${problem}; it is no run either (${record}).`, { cause: error });
  }
}

/** The memory that training the default model takes, and a warning where that is too much. */
function memoryOfTraining(
  dataset: Dataset,
  format: string,
): { readonly mb: Memory; readonly warnings: readonly string[] } | undefined {
  const plan = defaultPlan(dataset);
  if (!plan) return undefined;
  // Whatever is inspected is read where it is; training reads all but the packed form into memory.
  const stored = format === packedKind;
  const memory = memoryOf(plan, { stored });
  const warning = memoryWarning(plan, memory, { stored });
  return { mb: inMegabytes(memory), warnings: warning === undefined ? [] : [warning] };
}

/**
 * The content of a data file: the report of a dataset where the file has splits, else the names and shapes of its
 * arrays.
 */
export async function inspectFile(file: string, options: DataFileOptions = {}): Promise<InspectedDataset | DataFile> {
  const found = await openDataFile(file, options);
  if (!('dataset' in found)) return found;
  try {
    const report = reportOf(found.dataset);
    const strength = probeModalities(found.dataset);
    const memory = memoryOfTraining(found.dataset, found.format);
    return {
      format: found.format,
      warnings: [...(found.dataset.notes ?? []), ...findings(report), ...(memory?.warnings ?? [])],
      ...report,
      ...(strength && { strength }),
      ...(memory && { memory_mb: memory.mb }),
    };
  } finally {
    await found.dataset.close?.();
  }
}
