/** Figures of metrics as people read them. */
import type { MetricAbout } from '../../server/ui/api/routes.ts';
import { metricText } from '../base/texts.ts';

/** Which way is better, as papers show it. */
export const arrowOf = ({ better }: Pick<MetricAbout, 'better'>): string => (better === 'lower' ? '↓' : '↑');

export const spreadText = ({ mean, deviation }: { readonly mean: number; readonly deviation?: number }): string =>
  deviation === undefined ? metricText(mean) : `${metricText(mean)} ± ${metricText(deviation)}`;
