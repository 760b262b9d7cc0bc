/** Trees of keys against the schema of a run: parts of a configuration, each where it stands, and the whole. */
import * as z from 'zod';
import { notHeld } from '../json/held.ts';
import type { Tree } from '../json/tree.ts';
import { models, type Model } from '../models/index.ts';
import { dataDifference } from '../json/difference.ts';
import { ConfigError, explain, isMissing, type ConfigSource } from './error.ts';
import { runSchema, type RunConfig } from './run-config.ts';

export interface Given {
  readonly tree: Tree;
  readonly where: string;
  readonly source: ConfigSource;
}

/** Refuses what a run with that model cannot have; what a part lacks, others may give. */
export function partCheck(model: Model): (given: Given) => void {
  const schema = runSchema(model, { part: true });
  return (given) => {
    const parsed = schema.safeParse(given.tree);
    const issue = parsed.error?.issues.find((each) => !isMissing(each, given.tree));
    if (issue) throw explained(issue, schema, model, given);
  };
}

/** A whole configuration with its defaults, which is read back from JSON as it is. */
export function checkedRun(model: Model, given: Given): RunConfig {
  const schema = runSchema(model);
  const parsed = schema.safeParse(given.tree);
  if (!parsed.success) throw explained(parsed.error.issues[0]!, schema, model, given);
  const problem = readBackProblem(schema, parsed.data);
  if (problem !== undefined) throw new ConfigError(`${given.where}: ${problem}`, given.source);
  return parsed.data as RunConfig;
}

function explained(issue: z.core.$ZodIssue, schema: z.ZodType, model: Model, given: Given): ConfigError {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return explain(issue, { schema: json, ...given, knownElsewhere: (key, path) => modelsWith(key, path, model) });
}

/** The models that have a key which is none of this one's. */
function modelsWith(key: string, path: readonly string[], { name }: Model): string | undefined {
  if (path.join('.') !== 'model') return undefined;
  const having = Object.values<Model>(models).filter(
    ({ config }) => config instanceof z.ZodObject && Object.hasOwn(config.shape, key),
  );
  if (having.length === 0) return undefined;
  return `which ${having.map((model) => model.name).join(', ')} ${having.length > 1 ? 'have' : 'has'} but not ${name}`;
}

/** Why a run could not be opened again with its configuration, in words. */
function readBackProblem(schema: z.ZodType, resolved: unknown): string | undefined {
  const lost = notHeld(resolved);
  if (lost)
    return `${lost.path.join('.')}: a run keeps its settings as JSON, which does not hold ${told(lost.value)}; let the setting be a number, text, true, false, null, or a list or object of these.`;
  const again = schema.safeParse(JSON.parse(JSON.stringify(resolved)));
  const found = again.success
    ? dataDifference(resolved, again.data)?.path
    : `.${again.error.issues[0]!.path.join('.')}`;
  return found === undefined
    ? undefined
    : `${found.slice(1)}: its schema does not take back what it made of it, as it must when the run is opened; leave conversions to build.`;
}

function told(value: unknown): string {
  if (value === undefined) return 'a gap in a list';
  if (typeof value === 'number' || typeof value === 'bigint') return `${value} (${typeof value})`;
  return `a ${typeof value === 'object' && value !== null ? value.constructor.name : typeof value}`;
}
