/** Curves over epochs, drawn by uPlot, which is fast enough to draw them anew whenever a training goes on. */
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import uPlot from 'uplot';
import { Legend, Reading } from './legend.tsx';
import { dataOf, optionsOf, usualHeight, type CursorPlace, type LinePlotProps } from './line-plot.ts';
import { isPrinting, printedSize } from './printing.ts';
import { themeVersion } from './theme.ts';

interface LineChartProps extends LinePlotProps {
  /** What it shows, for those who do not see it. */
  readonly label: string;
  readonly hasLegend?: boolean;
}

export function LineChart(props: LineChartProps) {
  const { label, lines, height = usualHeight } = props;
  const hasLegend = props.hasLegend ?? lines.filter(({ isFaint }) => !isFaint).length > 1;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const drawn = useRef<string | undefined>(undefined);
  const isNear = useNearness(place);
  const cursor = useSignal<CursorPlace | undefined>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const data = useMemo(() => (isNear ? dataOf(lines) : nothing), [isNear, lines]);
  const printing = isPrinting.value;
  const size = () => (printing ? printedSize : { width: place.current!.clientWidth, height });
  // What a plot cannot change of itself: then it is made anew.
  const form = JSON.stringify([
    lines.map(({ name, look, isFaint, low }) => [name, look, isFaint, low !== undefined]),
    props.isLog,
  ]);

  // At once, not with the next picture of the window: of what is printed there is none.
  useLayoutEffect(() => {
    const node = place.current!;
    if (!isNear) return;
    if (drawn.current !== form) {
      plot.current?.destroy();
      plot.current = new uPlot(
        optionsOf(latest, size(), (at) => (cursor.value = at)),
        data,
        node,
      );
      drawn.current = form;
    } else plot.current?.setData(data);
  }, [isNear, form, data, props.range?.[0], props.range?.[1], props.marks]);
  useLayoutEffect(() => plot.current?.setSize(size()), [printing]);
  useEffect(() => {
    const node = place.current!;
    const observer = new ResizeObserver(() => {
      const { width } = plot.current ?? {};
      if (!isPrinting.value && node.clientWidth > 0 && width !== node.clientWidth)
        plot.current?.setSize({ width: node.clientWidth, height: latest.current.height ?? usualHeight });
    });
    observer.observe(node);
    return () => {
      observer.disconnect();
      plot.current?.destroy();
    };
  }, []);
  const theme = themeVersion.value;
  // With its axes: it may have another size as well.
  useLayoutEffect(() => plot.current?.redraw(false, true), [theme]);

  const reading = {
    lines,
    at: cursor.value && data[0][cursor.value.index],
    nearest: cursor.value?.nearest,
    unit: props.unit ?? 'epoch',
  };
  return (
    <>
      <div ref={place} class="curves" role="img" aria-label={label} style={{ minHeight: `${height}px` }} />
      {hasLegend ? <Legend {...reading} /> : <Reading {...reading} />}
    </>
  );
}

const nothing: uPlot.AlignedData = [[]];

/** Whether a node is in the window or near it, or is printed. Once it was it stays so: of many charts, those that nobody has come to are not drawn. */
function useNearness(place: { readonly current: Element | null }): boolean {
  const isNear = useSignal(false);
  useEffect(() => {
    const leave = (): void => {
      observer.disconnect();
      removeEventListener('beforeprint', come);
    };
    const come = (): void => {
      isNear.value = true;
      leave();
    };
    const observer = new IntersectionObserver(
      (entries) => entries.some(({ isIntersecting }) => isIntersecting) && come(),
      { rootMargin: '400px' },
    );
    observer.observe(place.current!);
    addEventListener('beforeprint', come);
    return leave;
  }, []);
  return isNear.value;
}
