/** Nothing of this machine's paths gets into an answer. */
import { redaction, type Redaction } from '../../report/shareable.ts';
import type { WatchedRun } from './folder/watched-run.ts';

/** Leaves the last part of each path in texts about the folder and a run of it. */
export function redacted(
  root: string,
  { data = [], run }: { readonly data?: readonly string[]; readonly run?: WatchedRun | undefined } = {},
): Redaction {
  const source = run?.record?.data.source;
  const within = redaction({ paths: [root, ...data, ...(source === undefined ? [] : [source])] });
  // Below the folder a run is named by its id, whatever the folder is called.
  return (text) => within(text.replaceAll(`${root}/`, ''));
}
