/** The splits of a dataset, and what people call them: files are nested by them and name their arrays after them. */

export const splits = ['train', 'valid', 'test'] as const;
export type Split = (typeof splits)[number];

const splitNames: Readonly<Record<string, Split>> = {
  train: 'train',
  training: 'train',
  valid: 'valid',
  val: 'valid',
  validation: 'valid',
  dev: 'valid',
  test: 'test',
  testing: 'test',
};

/** The split that a name means, if it means one. */
export const splitOf = (name: unknown): Split | undefined =>
  typeof name === 'string' && Object.hasOwn(splitNames, name.toLowerCase())
    ? splitNames[name.toLowerCase()]
    : undefined;
