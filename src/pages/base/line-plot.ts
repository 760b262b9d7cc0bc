/** How uPlot draws curves: their lines, bands and marks, in the colours of the theme. */
import uPlot from 'uplot';
import { aligned, type Curve } from './smooth.ts';
import { numberText, tickTexts } from './texts.ts';
import { colour, lookOf } from './theme.ts';
import { around, isPoint, logTicks } from './ticks.ts';

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

/** What a plot is drawn by, but for its size. */
export interface LinePlotProps {
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
  /** What the axis counts; default: epochs. */
  readonly unit?: string;
}

/** Faint lines and bands lie below the others, so they come first. */
const inOrder = (lines: readonly Line[]): readonly Line[] =>
  lines.toSorted((a, b) => Number(b.isFaint ?? false) - Number(a.isFaint ?? false));

export function dataOf(lines: readonly Line[]): uPlot.AlignedData {
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

/** In pixels, with the axis. */
export const usualHeight = 196;

/** Of more points than that nobody sees dashes, which take most of the time of drawing. */
const mostInDetail = 20_000;

/** Distances of marks on an axis of epochs, which are whole. */
const wholeSteps = [1, 10, 100, 1000, 10_000].flatMap((power) => [power, 2 * power, 5 * power]);

interface Drawn {
  readonly current: LinePlotProps;
}

/** Where the cursor is: a place of the axis by its index, and the line that is nearest, of those that are not faint. */
export interface CursorPlace {
  readonly index: number;
  readonly nearest: string | undefined;
}

export function optionsOf(
  latest: Drawn,
  size: { readonly width: number; readonly height: number },
  onCursor: (place: CursorPlace | undefined) => void,
): uPlot.Options {
  const { lines, isLog = false, together } = latest.current;
  const isCrowded = lines.reduce((sum, { x }) => sum + x.length, 0) > mostInDetail;
  const series: uPlot.Series[] = [{}];
  const bands: uPlot.Band[] = [];
  /** The names of the series that can be nearest. */
  const names = new Map<number, string>();
  for (const { name: line, look, isFaint, low } of inOrder(lines)) {
    const { colour: name, dash } = lookOf(look);
    if (low) {
      const edge = { stroke: 'transparent', width: 0, points: { show: false } };
      bands.push({ series: [series.length + 1, series.length], fill: () => faded(colour(name), 0.2) });
      series.push(edge, edge);
    }
    if (!isFaint) names.set(series.length, line);
    series.push({
      stroke: () => (isFaint ? faded(colour(name), 0.35) : colour(name)),
      width: isFaint || isCrowded ? 1 : 1.75,
      ...(dash.length > 0 && !isFaint && !isCrowded && { dash: [...dash] }),
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
    ...{ ...size, series, bands, legend: { show: false }, padding: [8, 16, 0, 0] },
    axes: [
      {
        ...axis,
        size: 28,
        space: 44,
        label: latest.current.unit ?? 'epoch',
        labelFont: axis.font!,
        labelSize: 16,
        ...(latest.current.unit === undefined && { incrs: wholeSteps }),
        grid: { show: false },
      },
      {
        ...axis,
        size: (_, values) => widthOfAxis(values),
        space: 32,
        ...(isLog
          ? {
              splits: (chart, _, low, high) => [
                ...logTicks(low, high, chart.bbox.height / devicePixelRatio / lineHeight),
              ],
              filter: (_, splits) => splits,
              values: (_, splits) => splits.map((value) => numberText(value, 12)),
            }
          : { values: (_, splits) => [...tickTexts(splits)] }),
      },
    ],
    scales: {
      x: {
        time: false,
        range: (_, low, high) => [...(latest.current.range ?? (low === high ? [low - 1, high + 1] : [low, high]))],
      },
      // Whole powers of ten would leave most of a chart empty.
      // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- uPlot's enum has no value outside its types
      y: isLog ? { distr: 3, range: (_, low, high) => [low / 1.1, high * 1.1] } : { range: valueRange },
    },
    // Of many lines the one that is pointed at is seen.
    focus: { alpha: 0.25 },
    cursor: {
      ...(names.size > 1 && { focus: { prox: 16 } }),
      // A height of one chart means nothing in another.
      y: false,
      move: toPoint,
      drag: { x: true, y: false, setScale: false },
      points: { size: 6 },
      ...(together !== undefined && {
        sync: {
          key: together,
          setSeries: false,
          scales: ['x', 'y'],
          match: [(own, other) => own === other, () => false],
        },
      }),
    },
    hooks: {
      setCursor: [(chart) => onCursor(cursorPlace(chart, names))],
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

/** Of an axis by powers of ten, whose numbers are not evenly spaced, in pixels. */
const lineHeight = 18;

/** Without data (null, beside uPlot's types) there is none. */
const valueRange = (_: uPlot, low: number | null, high: number | null): uPlot.Range.MinMax =>
  low === null || high === null
    ? [null, null]
    : isPoint(low, high)
      ? [...around(low)]
      : uPlot.rangeNum(low, high, 0.1, true);

/** As wide as its longest number, which may be one of a small range; a chart without data has none (null, beside uPlot's types). */
const widthOfAxis = (numbers: readonly string[] | null): number =>
  Math.max(56, 14 + 8 * Math.max(0, ...(numbers ?? []).map((text) => text.length)));

/** The cursor lies on the point that is told of. */
function toPoint(chart: uPlot, left: number, top: number): uPlot.Cursor.LeftTop {
  const at = left < 0 ? undefined : chart.data[0][chart.posToIdx(left)];
  return [at === undefined ? left : chart.valToPos(at, 'x'), top];
}

function cursorPlace(chart: uPlot, names: ReadonlyMap<number, string>): CursorPlace | undefined {
  const { idx: index, top = 0 } = chart.cursor;
  if (index === null || index === undefined) return undefined;
  let nearest: string | undefined;
  let least = Infinity;
  for (const [n, name] of names) {
    const value = chart.data[n]![index];
    if (value === null || value === undefined) continue;
    const distance = Math.abs(chart.valToPos(value, 'y') - top);
    if (distance < least) [nearest, least] = [name, distance];
  }
  return { index, nearest };
}

function drawMarks(chart: uPlot, marks: readonly Mark[]): void {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.strokeStyle = colour('--quiet');
  ctx.lineWidth = devicePixelRatio;
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  [ctx.textAlign, ctx.textBaseline] = ['left', 'middle'];
  ctx.setLineDash([2 * devicePixelRatio, 2 * devicePixelRatio]);
  const shown = marks
    .map(({ x, word = '' }, n) => ({ left: Math.round(chart.valToPos(x, 'x', true)), word, n }))
    .filter(({ left }) => left >= bbox.left && left <= bbox.left + bbox.width);
  for (const { left } of shown) {
    ctx.beginPath();
    ctx.moveTo(left, bbox.top);
    ctx.lineTo(left, bbox.top + bbox.height);
    ctx.stroke();
  }
  for (const { left, word, n } of shown) {
    if (word === '') continue;
    const { width } = ctx.measureText(word);
    const gap = 4 * devicePixelRatio;
    const start = left + gap + width < bbox.left + bbox.width ? left + gap : left - gap - width;
    // Each in a line of its own: marks may be near each other.
    const middle = bbox.top + (10 + 13 * n) * devicePixelRatio;
    // Curves do not strike it through.
    ctx.fillStyle = colour('--ground');
    ctx.fillRect(start - gap / 2, middle - 6.5 * devicePixelRatio, width + gap, 13 * devicePixelRatio);
    ctx.fillStyle = colour('--quiet');
    ctx.fillText(word, start, middle);
  }
  ctx.restore();
}

/** A colour of theme.css, all of which are of six digits, with some of it. */
const faded = (hex: string, share: number): string =>
  `${hex}${Math.round(share * 255)
    .toString(16)
    .padStart(2, '0')}`;
