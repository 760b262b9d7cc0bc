export { ConfigError } from './error.ts';
export { checkModalityNames } from './modalities.ts';
export { ownModelProblem } from './own-model.ts';
export { readPair } from './pair.ts';
export { recipeOf } from './recipes.ts';
export { overridesOf, readTree, recordedConfig, resolveConfig, type ConfigSources } from './resolve.ts';
export { runSchema, type ConfigValues, type RunConfig } from './run-config.ts';
export { configVersion, defaultsOf, recipeBefore, valuesBefore, versionProblem } from './version.ts';
