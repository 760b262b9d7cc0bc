/** The option `--set` of commands that read a dataset and train nothing: of what is made, by which settings. */
import { resolveConfig } from '../../config/index.ts';
import { isMade, type MadeOptions } from '../../data/datasets/made.ts';
import type { CliOption } from './option.ts';
import { UsageError } from '../usage-error.ts';

export const madeOption = {
  flag: '--set <key=value>',
  help: 'of synthetic or digits: one key, as in data.synthetic.noise=0.8; may be repeated',
  repeated: true,
} as const satisfies CliOption;

/** The options of the dataset `source` that `--set` gives. Throws a UsageError where it is not made, or a key says nothing of it. */
export function madeOptionsOf(source: string, set: readonly string[] = []): MadeOptions {
  const [first] = set;
  if (first === undefined) return {};
  if (!isMade(source))
    throw new UsageError(`--set ${first}: ${source} is read as it is; --set goes with "synthetic" and "digits".`);
  const other = set.find((pair) => !pair.startsWith(`data.${source}.`));
  if (other !== undefined)
    throw new UsageError(`--set ${other}: of ${source} the keys below data.${source} alone decide what is made.`);
  const options = resolveConfig({ set }).data[source];
  return { [source]: options };
}
