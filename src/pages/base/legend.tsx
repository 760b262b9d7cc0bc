/** The lines of a chart by name, with what they are where the cursor is. */
import type { Line } from './line-plot.ts';
import { numberText } from './texts.ts';
import { lookOf } from './theme.ts';

export interface ReadingProps {
  readonly lines: readonly Line[];
  /** The place of the cursor on the axis. */
  readonly at: number | undefined;
  /** The line that the cursor is nearest to. */
  readonly nearest: string | undefined;
  /** What the axis counts. */
  readonly unit: string;
}

const valueText = ({ x, y }: Line, place: number): string => {
  const value = y[x.indexOf(place)] ?? null;
  return value === null ? '–' : numberText(value);
};

export function Legend({ lines, at: place, unit }: ReadingProps) {
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

/** So many lines can be told of at once, below a chart that has no legend of its own. */
const mostTold = 4;

export function Reading({ lines, at: place, nearest, unit }: ReadingProps) {
  const clear = lines.filter(({ isFaint }) => !isFaint);
  const told = clear.length > mostTold ? clear.filter(({ name }) => name === nearest) : clear;
  const texts = told.map(
    (line) => `${clear.length > 1 ? `${line.name} ` : ''}${place === undefined ? '' : valueText(line, place)}`,
  );
  return (
    <p class="reading quiet small" aria-hidden="true">
      {place !== undefined && `${unit} ${numberText(place)}: ${texts.join(', ')}`}
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
