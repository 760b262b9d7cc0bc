/** Many numbers as shades of small cells, drawn on a canvas: there may be tens of thousands. */
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { colour, themeVersion } from '../../base/theme.ts';
import { ShadeScale } from './shade-scale.tsx';
import { shadeOf, shadesOf } from './shades.ts';

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
  const shades = useMemo(() => shadesOf(columns.flat()), [columns]);
  const colours = [isSigned ? '--up' : '--series-1', '--down'] as const;
  useLayoutEffect(() => {
    const context = canvas.current!.getContext('2d')!;
    context.clearRect(0, 0, width, height);
    if (!shades) return;
    const [above, below] = [colour(colours[0]), colour(colours[1])];
    for (const [x, column] of columns.entries())
      for (const [y, value] of column.entries()) {
        if (value === null) continue;
        context.globalAlpha = shadeOf(value, shades);
        context.fillStyle = value < 0 ? below : above;
        context.fillRect(x, y, 1, 1);
      }
  }, [columns, shades, isSigned, theme]);
  return (
    <>
      <canvas
        ref={canvas}
        class={`heat-map${isSquare ? ' square' : ''}`}
        width={width}
        height={height}
        style={isSquare ? { aspectRatio: `${width} / ${height}` } : {}}
        role="img"
        aria-label={label}
      />
      {shades && <ShadeScale {...{ shades, colours }} />}
    </>
  );
}
