/** What is taken out of a report before it is shared: paths of this machine, the name of its user, and ids where that is asked for. */
import { homedir, userInfo } from 'node:os';

/** Changes a text of a report. */
export type Redaction = (text: string) => string;

export interface RedactionOptions {
  /** Paths that are known as such, whatever is in them: those of data and runs. */
  readonly paths: readonly string[];
  /** The ids and groups of samples that are to be told by numbers, by their number's name; absent where ids stay. */
  readonly names?: ReadonlyMap<string, string>;
}

/**
 * A path from the root, from a home or from a folder above: it begins a text, or follows a space, quote, bracket
 * or sign. After a colon two slashes are no path of the machine but the rest of an address, as in `https://`.
 */
const pathPattern =
  /(?<![^\s"'`“‘(=,[{:;|])(?:file:\/{1,3}|[A-Za-z]:[\\/]|\\\\|~[\\/]|(?<!:)\/|\/(?!\/)|\.\.[\\/])[^\s"'`”’),;\]]+/g;

/** Leaves the last part of each path, which other machines may have too. */
export function redaction({ paths, names }: RedactionOptions): Redaction {
  // Folders of this machine first: their names may have spaces, at which a path would seem to end.
  const known = [
    ...paths.filter(isElsewhere).map((path) => [path, baseName(path)] as const),
    ...([
      [process.cwd(), '.'],
      [homedir(), '~'],
    ] as const),
  ]
    .filter(([path]) => path.length > 1)
    .toSorted(([a], [b]) => b.length - a.length);
  const user = userName();
  const asFolder = user && new RegExp(`(?<=^|[\\s"'=/\\\\])${escaped(user)}(?=[/\\\\])`, 'g');
  return (text) => {
    let told = text;
    for (const [path, name] of known) told = told.replaceAll(path, name);
    told = told.replaceAll(pathPattern, (path) => baseName(path));
    if (asFolder) told = told.replaceAll(asFolder, 'user');
    return names ? withoutIds(told, names) : told;
  };
}

const isElsewhere = (path: string): boolean => /^(?:[A-Za-z]:[\\/]|[\\/~]|\.\.)/.test(path);

function baseName(path: string): string {
  const parts = path.split(/[\\/]/).filter((part) => part !== '' && part !== '.' && part !== '..' && part !== '~');
  return parts.at(-1) ?? '.';
}

function userName(): string | undefined {
  try {
    return userInfo().username || undefined;
  } catch {
    // A process may have a number for which the machine knows no name.
    return undefined;
  }
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/**
 * A warning without its examples, which stand in brackets: ids of samples, of which some may be known to no prediction and
 * others be like words or numbers.
 */
export const withoutExamples = (warning: string): string => {
  const shorter = warning.replaceAll(/ ?\([^()]*\)/g, '');
  return shorter === warning ? warning : withoutExamples(shorter);
};

/**
 * A warning in which a text in quotes stays only if it is `known`, to be none of an id, or to be told by its number: samples of
 * training alone have ids that no prediction has.
 */
export const withoutUnknown = (warning: string, known: ReadonlySet<string>): string =>
  warning.replaceAll(/"([^"]*)"/g, (all, inside: string) => (known.has(inside) ? all : '"…"'));

/** A text that is an id is told by its number; within a sentence only what stands in quotes, or could be no number or word. */
function withoutIds(text: string, names: ReadonlyMap<string, string>): string {
  const whole = names.get(text);
  if (whole !== undefined) return whole;
  return text
    .replaceAll(/(["“])([^"”]*)(["”])/g, (all, open: string, inside: string, close: string) => {
      const name = names.get(inside);
      return name === undefined ? all : `${open}${name}${close}`;
    })
    .replaceAll(/[^\s"“”,;:()]{4,}/g, (word) => {
      const bare = word.replace(/\.$/, '');
      const name = /\d/.test(bare) && /[^\d.]/.test(bare) ? names.get(bare) : undefined;
      return name === undefined ? word : word.replace(bare, name);
    });
}
