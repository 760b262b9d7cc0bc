/** Configurations so small that an epoch takes a second or two. */

/** Every term of the objective. */
export const complete = [
  ...['--set', 'model.width=8', '--set', 'model.heads=2', '--set', 'model.layers=1'],
  ...['--set', 'model.mixture.iterations=1', '--set', 'model.pretraining.steps=0', '--threads', '1'],
];

/** Few of them. */
export const tiny = [...complete, '--without', 'heterogeneity,homogeneity'];
