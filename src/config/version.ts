/**
 * The version of configurations. It goes up when a key is renamed and when the meaning or the default of a key changes;
 * the change that raises it also migrates older configurations to the values that they stood for. A new key needs no
 * new version if its default is what was done before the key existed. A configuration without a version has version 1.
 */
export const configVersion = 3;

/** What keys stand for that a configuration of an earlier version lacks, where that is not their default anymore. */
export const defaultsOf = (version: unknown): { readonly data: { readonly group?: 'none' } } =>
  // Before version 2 samples whose ids tell groups were folded, and divided by fractions, one by one.
  version === undefined || version === 1 ? { data: { group: 'none' } } : { data: {} };

/** The recipe that a configuration of an earlier version means that names none, where it is not the first one anymore. */
export const recipeBefore = (model: string, version: unknown): string | undefined =>
  model === 'decalign' && (version === 1 || version === 2) ? 'paper' : undefined;

/**
 * What keys stand for that a configuration recorded by a run lacks, since they came after it, where that is not their
 * default. A record holds every key that there was.
 */
export const valuesBefore = {
  data: { fractions: 'rounded', padding: 'end', labelScale: 'given', labelClasses: 'rounded' },
} as const;

/**
 * Why a configuration of `version` cannot be read; undefined where it can. It is asked before the keys are checked,
 * since keys of a later version may mean something else.
 */
export const versionProblem = (version: unknown): string | undefined =>
  typeof version === 'number' && version > configVersion
    ? `this is a configuration of version ${version}, and this release understands version ${configVersion}: use the release that it was written for.`
    : undefined;
