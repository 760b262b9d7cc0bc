/** Measures of decoupling in 0..1, each beside what is wanted of it. */
import type { Embedding } from '../../../server/ui/api/run.ts';
import { ShareBar } from '../../base/share-bar.tsx';
import { metricText } from '../../base/texts.ts';

export function Measures({ measures }: Pick<Embedding, 'measures'>) {
  const [first] = measures;
  if (!first) return null;
  // What all measures share is said once, above them.
  const isShared = measures.every(({ title }) => title === first.title);
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Measures of decoupling">
      <table class="measures">
        <caption>
          How far features are decoupled, on the test split
          {isShared && `: ${first.title}`}
        </caption>
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
        <tbody>
          {measures.map(({ title, name, wanted, value }) => (
            <tr key={`${title} ${name}`}>
              <th scope="row">
                {name} {!isShared && title}
              </th>
              <td class="number">{metricText(value)}</td>
              <td>
                <ShareBar share={value} />
              </td>
              <td>near {wanted}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
