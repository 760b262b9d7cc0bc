/** Axes with something in them, as SVG: for pictures of some hundreds of marks that do not change while one looks. */
import type { ComponentChildren } from 'preact';
import { tickTexts } from './texts.ts';
import { ticks } from './ticks.ts';

export interface Scales {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

export interface PlotProps {
  /** What it shows, for those who do not see it. */
  readonly label: string;
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  readonly xTitle: string;
  readonly yTitle: string;
  /** The size of the whole, in units of which letters are 12. */
  readonly width?: number;
  readonly height?: number;
  /** Places of the axes that have words, in the place of round numbers. */
  readonly xNames?: readonly string[];
  readonly yNames?: readonly string[];
  readonly children: (scales: Scales) => ComponentChildren;
}

export function Plot({ label, x, y, xTitle, yTitle, width = 440, height = 320, xNames, yNames, children }: PlotProps) {
  const [xTicks, yTicks] = [ticks(...x, 6), ticks(...y, 5)];
  const [xTexts, yTexts] = [tickTexts(xTicks), tickTexts(yTicks)];
  const widest = Math.max(0, ...(yNames ?? yTexts).map(({ length }) => length));
  const [left, top, right, bottom] = [
    yNames ? Math.min(160, 14 + widest * 7) : Math.max(52, 8 + widest * 8),
    22,
    10,
    38,
  ];
  const scales: Scales = {
    x: (value) => left + ((value - x[0]) / (x[1] - x[0])) * (width - left - right),
    y: (value) => height - bottom - ((value - y[0]) / (y[1] - y[0])) * (height - top - bottom),
  };
  const [low, high] = [height - bottom, top];
  return (
    <svg
      class="plot"
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={label}
      style={{ maxWidth: `${width * 1.3}px` }}
    >
      {xNames
        ? xNames.map((name, n) => (
            <text key={n} x={scales.x(n)} y={low + 15} text-anchor="middle">
              {shortened(name, 9)}
            </text>
          ))
        : xTicks.map((value, n) => (
            <g key={value}>
              <line class="grid" x1={scales.x(value)} x2={scales.x(value)} y1={low} y2={high} />
              <text x={scales.x(value)} y={low + 15} text-anchor="middle">
                {xTexts[n]}
              </text>
            </g>
          ))}
      {yNames
        ? yNames.map((name, n) => (
            <text key={name} x={left - 6} y={scales.y(n) + 4} text-anchor="end">
              {shortened(name, 20)}
            </text>
          ))
        : yTicks.map((value, n) => (
            <g key={value}>
              <line class="grid" x1={left} x2={width - right} y1={scales.y(value)} y2={scales.y(value)} />
              <text x={left - 6} y={scales.y(value) + 4} text-anchor="end">
                {yTexts[n]}
              </text>
            </g>
          ))}
      <line class="axis" x1={left} x2={width - right} y1={low} y2={low} />
      <line class="axis" x1={left} x2={left} y1={low} y2={high} />
      <text x={width - right} y={height - 6} text-anchor="end">
        {xTitle}
      </text>
      <text x={0} y={12}>
        {yTitle}
      </text>
      {children(scales)}
    </svg>
  );
}

const shortened = (name: string, most: number): string => (name.length > most ? `${name.slice(0, most - 1)}…` : name);
