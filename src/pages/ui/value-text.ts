/** A value of JSON, such as one of a configuration, as people read it: texts without quotes, nothing as a dash. */
export const valueText = (value: unknown): string =>
  value === undefined || value === null ? '–' : typeof value === 'string' ? value : JSON.stringify(value);
