/** Which classes are predicted of each true class: a table whose cells are darker the more of the class they hold. */
import type { RunPredictions } from '../../../server/ui/api/run.ts';
import { ChartFrame } from '../../base/chart-frame.tsx';
import { HeatTable } from '../../base/heat-table.tsx';

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
      <HeatTable
        label="Confusion matrix"
        corner="true ↓ predicted →"
        columns={labels}
        isSquare
        rows={labels.map((name, n) => {
          const total = counts[n]!.reduce((sum, count) => sum + count, 0);
          return {
            name,
            cells: counts[n]!.map((count) => ({ text: String(count), shade: total > 0 ? count / total : 0 })),
          };
        })}
      />
    </ChartFrame>
  );
}
