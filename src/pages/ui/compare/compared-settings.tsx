/** The keys of the configuration in which groups differ, and nothing else of it. */
import { useSignal } from '@preact/signals';
import type { ComparisonView } from '../../../server/ui/api/compare.ts';
import { counted } from '../../base/texts.ts';
import { valueText } from '../value-text.ts';
import { isOfSomeAlone } from './of-some-alone.ts';

export function ComparedSettings({ view: { groups, configuration } }: { readonly view: ComparisonView }) {
  const hasAll = useSignal(false);
  if (configuration.length === 0) return <p class="quiet">They are set alike.</p>;
  const isExplained = configuration.some(({ help }) => help !== undefined);
  const left = configuration.filter(isOfSomeAlone);
  const shown = hasAll.value ? configuration : configuration.filter((row) => !isOfSomeAlone(row));
  return (
    <>
      {left.length > 0 && (
        <label class="check small">
          <input type="checkbox" checked={hasAll.value} onChange={() => (hasAll.value = !hasAll.value)} />
          {counted(left.length, 'key')} more that only some of the models have
        </label>
      )}
      <div class="scroll" tabIndex={0} role="region" aria-label="Table: settings that differ">
        <table class="differing pinned">
          <caption class="unseen">Keys in which some group differs from the first</caption>
          <thead>
            <tr>
              <th scope="col">Key</th>
              {groups.map(({ name }) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
              {isExplained && <th scope="col">What it is</th>}
            </tr>
          </thead>
          <tbody>
            {shown.map(({ key, values, help }) => (
              <tr key={key}>
                <th scope="row">
                  <code>{key}</code>
                </th>
                {values.map((value, n) => {
                  const text = valueText(value);
                  return <td key={n}>{n > 0 && text !== valueText(values[0]) ? <strong>{text}</strong> : text}</td>;
                })}
                {isExplained && <td class="quiet small">{help}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
