/** Measures of decoupling in 0..1, each beside what is wanted of it. */
import type { Embedding } from '../../../server/ui/api/run.ts';
import { ShareBar } from '../../base/share-bar.tsx';
import { metricText } from '../../base/texts.ts';

export function Measures({ measures }: Pick<Embedding, 'measures'>) {
  const titles = [...new Set(measures.map(({ title }) => title))];
  if (titles.length === 0) return null;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Measures of decoupling">
      <table class="measures">
        <caption>How far features are decoupled, on the test split</caption>
        <thead>
          <tr>
            <th scope="col">Measure</th>
            <th scope="col" class="number">
              Value
            </th>
            <th scope="col">From 0 to 1</th>
            <th scope="col">Wanted</th>
          </tr>
        </thead>
        {titles.map((title) => (
          <tbody key={title}>
            <tr>
              <th scope="rowgroup" colSpan={4} class="quiet">
                {title}
              </th>
            </tr>
            {measures
              .filter((each) => each.title === title)
              .map(({ name, wanted, value }) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td class="number">{metricText(value)}</td>
                  <td>
                    <ShareBar share={value} />
                  </td>
                  <td>near {wanted}</td>
                </tr>
              ))}
          </tbody>
        ))}
      </table>
    </div>
  );
}
