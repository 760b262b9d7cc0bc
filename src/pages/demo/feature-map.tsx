/** The numbers of a modality as a picture: time steps from left to right, features from top to bottom. */
import { useEffect, useRef } from 'preact/hooks';
import type { PreparedSample, Step } from '../../deploy/sample.ts';
import type { DemoStatistics } from '../../demo/content.ts';
import { colour, themeVersion } from '../base/theme.ts';
import { deviationsOf } from './deviations.ts';

interface FeatureMapProps {
  readonly name: string;
  /** As it was given: its numbers say how strong the strongest colour is. */
  readonly sample: PreparedSample;
  readonly now: PreparedSample;
  readonly statistics: DemoStatistics;
}

export function FeatureMap({ name, sample, now, statistics }: FeatureMapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const given = sample.steps[name] ?? [];
  const shown: readonly Step[] = now.steps[name] ?? [];
  const version = themeVersion.value;
  useEffect(() => {
    if (canvas.current) draw(canvas.current, { given, shown, statistics });
  }, [given, shown, statistics, version]);
  return <canvas class="feature-map" ref={canvas} aria-hidden="true" />;
}

function draw(
  canvas: HTMLCanvasElement,
  { given, shown, statistics }: { given: readonly Step[]; shown: readonly Step[]; statistics: DemoStatistics },
): void {
  const whole = deviationsOf(given, statistics);
  const { columns, rows, values } = deviationsOf(shown, statistics);
  const largest = quantile(whole.values, 0.98);
  [canvas.width, canvas.height] = [whole.columns, whole.rows];
  const context = canvas.getContext('2d');
  if (!context) return;
  context.clearRect(0, 0, whole.columns, whole.rows);
  const [more, less] = [colour('--series-1'), colour('--series-2')];
  for (let column = 0; column < columns; column++)
    for (let row = 0; row < rows; row++) {
      const value = values[column * rows + row]!;
      if (Number.isNaN(value)) continue;
      context.globalAlpha = Math.min(1, Math.abs(value) / largest);
      context.fillStyle = value > 0 ? more : less;
      context.fillRect(column, row, 1, 1);
    }
}

/** A size that all but a few are below; 1 where all are nothing. */
function quantile(values: readonly number[], share: number): number {
  const sizes = values
    .map(Math.abs)
    .filter((x) => !Number.isNaN(x))
    .toSorted((a, b) => a - b);
  return sizes[Math.floor((sizes.length - 1) * share)] || 1;
}
