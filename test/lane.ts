/** The command line of a lane beyond the tests, such as `npm run crash -- --kills 20`. */

import { Command, InvalidArgumentError } from 'commander';
import { nearest } from '../src/text/nearest.ts';

/** A lane's command: `--help` tells its options, and a wrong call ends with 2 after one line that says what is wrong. */
export const lane = (name: string, about: string): Command =>
  new Command(name)
    .description(about)
    .allowExcessArguments(false)
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error/, name)) })
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));

/** Parses a whole number of at least `least`. */
export const wholeFrom =
  (least: number) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isInteger(value) || value < least)
      throw new InvalidArgumentError(`It must be a whole number of at least ${least}.`);
    return value;
  };

/** Parses a list such as `npz,csv`, of some of the names that are known. */
export const someOf =
  (known: readonly string[]) =>
  (text: string): readonly string[] => {
    const names = text.split(',');
    const wrong = names.find((name) => !known.includes(name));
    if (wrong === undefined) return names;
    const near = nearest(wrong, known);
    throw new InvalidArgumentError(
      `There is no "${wrong}".${near === undefined ? '' : ` Did you mean "${near}"?`} There are ${known.join(', ')}.`,
    );
  };
