/** Many numbers as shades of small cells, drawn on a canvas: there may be tens of thousands. */
import { useEffect, useRef } from 'preact/hooks';
import { colour, themeVersion } from '../../base/theme.ts';

interface HeatMapProps {
  readonly label: string;
  /** One list a column, from above; null stays empty. */
  readonly columns: readonly (readonly (number | null)[])[];
  /** Numbers above and below 0 in two colours; else shares from 0 in one. */
  readonly isSigned?: boolean;
  /** Cells are no higher than wide. */
  readonly isSquare?: boolean;
}

export function HeatMap({ label, columns, isSigned = false, isSquare = false }: HeatMapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = themeVersion.value;
  const [width, height] = [Math.max(1, columns.length), Math.max(1, columns[0]?.length ?? 1)];
  useEffect(() => {
    const context = canvas.current!.getContext('2d')!;
    context.clearRect(0, 0, width, height);
    const most = typical(columns.flat().flatMap((value) => (value === null ? [] : Math.abs(value))));
    const [above, below] = [colour(isSigned ? '--up' : '--series-1'), colour('--down')];
    for (const [x, column] of columns.entries())
      for (const [y, value] of column.entries()) {
        if (value === null) continue;
        context.globalAlpha = Math.min(1, Math.abs(value) / most);
        context.fillStyle = value < 0 ? below : above;
        context.fillRect(x, y, 1, 1);
      }
  }, [columns, isSigned, theme]);
  return (
    <canvas
      ref={canvas}
      class={`heat-map${isSquare ? ' square' : ''}`}
      width={width}
      height={height}
      style={isSquare ? { aspectRatio: `${width} / ${height}` } : {}}
      role="img"
      aria-label={label}
    />
  );
}

/** What full shade stands for: 98 of 100 numbers are below, so that one outlier does not pale all others. */
function typical(sizes: readonly number[]): number {
  const sorted = Float64Array.from(sizes).sort();
  return sorted[Math.floor(0.98 * (sorted.length - 1))]! || sorted.at(-1)! || 1;
}
