/** What the directories of runs have on record, whatever release wrote them: results, warnings, surroundings. */
import path from 'node:path';
import * as z from 'zod';
import { recipeBefore } from '../config/index.ts';
import { jsonIn } from '../files/json.ts';
import { readBytes } from '../files/read.ts';
import { recordedLines } from '../runs/record/recorded-lines.ts';

const figures = z.record(z.string(), z.number());
const resultSchema = z.object({
  best_epoch: z.int(),
  epochs: z.int().optional(),
  samples: z
    .object({ train: z.exactOptional(z.int()), valid: z.exactOptional(z.int()), test: z.exactOptional(z.int()) })
    .optional(),
  valid: figures,
  test: figures.optional(),
  steps_left_out: z.int().optional(),
  decoupling: z.object({ score: z.number().optional() }).optional(),
});
export type RecordedResult = z.output<typeof resultSchema>;

/** The result of a finished run. Throws an Error for one that cannot be read. */
export function recordedResult(directory: string): RecordedResult {
  const file = path.join(directory, 'result.json');
  const result = resultSchema.safeParse(JSON.parse(readBytes(file).toString('utf8')));
  if (!result.success) throw new Error(`${file} is no result of a run: the run is damaged, or was not copied whole.`);
  return result.data;
}

const recordSchema = z.object({
  data: z.object({ source: z.string(), hash: z.string(), name: z.string().optional() }),
});

/** The data of a run, as its record names it. */
export function recordedData(directory: string): z.output<typeof recordSchema>['data'] {
  return recordSchema.parse(JSON.parse(readBytes(path.join(directory, 'config.json')).toString('utf8'))).data;
}

const environmentSchema = z.object({
  started: z.string(),
  command: z.string(),
  decalign: z.string().optional(),
  onnxruntime: z.string().optional(),
  node: z.string().optional(),
  platform: z.string().optional(),
  cpu: z.string().optional(),
  cores: z.number().optional(),
});
export type RecordedEnvironment = z.output<typeof environmentSchema>;

/** Where and by which command a run was started, and each time that it was resumed; none where that was not kept. */
export const recordedEnvironments = (directory: string): readonly RecordedEnvironment[] =>
  jsonIn(
    directory,
    'environment.json',
    z.union([z.array(environmentSchema), environmentSchema.transform((x) => [x])]),
  ) ?? [];

const begunSchema = z.object({
  config: z.object({ version: z.int().default(1), recipe: z.string(), model: z.object({ name: z.string() }) }),
});

/**
 * The commands that began a run and went on with it, as they ask for the same today: where none named a recipe, one of before
 * meant another than one of now.
 */
export function recordedCommands(directory: string): readonly string[] {
  const commands = recordedEnvironments(directory).map(({ command }) => command);
  const begun = jsonIn(directory, 'config.json', begunSchema)?.config;
  const before = begun && recipeBefore(begun.model.name, begun.version);
  if (before === undefined || begun?.recipe !== before) return commands;
  const asks = (command: string): boolean => / --recipe[ =]|[ '"]recipe=/.test(command);
  return commands.map((command) =>
    command.startsWith('decalign train ') && !asks(command) ? `${command} --recipe ${before}` : command,
  );
}

const warningSchema = z.object({ kind: z.string().optional(), message: z.string() });

/** What a run warned of, a line each. */
export const recordedWarnings = (directory: string): readonly string[] =>
  recordedLines(path.join(directory, 'warnings.jsonl'), 'warning', (value) => warningSchema.parse(value).message);

const referencesSchema = z.record(
  z.string(),
  z.object({ describe: z.string(), valid: figures, test: figures.optional() }),
);
export type RecordedReferences = z.output<typeof referencesSchema>;

/** The simple references that were fitted beside a run, by name; none where there are none. */
export const recordedReferences = (directory: string): RecordedReferences =>
  jsonIn(directory, 'references.json', referencesSchema) ?? {};
