/** Which classes are predicted of each true class: a table whose cells are darker the more of the class they hold. */
import type { RunPredictions } from '../../../server/ui/api/run.ts';
import { ChartFrame } from '../../base/chart-frame.tsx';
import { heat } from '../../base/heat.ts';

type Props = { readonly run: string } & NonNullable<RunPredictions['confusion']>;

export function Confusion({ run, labels, counts }: Props) {
  return (
    <ChartFrame
      title="Confusion"
      name={`${run} confusion`}
      note="Rows are true classes, columns predicted ones. Shades are shares of the row."
      table={() => ({
        columns: ['true class', ...labels.map((label) => `predicted ${label}`)],
        rows: labels.map((label, n) => [label, ...counts[n]!]),
      })}
    >
      <div class="scroll" tabIndex={0} role="region" aria-label="Confusion matrix">
        <table class="matrix">
          <thead>
            <tr>
              <th scope="col">true ↓ predicted →</th>
              {labels.map((label) => (
                <th key={label} scope="col" class="number">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {labels.map((label, row) => {
              const own = counts[row]!;
              const total = own.reduce((sum, count) => sum + count, 0);
              return (
                <tr key={label}>
                  <th scope="row">{label}</th>
                  {own.map((count, column) => (
                    <td
                      key={column}
                      class={row === column ? 'number right' : 'number'}
                      style={heat(total > 0 ? count / total : 0)}
                    >
                      {count}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </ChartFrame>
  );
}
