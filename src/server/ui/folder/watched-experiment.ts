/** A benchmark, an ablation or a sweep of the folder that is shown. */
import path from 'node:path';
import { heldStatus } from '../../../runs/record/status.ts';
import { benchmarkIn, type RecordedBenchmark } from '../../../experiments/benchmark/directory.ts';
import type { ExperimentRow, RunRow } from '../api/routes.ts';
import { found, isSettled } from './found.ts';

export class WatchedExperiment {
  row: ExperimentRow;
  private text = '';
  private signature = '';
  private plan: RecordedBenchmark | undefined;

  constructor(
    readonly id: string,
    readonly directory: string,
  ) {
    this.plan = benchmarkIn(directory);
    this.row = rowOf(this, this.plan, { runs: [], written: new Date(0).toISOString() });
  }

  /** Looks whether its files or `runs`, those that are part of it, changed; returns whether the row did. */
  look(runs: readonly RunRow[]): boolean {
    // Its tables are replaced as a whole, which changes the time of the folder.
    const times = ['', 'benchmark.json'].map((name) => found(path.join(this.directory, name))?.mtime ?? new Date(0));
    const signature = times.map(Number).join(' ');
    if (signature !== this.signature || !times.map(Number).every(isSettled)) this.plan = benchmarkIn(this.directory);
    this.signature = signature;
    return this.become(rowOf(this, this.plan, { runs, written: times[1]!.toISOString() }));
  }

  private become(row: ExperimentRow): boolean {
    const text = JSON.stringify(row);
    if (text === this.text) return false;
    [this.row, this.text] = [row, text];
    return true;
  }
}

function rowOf(
  { id, directory }: Pick<WatchedExperiment, 'id' | 'directory'>,
  plan: RecordedBenchmark | undefined,
  { runs, written }: { readonly runs: readonly RunRow[]; readonly written: string },
): ExperimentRow {
  // Between two runs, none of them is held.
  const isRunning = runs.some(({ status }) => status === 'running') || isHeld(directory);
  const started = runs.reduce((earliest, run) => (run.started < earliest ? run.started : earliest), written);
  if (!plan) {
    const problem = 'has a benchmark.json that cannot be read: it is damaged';
    return { id, kind: 'benchmark', status: 'unknown', problem, models: [], data: [], seeds: [], started };
  }
  const { kind, models, data, seeds, finished } = plan;
  return {
    id,
    kind,
    status: isRunning ? 'running' : finished ? 'finished' : 'interrupted',
    models,
    data,
    seeds,
    started,
  };
}

/** Whether the process of the whole of it runs; not while its folder cannot be read. */
function isHeld(directory: string): boolean {
  try {
    return heldStatus(directory) === 'running';
  } catch {
    return false;
  }
}
