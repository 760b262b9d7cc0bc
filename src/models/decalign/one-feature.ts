import type { DecAlignConfig } from './config.ts';

/**
 * The settings of DecAlign without the decoupling (MFD of Table 3): no unique and common encoders, so that
 *
 *   F_uni^(m) = F_com^(m) = F_m    L_dec = L_ind = 0
 *
 * and L_hete and L_homo act on the one feature. Whatever is said of two parts has nothing to hold of: widths of their own, the
 * terms that keep them apart (Eq. 1 is constant for a feature and itself), a gradient that one of them is kept from.
 */
export const asOneFeature = (config: DecAlignConfig): DecAlignConfig => ({
  ...config,
  ...{ uniqueWidth: undefined, commonWidth: undefined, uniqueGradient: true, lifted: 'unique' },
  weights: { ...config.weights, decoupling: 0, independence: 0 },
});
