/**
 * Options of commands as rows of tables. A row holds everything about an option; the type of its value follows from it.
 */
import { Option } from 'commander';

/** An argument of a command: `<name>`, `<name...>` for one or more texts, or `[name]` for one that may be left out; and its help. */
export type CliArgument = readonly [name: `<${string}>` | `[${string}]`, help: string];

export interface CliOption {
  /**
   * The option as it is typed: `--name` for a switch, `--no-name` for one that turns it off and is on without it, `--name
   * <value>` for one with a value.
   */
  readonly flag: `--${string}`;
  readonly help: string;
  /** Makes the value from the text that was given. Default: the text is the value. */
  readonly parse?: (text: string) => unknown;
  /** The texts that may be given. Default: any. */
  readonly choices?: readonly string[];
  /** The option may be given several times, and its values are a list. */
  readonly repeated?: true;
  /** The value where the option is not given. */
  readonly default?: unknown;
  /** A call without the option is wrong. */
  readonly required?: true;
}

/**
 * The values of options by name (`--dry-run` is `dryRun`). An option that was not given and has no default is absent.
 */
export type Values<O extends CliOption> = {
  readonly [E in O as E extends AlwaysThere ? NameOf<E['flag']> : never]: ValueOf<E>;
} & {
  readonly [E in O as E extends AlwaysThere ? never : NameOf<E['flag']>]?: ValueOf<E>;
};

type AlwaysThere = { readonly default: unknown } | { readonly required: true };

type NameOf<F extends string> = F extends `--no-${infer Name}`
  ? Camel<Name>
  : F extends `--${infer Name} <${string}`
    ? Camel<Name>
    : F extends `--${infer Name}`
      ? Camel<Name>
      : never;
type Camel<S extends string> = S extends `${infer Head}-${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : S;

type ValueOf<O extends CliOption> = O extends { readonly repeated: true } ? readonly OneOf<O>[] : OneOf<O>;
type OneOf<O extends CliOption> = O extends { readonly parse: (text: string) => infer V }
  ? V
  : O extends { readonly choices: readonly (infer C)[] }
    ? C
    : O['flag'] extends `${string}>`
      ? string
      : boolean;

/** The name of an option among the values: `dryRun` for `--dry-run`. */
export const nameOf = <F extends string>(flag: F): NameOf<F> => new Option(flag).attributeName() as NameOf<F>;

/** The option as an object of the library commander. */
export function commanderOption(option: CliOption): Option {
  const { flag, help, parse = (text: string) => text, choices, repeated, required } = option;
  const made = new Option(flag, help);
  if (choices) made.choices([...choices]);
  else if (repeated) made.argParser<readonly unknown[] | undefined>((text, before = []) => [...before, parse(text)]);
  else if (flag.endsWith('>')) made.argParser<unknown>(parse);
  if ('default' in option)
    made.default(option.default, Array.isArray(option.default) ? option.default.join(',') : undefined);
  return made.makeOptionMandatory(required ?? false);
}
