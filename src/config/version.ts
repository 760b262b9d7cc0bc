/**
 * The version of configurations: it goes up where a key is renamed, or what one means or defaults to changes. Whoever
 * raises it migrates older ones, giving them the values that they stood for. A configuration of before there were
 * versions is of version 1. A new key needs none, if its default is what was done without it.
 */
export const configVersion = 1;

/** What is wrong with a configuration of that version; it is asked before anything else, for a later one may mean anything. */
export const versionProblem = (version: unknown): string | undefined =>
  typeof version === 'number' && version > configVersion
    ? `this is a configuration of version ${version}, and this release understands version ${configVersion}: use the release that it was written for.`
    : undefined;
