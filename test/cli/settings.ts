/** Configurations so small that an epoch takes a second or two. */

/** Every term of the paper's objective. */
export const complete = [
  ...['--set', 'model.width=8', '--set', 'model.heads=2', '--set', 'model.layers=1'],
  ...['--set', 'model.mixture.iterations=1', '--recipe', 'paper', '--threads', '1'],
];

/** Few of them. */
export const tiny = [...complete, '--without', 'heterogeneity,homogeneity'];
