/** Numbers, times and sizes as people read them. */

/** A number in at most `digits` significant digits, without needless zeros: as in a table of any numbers. */
export function numberText(x: number, digits = 4): string {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? 'not a number' : x > 0 ? '∞' : '−∞';
  if (x === 0) return '0';
  const size = Math.abs(x);
  const text = size >= 1e6 || size < 1e-4 ? x.toExponential(Math.max(0, digits - 1)) : x.toPrecision(digits);
  // Precision beyond the digits before the point would be an exponent: 12345 in 4 digits is 12350.
  const plain = text.includes('e') && size >= 1 && size < 1e6 ? String(Math.round(x)) : text;
  return minus(plain.includes('e') ? plain.replace(/\.?0+e/, 'e') : trimmed(plain));
}

/**
 * Evenly spaced numbers of an axis, ascending, with as few decimals as tell them apart, all with as many. Those beyond 1e6 or
 * below 1e-4 are powers of ten where that is shorter.
 */
export function tickTexts(values: readonly number[]): readonly string[] {
  const largest = Math.max(...values.map(Math.abs));
  const step = values.length > 1 ? values[1]! - values[0]! : largest;
  const shortest = (write: (x: number, decimals: number) => string): readonly string[] => {
    let decimals = 0;
    const isExact = (x: number): boolean => Math.abs(Number(write(x, decimals)) - x) <= step / 100;
    while (decimals < mostDecimals && !values.every(isExact)) decimals++;
    return values.map((x) => minus(write(x, decimals)));
  };
  const plain = shortest((x, decimals) => (x + 0).toFixed(decimals));
  if (largest < 1e6 && (largest >= 1e-4 || largest === 0)) return plain;
  const powers = shortest((x, decimals) => (x === 0 ? '0' : x.toExponential(decimals)));
  const longest = (texts: readonly string[]): number => Math.max(...texts.map(({ length }) => length));
  return longest(powers) <= longest(plain) ? powers : plain;
}

/** As many as a number has. */
const mostDecimals = 16;

/** A figure of a metric, with as many decimals as the tables of the command line have; what is large has three digits. */
export const metricText = (x: number): string => (Math.abs(x) < 1e5 ? minus(x.toFixed(3)) : numberText(x, 3));

/** How many in a second: of many whole ones, of few with a decimal. */
export const rateText = (x: number): string => (x >= 9.95 ? countText(Math.round(x)) : numberText(x, 2));

export function signedText(x: number): string {
  const text = metricText(x);
  // What is rounded to nothing has no sign.
  if (/^−?0\.0+$/.test(text)) return text.replace('−', '');
  return x > 0 ? `+${text}` : text;
}

export const countText = (x: number): string => x.toLocaleString('en');

/** `1 run`, `2 runs`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${countText(count)} ${count === 1 ? one : many}`;

/** A duration given in seconds. */
export function durationText(seconds: number): string {
  if (seconds < 9.95) return `${Math.max(0, seconds).toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** A time of ISO 8601 as the clock of whoever looks at it has it: the hour of today, else the day, and the year of another one. */
export function timeText(iso: string, now = new Date()): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  const two = (x: number): string => String(x).padStart(2, '0');
  const year = time.getFullYear() === now.getFullYear() ? '' : ` ${time.getFullYear()}`;
  const day = `${time.getDate()} ${months[time.getMonth()]!}${year}`;
  const hour = `${two(time.getHours())}:${two(time.getMinutes())}`;
  return time.toDateString() === now.toDateString() ? `today ${hour}` : `${day} ${hour}`;
}

const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** A size given in bytes. */
export function sizeText(bytes: number): string {
  let [size, unit] = [bytes, 0];
  while (size >= 999.5 && unit < units.length - 1) [size, unit] = [size / 1000, unit + 1];
  return `${unit === 0 || size >= 99.5 ? Math.round(size) : trimmed(size.toPrecision(2))} ${units[unit]!}`;
}

const trimmed = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
const minus = (text: string): string => text.replace(/^-/, '−').replace('e-', 'e−').replace('e+', 'e');
