/** What is wrong with the text of a field, as a clause that follows the name of the field. */

const longestName = 200;

/** Why no folder is called so in the one that is shown; undefined where it may be. */
export function nameError(name: string): string | undefined {
  if (name.trim() === '') return 'cannot be of spaces alone.';
  if (/[/\\]/.test(name)) return 'cannot hold slashes: it is that of one folder.';
  if (name.startsWith('.')) return 'cannot begin with a dot.';
  if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(name)) return 'cannot hold line breaks or other control characters.';
  const length = Buffer.byteLength(name);
  return length > longestName ? `is too long: ${length} bytes, of ${longestName} at most.` : undefined;
}

export const seedError = (seed: string): string | undefined =>
  /^\d+$/.test(seed) && Number.isSafeInteger(Number(seed))
    ? undefined
    : `must be a whole number of 0 or more, not "${seed}".`;

/** What the command line says of `--set PAIR`, without what a field says by itself: the option, the key, and kinds of values. */
export function ofField(message: string, pair: string): string {
  const key = pair.slice(0, pair.indexOf('='));
  const own = withoutStart(withoutStart(message, `--set ${pair}: `), `${key}: `);
  return own
    .replace(/^expected (\w+), received \w+, got /, (_, kind: string) => `must be ${kinds[kind] ?? kind}, not `)
    .replace(/^expected \w+ to be ([<>]=?) ?(\S+), got /, (_, bound: string, limit: string) => {
      return `must be ${bounds[bound]!} ${limit}, not `;
    });
}

const withoutStart = (text: string, start: string): string =>
  text.startsWith(start) ? text.slice(start.length) : text;

const kinds: Readonly<Record<string, string>> = {
  ...{ number: 'a number', int: 'a whole number', boolean: 'true or false', string: 'a text' },
  ...{ array: 'a list, as in [a, b]', object: 'a set of keys, as in {key: value}' },
};
const bounds: Readonly<Record<string, string>> = {
  ...{ '>': 'more than', '>=': 'at least', '<': 'less than', '<=': 'at most' },
};
