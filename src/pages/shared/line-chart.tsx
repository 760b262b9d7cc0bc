/** Curves over epochs, drawn by uPlot, which is fast enough to draw them anew whenever a training goes on. */
import { useEffect, useRef } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import uPlot from 'uplot';
import { aligned, type Curve } from './smooth.ts';
import { colour, lookOf, themeVersion } from './theme.ts';
import { numberText } from './texts.ts';

export interface Line extends Curve {
  readonly name: string;
  /** Which colour and dash it has. */
  readonly look: number;
  /** Behind the others, such as a curve before it was smoothed; it has no place in the legend. */
  readonly isFaint?: boolean;
  /** From the lowest to the highest of several. */
  readonly low?: readonly (number | null)[];
  readonly high?: readonly (number | null)[];
}

/** A vertical rule, with a word where there is room for one. */
export interface Mark {
  readonly x: number;
  readonly word?: string;
}

export interface LineChartProps {
  /** What it shows, for those who do not see it. */
  readonly label: string;
  readonly lines: readonly Line[];
  readonly marks?: readonly Mark[] | undefined;
  readonly isLog?: boolean;
  /** The part of the axis that is shown; default: all. */
  readonly range?: readonly [number, number] | undefined;
  /** Called when a part is chosen with the mouse, and without one by a double click. */
  readonly onRange?: (range: readonly [number, number] | undefined) => void;
  readonly height?: number;
  /** Charts of one key show their cursors at the same place. */
  readonly together?: string;
  readonly hasLegend?: boolean;
  /** What the axis counts; default: epochs. */
  readonly unit?: string;
}

const usualHeight = 180;

export function LineChart(props: LineChartProps) {
  const { label, lines, height = usualHeight } = props;
  const hasLegend = props.hasLegend ?? lines.filter(({ isFaint }) => !isFaint).length > 1;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const drawn = useRef<string | undefined>(undefined);
  /** Where the cursor is, as an index of the places. */
  const at = useSignal<number | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const data = dataOf(lines);
  // What a plot cannot change of itself: then it is made anew.
  const form = JSON.stringify([
    lines.map(({ name, look, isFaint, low }) => [name, look, isFaint, low !== undefined]),
    props.isLog,
  ]);

  useEffect(() => {
    const node = place.current!;
    if (drawn.current !== form) {
      plot.current?.destroy();
      plot.current = new uPlot(
        optionsOf(latest, node.clientWidth, (index) => (at.value = index)),
        data,
        node,
      );
      drawn.current = form;
    } else {
      plot.current!.setData(data, true);
    }
  });
  useEffect(() => {
    const node = place.current!;
    const observer = new ResizeObserver(() => {
      const { width } = plot.current ?? {};
      if (node.clientWidth > 0 && width !== node.clientWidth)
        plot.current?.setSize({ width: node.clientWidth, height: latest.current.height ?? usualHeight });
    });
    observer.observe(node);
    return () => {
      observer.disconnect();
      plot.current?.destroy();
    };
  }, []);
  const reading = { lines, data, at: at.value, unit: props.unit ?? 'epoch' };
  const theme = themeVersion.value;
  useEffect(() => plot.current?.redraw(false), [theme]);

  return (
    <>
      <div ref={place} class="curves" role="img" aria-label={label} style={{ minHeight: `${height}px` }} />
      {hasLegend ? <Legend {...reading} /> : <Reading {...reading} />}
    </>
  );
}

/** Faint lines and bands lie below the others, so they come first. */
const inOrder = (lines: readonly Line[]): readonly Line[] =>
  lines.toSorted((a, b) => Number(b.isFaint ?? false) - Number(a.isFaint ?? false));

function dataOf(lines: readonly Line[]): uPlot.AlignedData {
  const curves = inOrder(lines).flatMap(({ x, y, low, high }) => [
    ...(low && high
      ? [
          { x, y: low },
          { x, y: high },
        ]
      : []),
    { x, y },
  ]);
  const { x, ys } = aligned(curves);
  return [[...x], ...ys.map((y) => [...y])];
}

/** Distances of marks on an axis of epochs, which are whole. */
const wholeSteps = [1, 10, 100, 1000, 10_000].flatMap((power) => [power, 2 * power, 5 * power]);

interface Drawn {
  readonly current: LineChartProps;
}

function optionsOf(latest: Drawn, width: number, onCursor: (index: number | null) => void): uPlot.Options {
  const { lines, isLog = false, height = usualHeight, together } = latest.current;
  const series: uPlot.Series[] = [{}];
  const bands: uPlot.Band[] = [];
  for (const { look, isFaint, low } of inOrder(lines)) {
    const { colour: name, dash } = lookOf(look);
    if (low) {
      const edge = { stroke: 'transparent', width: 0, points: { show: false } };
      bands.push({ series: [series.length + 1, series.length], fill: () => faded(colour(name), 0.2) });
      series.push(edge, edge);
    }
    series.push({
      stroke: () => (isFaint ? faded(colour(name), 0.35) : colour(name)),
      width: isFaint ? 1 : 1.75,
      ...(dash.length > 0 && !isFaint && { dash: [...dash] }),
      // A single epoch has no line.
      points: { show: (chart) => chart.data[0].length < 2, size: 6 },
      spanGaps: false,
    });
  }
  const axis: uPlot.Axis = {
    stroke: () => colour('--quiet'),
    font: '12px system-ui, sans-serif',
    grid: { stroke: () => colour('--line'), width: 1 },
    ticks: { stroke: () => colour('--line'), width: 1, size: 4 },
    gap: 4,
  };
  return {
    ...{ width, height, series, bands, legend: { show: false }, padding: [8, 8, 0, 0] },
    axes: [
      {
        ...axis,
        size: 28,
        space: 44,
        ...(latest.current.unit === undefined && { incrs: wholeSteps }),
        grid: { show: false },
      },
      {
        ...axis,
        size: 56,
        space: 32,
        values: (_, splits) => splits.map((x: number | null) => (x === null ? '' : numberText(x))),
      },
    ],
    scales: {
      x: {
        time: false,
        range: (_, low, high) => [...(latest.current.range ?? (low === high ? [low - 1, high + 1] : [low, high]))],
      },
      // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- uPlot's enum has no value outside its types
      y: isLog ? { distr: 3 } : {},
    },
    cursor: {
      drag: { x: true, y: false, setScale: false },
      points: { size: 6 },
      ...(together !== undefined && { sync: { key: together, setSeries: false } }),
    },
    hooks: {
      setCursor: [({ cursor }) => onCursor(cursor.idx ?? null)],
      setSelect: [
        (chart) => {
          const { left, width: wide } = chart.select;
          if (wide < 5) return;
          latest.current.onRange?.([chart.posToVal(left, 'x'), chart.posToVal(left + wide, 'x')]);
          chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
      ready: [({ over }) => over.addEventListener('dblclick', () => latest.current.onRange?.(undefined))],
      draw: [(chart) => drawMarks(chart, latest.current.marks ?? [])],
    },
  };
}

function drawMarks(chart: uPlot, marks: readonly Mark[]): void {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = colour('--quiet');
  ctx.lineWidth = devicePixelRatio;
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.setLineDash([2 * devicePixelRatio, 2 * devicePixelRatio]);
  for (const { x, word = '' } of marks) {
    const left = Math.round(chart.valToPos(x, 'x', true));
    if (left < bbox.left || left > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(left, bbox.top);
    ctx.lineTo(left, bbox.top + bbox.height);
    ctx.stroke();
    const isRoomy = left + ctx.measureText(word).width + 4 * devicePixelRatio < bbox.left + bbox.width;
    ctx.textAlign = isRoomy ? 'left' : 'right';
    ctx.fillText(word, left + (isRoomy ? 4 : -4) * devicePixelRatio, bbox.top + 10 * devicePixelRatio);
  }
  ctx.restore();
}

/** A colour of theme.css, all of which are of six digits, with some of it. */
const faded = (hex: string, share: number): string =>
  `${hex}${Math.round(share * 255)
    .toString(16)
    .padStart(2, '0')}`;

interface ReadingProps {
  readonly lines: readonly Line[];
  readonly data: uPlot.AlignedData;
  readonly at: number | null;
  readonly unit: string;
}

const valueText = ({ x, y }: Line, place: number): string => {
  const value = y[x.indexOf(place)] ?? null;
  return value === null ? '–' : numberText(value);
};

function Legend({ lines, data: [x], at, unit }: ReadingProps) {
  const place = at === null ? undefined : x[at];
  return (
    <ul class="legend">
      {lines
        .filter(({ isFaint }) => !isFaint)
        .map((line) => (
          <li key={line.name}>
            <Swatch look={line.look} />
            <span>
              {line.name}
              {place !== undefined && <span class="quiet"> {valueText(line, place)}</span>}
            </span>
          </li>
        ))}
      {place !== undefined && (
        <li class="quiet">
          {unit} {place}
        </li>
      )}
    </ul>
  );
}

function Reading({ lines, data: [x], at, unit }: ReadingProps) {
  const place = at === null ? undefined : x[at];
  return (
    <p class="reading quiet small" aria-hidden="true">
      {place !== undefined && `${unit} ${place}: ${lines.map((line) => valueText(line, place)).join(' / ')}`}
    </p>
  );
}

/** A piece of the line as it is drawn. */
export function Swatch({ look }: { readonly look: number }) {
  const { colour: name, dash } = lookOf(look);
  return (
    <svg width="22" height="8" aria-hidden="true">
      <line x1="0" x2="22" y1="4" y2="4" stroke={`var(${name})`} stroke-width="2.5" stroke-dasharray={dash.join(' ')} />
    </svg>
  );
}
