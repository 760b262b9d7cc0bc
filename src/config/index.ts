export { ConfigError } from './error.ts';
export { resolveConfig, type ConfigSources } from './resolve.ts';
export { dataConfig, runSchema, type DataConfig, type RunConfig } from './run-config.ts';
