/** Measures of decoupling in 0..1, each beside what is wanted of it. */
import type { Embedding } from '../../../server/ui/api-run.ts';
import { metricText } from '../../shared/texts.ts';

export function Measures({ measures }: Pick<Embedding, 'measures'>) {
  if (measures.length === 0) return null;
  return (
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
      <tbody>
        {measures.map(({ title, name, wanted, value }) => (
          <tr key={name}>
            <th scope="row">{title}</th>
            <td class="number">{metricText(value)}</td>
            <td>
              <meter aria-label={title} min={0} max={1} value={Math.min(1, Math.max(0, value))} />
            </td>
            <td>near {wanted}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
