/** A value on the scale of the labels, by a needle; where it stood before, and the true one. */
import { ticks } from '../base/ticks.ts';

interface ScaleProps {
  readonly range: readonly [low: number, high: number];
  /** What is called how at the low end, in the middle and at the high end. */
  readonly ends?: readonly [string, string, string] | undefined;
  readonly value: number | undefined;
  /** Where the needle stood; not drawn where it stands there still. */
  readonly before?: number | undefined;
  readonly truth?: number | undefined;
  /** The whole in words. */
  readonly label: string;
}

export function Scale({ range, ends, value, before, truth, label }: ScaleProps) {
  const [low, high] = range;
  const at = (x: number): { readonly left: string } => ({ left: `${placeOn(range, x) * 100}%` });
  const from = low < 0 && high > 0 ? 0 : low;
  return (
    <div class="scale" role="img" aria-label={label}>
      {ends && (
        <div class="ends">
          {ends.map((end) => (
            <span key={end}>{end}</span>
          ))}
        </div>
      )}
      <div class="track">
        {value !== undefined && <Filling {...{ range, from, value }} />}
        {before !== undefined && before !== value && <span class="before" style={at(before)} />}
        {truth !== undefined && <span class="truth" style={at(truth)} />}
        {value !== undefined && <span class="needle" style={at(value)} />}
      </div>
      <div class="ticks">
        {ticks(low, high, 6).map((tick) => (
          <span key={tick} style={at(tick)}>
            {String(tick).replace('-', '−')}
          </span>
        ))}
      </div>
    </div>
  );
}

function Filling({
  range,
  from,
  value,
}: Pick<ScaleProps, 'range'> & { readonly from: number; readonly value: number }) {
  const [a, b] = [placeOn(range, from), placeOn(range, value)];
  return <span class="filling" style={{ left: `${Math.min(a, b) * 100}%`, width: `${Math.abs(b - a) * 100}%` }} />;
}

/** Where a value lies on a scale, from 0 to 1; one beyond its ends, at that end. */
const placeOn = ([low, high]: readonly [number, number], value: number): number =>
  high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0.5;
