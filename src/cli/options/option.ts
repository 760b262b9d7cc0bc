/** Options of commands as rows of a table: a row holds all there is to say of an option, the type of its value too. */
import { Option } from 'commander';

/** `<name>`, or `<name...>` for one or more, and its help. */
export type CliArgument = readonly [name: `<${string}>`, help: string];

export interface CliOption {
  /** As it is typed: `--name`, or with a value `--name <value>`. */
  readonly flag: `--${string}`;
  readonly help: string;
  /** Makes a value of the text given; without it, the text is the value. */
  readonly parse?: (text: string) => unknown;
  /** The only texts that may be given. */
  readonly choices?: readonly string[];
  /** It may be given several times: the values are a list. */
  readonly repeated?: true;
  /** The value where the option is not given. */
  readonly default?: unknown;
  /** A call without it is wrong. */
  readonly required?: true;
}

/**
 * The values of options by their names: `--dry-run` is `dryRun`. One that was not given, and has no default, is absent.
 */
export type Values<O extends CliOption> = {
  readonly [E in O as E extends AlwaysThere ? NameOf<E['flag']> : never]: ValueOf<E>;
} & {
  readonly [E in O as E extends AlwaysThere ? never : NameOf<E['flag']>]?: ValueOf<E>;
};

type AlwaysThere = { readonly default: unknown } | { readonly required: true };

type NameOf<F extends string> = F extends `--${infer Name} <${string}`
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

/** The name of an option among the values: `--dry-run` is `dryRun`. */
export const nameOf = <F extends string>(flag: F): NameOf<F> => new Option(flag).attributeName() as NameOf<F>;

/** The option as commander takes it. */
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
