/** The configuration of a run beside what is usual for its model, its recipe and its data. */
import * as z from 'zod';
import { recordedConfig, resolveConfig } from '../../../config/index.ts';
import { schemaKeys, type SchemaKey } from '../../../config/schema-keys.ts';
import { hashOfJson } from '../../../experiments/benchmark/entries.ts';
import { jsonIn } from '../../../files/json.ts';
import { isTree, type Tree } from '../../../json/tree.ts';
import { decalign, modelNamed, type Model } from '../../../models/index.ts';
import type { RunRow } from '../api/routes.ts';
import type { ConfigurationRow } from '../api/run.ts';
import { RecentlyUsed } from './recently-used.ts';

const recordSchema = z.object({ config: z.custom<Tree>(isTree), data: z.object({ source: z.string() }) });

/** The resolved configuration with what is usual; of a model of one's own and of one that is refused, as it stands. */
export function configurationOf(directory: string): readonly ConfigurationRow[] {
  const record = jsonIn(directory, 'config.json', recordSchema);
  return record ? rowsOf(record) : [];
}

type Recorded = z.output<typeof recordSchema>;

function rowsOf({ config: raw, data }: Recorded): readonly ConfigurationRow[] {
  try {
    const config = recordedConfig(raw, 'config.json');
    const keys = usualKeys(modelNamed(config.model.name) ?? decalign, config.recipe, data.source);
    return leavesOf(config, keys).map(([key, value]) => {
      const about = keys.get(key);
      const isUsual = JSON.stringify(value) === JSON.stringify(about?.usual);
      const { description } = about?.schema ?? {};
      return {
        ...{ key, value },
        ...(!isUsual && { changed: true, usual: about?.usual ?? null }),
        ...(description !== undefined && { help: description }),
      };
    });
  } catch {
    return leavesOf(raw, new Map()).map(([key, value]) => ({ key, value }));
  }
}

/** Places of the machine, which no list tells. */
const places: ReadonlySet<string> = new Set(['text.bert.path', 'text.bert.cache']);

type Settings = NonNullable<RunRow['set']>;

/** By the hash of what was recorded: seeds share it, and a run is looked at again with each of its epochs. */
const settingsKnown = new RecentlyUsed<Settings>(1000);

/** What of it is not usual, by dotted key: lists and objects as JSON. */
export function settingsOf({ config, data: { source } }: Recorded): Settings {
  const hash = hashOfJson([config, source]);
  return settingsKnown.get(hash, () => changedIn(rowsOf({ config, data: { source } })));
}

function changedIn(rows: readonly ConfigurationRow[]): Settings {
  const changed = rows.filter(({ key, changed: isChanged }) => isChanged && !places.has(key));
  return Object.fromEntries(
    changed.map(({ key, value }) => [
      key,
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
        ? value
        : JSON.stringify(value ?? null),
    ]),
  );
}

/** By model, recipe and data: of thousands of runs most share them, and a schema takes a while to go through. */
const known = new RecentlyUsed<ReadonlyMap<string, SchemaKey>>(100);

function usualKeys(model: Model, recipe: string | undefined, dataset: string): ReadonlyMap<string, SchemaKey> {
  const name = JSON.stringify([model.name, recipe, dataset]);
  const ofThese = { model: model.name, dataset, ...(recipe !== undefined && { recipe }) };
  return known.get(name, () => new Map(schemaKeys(model, resolveConfig(ofThese)).map((each) => [each.key, each])));
}

/** The values of a configuration by their dotted keys; a tree that is the value of one key of the schema stays whole. */
function leavesOf(value: unknown, keys: ReadonlyMap<string, unknown>, path = ''): [string, unknown][] {
  if (!isTree(value) || keys.has(path)) return [[path, value]];
  return Object.entries(value).flatMap(([name, below]) =>
    leavesOf(below, keys, path === '' ? name : `${path}.${name}`),
  );
}
