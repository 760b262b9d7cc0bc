/** A label or a prediction as `predict` writes it, as people read it. */
import { isTree } from '../../../json/tree.ts';
import { numberText } from '../../base/texts.ts';
import { valueText } from '../value-text.ts';

/** A value, the name of a class; of several labels those that are true, or each with its value. */
export function predictionText(value: unknown): string {
  if (typeof value === 'number') return numberText(value);
  if (!isTree(value)) return valueText(value);
  const entries = Object.entries(value).filter(([, each]) => each !== null);
  if (entries.every(([, each]) => each === 0 || each === 1))
    return entries.flatMap(([name, each]) => (each === 1 ? [name] : [])).join(', ') || 'none';
  return entries.map(([name, each]) => `${name} ${predictionText(each)}`).join(', ');
}
