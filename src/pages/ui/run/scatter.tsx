/** Points of two dimensions in some colours. A click leads to the sample of one; for the keyboard the links of the chart's table do. */
import type { ComponentChildren } from 'preact';
import { Plot, type Scales } from '../../base/plot.tsx';
import { rangeOf } from '../../base/ticks.ts';
import { navigate } from '../navigation.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
  readonly fill: string;
  readonly shape: number;
  readonly title: string;
  readonly href?: string | undefined;
}

interface ScatterProps {
  readonly label: string;
  readonly points: readonly Point[];
  readonly xTitle: string;
  readonly yTitle: string;
  /** What lies above the points. */
  readonly children?: (scales: Scales) => ComponentChildren;
}

/** Shapes say the same as colours. */
const shapes: readonly ((x: number, y: number) => string)[] = [
  (x, y) => `M${x - 3} ${y}a3 3 0 1 0 6 0a3 3 0 1 0-6 0`,
  (x, y) => `M${x - 2.8} ${y - 2.8}h5.6v5.6h-5.6z`,
  (x, y) => `M${x} ${y - 3.6}l3.6 6.2h-7.2z`,
  (x, y) => `M${x} ${y - 4}l4 4l-4 4l-4-4z`,
];

export const shapeAt = (shape: number, x: number, y: number): string => shapes[shape % shapes.length]!(x, y);

export function Scatter({ label, points, xTitle, yTitle, children }: ScatterProps) {
  return (
    <Plot
      label={label}
      x={rangeOf(points.map(({ x }) => x))}
      y={rangeOf(points.map(({ y }) => y))}
      xTitle={xTitle}
      yTitle={yTitle}
      width={400}
      height={360}
    >
      {(scales) => (
        <>
          {points.map(({ x, y, fill, shape, title, href }, n) => (
            <path
              key={n}
              d={shapeAt(shape, round(scales.x(x)), round(scales.y(y)))}
              fill={fill}
              class={href === undefined ? 'point' : 'point linked'}
              {...(href !== undefined && { onClick: () => navigate(href) })}
            >
              <title>{title}</title>
            </path>
          ))}
          {children?.(scales)}
        </>
      )}
    </Plot>
  );
}

const round = (x: number): number => Math.round(x * 10) / 10;
