/**
 * What `decalign ui` and its pages say to each other. The pages import the types of this file and of the files that it names
 * and nothing else of the server; nothing here needs Node.
 *
 * Runs, experiments and samples stand in addresses by their ids, encoded by `encodeURIComponent`. The id of a run is its path
 * below the folder that is shown, with `/` between its parts; `~` is that folder itself. No answer holds a path of the machine.
 *
 * | route | answer |
 * | --- | --- |
 * | `GET /api/runs` | `RunList` |
 * | `GET /api/runs/ID` | `RunDetail` (run.ts) |
 * | `GET /api/runs/ID/series?column=metric:mae` | `RunSeries`, all epochs; of all columns where none is named |
 * | `GET /api/runs/ID/facts` | `RunFacts` (run.ts); made on demand |
 * | `GET /api/runs/ID/predictions?split=test` | `RunPredictions` (run.ts); as before |
 * | `GET /api/runs/ID/embedding` | `Embedding` (run.ts); as before, takes seconds |
 * | `GET /api/runs/ID/transport` | `TransportView` (run.ts); as before |
 * | `GET /api/runs/ID/robustness` | `RobustnessView` (run.ts); as before |
 * | `GET /api/runs/ID/samples/SAMPLE?split=test&target=NAME` | `SampleView` (sample.ts); as before |
 * | `GET /api/runs/ID/files/NAME` | a file of `RunDetail.files`, as a download |
 * | `GET /api/runs/ID/figures` | `FigureList`: those that can be asked for |
 * | `GET /api/runs/ID/figures/NAME.svg?sample=ID` | a figure of `decalign figures`, an image |
 * | `GET /api/compare?ids=ID&ids=ID` | `ComparisonView` (compare.ts) |
 * | `GET /api/benchmarks/ID` | `BenchmarkView` (compare.ts) |
 * | `GET /api/export/runs.csv`, `runs.json` `?ids=ID…` | a row for each run, of all where no id is given |
 * | `GET /api/export/series.csv`, `series.json` `?ids=ID…` | curves: a line for each number, or by run and epoch |
 * | `GET /api/events?after=CURSOR&series=ID&series=ID&column=KIND:NAME` | server-sent events, below |
 * | `GET /api/notes` | `Notes` |
 * | `PUT /api/notes/ID` of `NoteChange` | `Notes`; 409 with `Notes` where another tab was first |
 * | `GET /api/form?model=NAME` | `StartForm` (start.ts); 404 without `--allow-start`, as all that follow |
 * | `POST /api/start` of `StartRequest` | `Started`; 422 with `StartErrors` |
 * | `POST /api/stop` of `RunRequest`, `POST /api/resume` of `RunRequest` | `Started` |
 * | `POST /api/session` of `{ token }` | 204 and the cookie; 403 for another token |
 *
 * Whatever fails answers with its status and a `Problem`. Without a session, where a token is asked for, everything below
 * `/api/` is 401. What is made on demand is made one at a time; until it is there the answer waits.
 *
 * Pages: `/`, `/run/ID`, `/compare`, `/sample/RUN/ID`, `/benchmark/ID` and `/start` all give the same document.
 *
 * Events of `/api/events`, whose `id` is where they are: a browser sends that of the last one when it connects again, and the
 * stream goes on there. `after` is the same for the first time (`RunList.cursor`); without it the first event has everything.
 *
 * | event | data |
 * | --- | --- |
 * | `runs` | `RunChanges` |
 * | `series` | `RunSeries`, of each run that was asked for: at first all epochs, then those that came |
 * | `notes` | `Notes` |
 */

/** One line: what was wrong, and what to do. */
export interface Problem {
  readonly error: string;
}

export type RunStatus = 'finished' | 'running' | 'interrupted' | 'failed' | 'unknown';

export interface RunList {
  /** For `after` of the events: what comes after this list. */
  readonly cursor: string;
  /** The name of the folder that is shown, without its path. */
  readonly folder: string;
  /** Set while the folder has not been read to its end for the first time: more runs come as events. */
  readonly reading?: true;
  /** What is wrong with the folder itself, such as that it is gone; the runs are then those that were there. */
  readonly problem?: string;
  /** Whether runs may be started and stopped (`--allow-start`). */
  readonly allowStart: boolean;
  /** The newest first. Each seed and each fold is a run of its own. */
  readonly runs: readonly RunRow[];
  readonly experiments: readonly ExperimentRow[];
  readonly notes: Notes;
}

/** What has changed in a list. */
export interface RunChanges extends Pick<RunList, 'cursor' | 'reading' | 'problem'> {
  /** `all`: what follows is the whole list, in place of the one before. */
  readonly all?: true;
  /** Runs and experiments that are new or have changed, whole. */
  readonly runs: readonly RunRow[];
  readonly experiments: readonly ExperimentRow[];
  /** The ids of those that are gone. */
  readonly gone: readonly string[];
}

/** A single run. What is absent is not known, or there is none. */
export interface RunRow {
  readonly id: string;
  readonly status: RunStatus;
  /** Why it cannot be shown whole, a clause that follows its name: `has a result.json that cannot be read: …`. */
  readonly problem?: string;
  /** The name of the model, and as its paper writes it. */
  readonly model?: string;
  readonly title?: string;
  /** The name of the dataset. */
  readonly data?: string;
  readonly seed?: number;
  /** From 1, in cross-validation. */
  readonly fold?: number;
  readonly recipe?: string;
  /** Runs of one group differ in nothing but seed and fold. */
  readonly group?: string;
  /** The id of the benchmark, ablation or sweep that it is part of. */
  readonly experiment?: string;
  /** Epochs that are done, of those that there are at most; stages such as pretraining are counted too. */
  readonly epochs?: {
    readonly done: number;
    readonly of?: number;
    /** Of a run that is not finished and has stages: the last epoch that is done, within its stage or the usual ones. */
    readonly within?: { readonly stage?: string; readonly epoch: number; readonly of: number };
  };
  /** From 1, counted as `epochs.done`; of a run that is not finished the best so far. */
  readonly bestEpoch?: number;
  /** The metric that chooses the best epoch, of that epoch: the one that a list shows. */
  readonly metric?: MetricFigure;
  /** The metrics of the best epoch, by name; those of single classes are left out. A filter takes `test`, else `valid`. */
  readonly valid?: Figures;
  readonly test?: Figures;
  /** What was asked for beyond the defaults, by dotted key; lists and objects as JSON. */
  readonly set?: Readonly<Record<string, string | number | boolean>>;
  /** `metric` of the validation split by epoch, at most 48 of them evenly; null where it was not finite. */
  readonly spark?: readonly (number | null)[];
  /** ISO 8601. */
  readonly started: string;
  /** How long it trained, in seconds, with that of earlier starts; absent where clocks do not tell. */
  readonly seconds?: number;
  /** Of a run that trains: by the run's own estimate. */
  readonly secondsLeft?: number;
  readonly stepsPerSecond?: number;
  readonly warnings?: number;
  /** Whether this server started it, and so may stop it. */
  readonly own?: true;
}

export type Figures = Readonly<Record<string, number>>;

export interface MetricAbout {
  readonly name: string;
  /** As tables write it: `MAE`. */
  readonly label: string;
  readonly better: 'lower' | 'higher';
}

export interface MetricFigure extends MetricAbout {
  readonly valid?: number;
  readonly test?: number;
}

/** A benchmark, an ablation or a sweep. */
export interface ExperimentRow {
  readonly id: string;
  readonly kind: 'benchmark' | 'ablation' | 'sweep';
  readonly status: RunStatus;
  readonly problem?: string;
  readonly models: readonly string[];
  readonly data: readonly string[];
  readonly seeds: readonly number[];
  readonly started: string;
}

/** The curves of a run, or the part of them that came since. */
export interface RunSeries {
  readonly run: string;
  /** How many epochs stay of those that were there before; what follows comes after them. 0: everything anew. */
  readonly from: number;
  /** The epochs that follow, from 1. Usually one after the other; a damaged line leaves one out. */
  readonly epochs: readonly number[];
  readonly columns: readonly SeriesColumn[];
  /** The stages before the usual epochs, such as pretraining, with the last epoch of each; of the whole run. */
  readonly stages: readonly { readonly name: string; readonly last: number }[];
  readonly bestEpoch?: number;
  /** The name of the metric column that chooses the best epoch. */
  readonly chosen?: string;
  /** Lines that are none, or a file that is gone: one line. */
  readonly problem?: string;
}

export interface SeriesColumn {
  readonly kind: 'loss' | 'metric' | 'rate' | 'diagnostic';
  /** As `metrics.jsonl` has it; unique within a kind. */
  readonly name: string;
  /** Losses by the paper's names (`L_hete`), metrics as tables write them. */
  readonly label: string;
  readonly better?: 'lower' | 'higher';
  /** For each of `epochs`; null where there is none or it was not finite. A column that is new was null before. */
  readonly values: readonly (number | null)[];
}

/** Tags and notes of all runs, kept in one file of the folder. */
export interface Notes {
  /** Which content this is. */
  readonly revision: string;
  /** By the id of a run. */
  readonly runs: Readonly<Record<string, RunNote>>;
  /** Why there are none, or none can be written. */
  readonly problem?: string;
}

export interface RunNote {
  readonly tags: readonly string[];
  readonly note: string;
}

/** What a run's tags and note become. Empty ones are taken away. */
export interface NoteChange extends RunNote {
  /** What they were when the change was begun, empty where there were none: it is refused where they have changed since. */
  readonly was: RunNote;
}

export interface FigureList {
  readonly figures: readonly { readonly name: string; readonly summary: string }[];
  /** The packages that draw are not installed: what to do. */
  readonly problem?: string;
}
