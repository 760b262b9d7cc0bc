import type { MetricKind } from '../../metrics/metric.ts';
import type { Task } from '../dataset.ts';

/** Facts about a dataset that its tables do not tell. */
export interface Known {
  /** Default: the name of the file. */
  readonly name?: string;
  /** What a published dataset is called that the facts are of; they are used only where the file's labels are like its own. */
  readonly title?: string;
  readonly task?: Task['kind'];
  readonly metrics?: MetricKind;
  readonly range?: readonly [number, number];
  readonly classes?: readonly string[];
  /** Of several labels, the name of each. */
  readonly names?: readonly string[];
}
