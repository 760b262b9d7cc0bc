/** What the shades of a picture stand for: from its lowest number to its highest. */
import { numberText } from '../../base/texts.ts';
import { shadeOf, turnsOf, type Shades } from './shades.ts';

interface ShadeScaleProps {
  readonly shades: Shades;
  /** The names of the colours of numbers above and below 0. */
  readonly colours: readonly [above: string, below: string];
}

export function ShadeScale({ shades, colours: [above, below] }: ShadeScaleProps) {
  const { low, high, full } = shades;
  const turns = turnsOf(shades);
  const stops = turns.map(({ value, at }) => {
    const share = Math.round(100 * shadeOf(value, shades));
    return `color-mix(in srgb, var(${value < 0 ? below : above}) ${share}%, transparent) ${100 * at}%`;
  });
  const zero = turns.find(({ value, at }) => value === 0 && at > nearEnd && at < 1 - nearEnd);
  const most = Math.max(-low, high);
  return (
    <div class="shades small">
      <span class="bar" style={{ backgroundImage: `linear-gradient(to right, ${stops.join(', ')})` }} />
      <p class="ends quiet">
        <span class="unseen">Shades from </span>
        <span>{numberText(low, 3)}</span>
        {zero && (
          <span class="zero" style={{ left: `${100 * zero.at}%` }}>
            {' 0 '}
          </span>
        )}
        <span class="unseen"> to </span>
        <span>{numberText(high, 3)}</span>
      </p>
      {full < most && (
        <p class="quiet">
          Beyond {low < 0 && high > 0 ? '±' : ''}
          {numberText(low < 0 && high <= 0 ? -full : full, 3)} the colour stays the same.
        </p>
      )}
    </div>
  );
}

/** So near an end of the scale, as a share of it, a number would lie over that of the end. */
const nearEnd = 0.2;
