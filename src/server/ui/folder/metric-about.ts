/** What there is to say of a metric by its name. */
import { labelOf } from '../../../metrics/headings.ts';
import { metrics, type MetricKind, type MetricName } from '../../../metrics/metric.ts';
import type { MetricAbout } from '../api/routes.ts';

const isKnown = (name: string): name is MetricName => Object.hasOwn(metrics, name);

/** The label and direction of a metric; that of a class or label, as in `f1/joy`, has those of what it is of. */
export function aboutMetric(kind: MetricKind | undefined, name: string): MetricAbout {
  const [head, ...of] = name.split('/') as [string, ...string[]];
  if (!isKnown(head)) return { name, label: name, better: 'higher' };
  const label = kind === undefined ? metrics[head].label : labelOf(kind, head);
  return { name, label: [label, ...of].join(' '), better: metrics[head].better };
}
