/** A table whose cells are darker the more they hold. */
import { heat } from './heat.ts';

interface HeatCell {
  readonly text: string;
  /** How dark it is, in 0..1. */
  readonly shade: number;
}

interface HeatTableProps {
  /** What it shows, for those who do not see it. */
  readonly label: string;
  /** What rows and columns are. */
  readonly corner: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly name: string; readonly cells: readonly HeatCell[] }[];
  /** Whether rows and columns are of the same things, whose own cells are marked. */
  readonly isSquare?: boolean;
}

export function HeatTable({ label, corner, columns, rows, isSquare = false }: HeatTableProps) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={label}>
      <table class="matrix">
        <thead>
          <tr>
            <th scope="col">{corner}</th>
            {columns.map((column) => (
              <th key={column} scope="col" class="number">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, cells }, row) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {cells.map(({ text, shade }, column) => (
                <td key={column} class={isSquare && row === column ? 'number right' : 'number'} style={heat(shade)}>
                  {text}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
