/** The keys of the configuration in which groups differ, and nothing else of it. */
import type { ComparisonView } from '../../../server/ui/api-compare.ts';
import { valueText } from '../value-text.ts';

export function ComparedSettings({ view: { groups, configuration } }: { readonly view: ComparisonView }) {
  if (configuration.length === 0) return <p class="quiet">They are set alike.</p>;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Settings that differ">
      <table>
        <caption class="unseen">Keys in which some group differs from the first</caption>
        <thead>
          <tr>
            <th scope="col">Key</th>
            {groups.map(({ name }) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
            <th scope="col">What it is</th>
          </tr>
        </thead>
        <tbody>
          {configuration.map(({ key, values, help }) => (
            <tr key={key}>
              <th scope="row">
                <code>{key}</code>
              </th>
              {values.map((value, n) => (
                <td key={n}>{valueText(value)}</td>
              ))}
              <td class="quiet small">{help}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
