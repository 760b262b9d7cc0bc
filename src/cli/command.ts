import { Command } from 'commander';

export interface CommandText {
  /** One line, for the list of commands. */
  readonly summary: string;
  /** Shown first. */
  readonly example: string;
  readonly description: string;
}

/** A command whose help begins with an example, and whose wrong calls are told in one line. */
export function command(name: string, { summary, example, description }: CommandText): Command {
  const made = new Command(name)
    .summary(summary)
    .description(description)
    .addHelpText('before', `Example: ${example}\n`);
  return toldInOneLine(made, `decalign ${name}`).option('--debug', 'show where an error arose');
}

/** Commander's errors as all others look: what, and what was meant or where help is. */
export function toldInOneLine(made: Command, call: string): Command {
  return made.exitOverride().configureOutput({
    outputError: (text, write) => {
      const [what, meant] = text
        .replace(/^error: /, '')
        .trim()
        .split('\n');
      const hint = meant?.replace(/^\(Did you mean (.*)\?\)$/, 'did you mean $1?') ?? `see ${call} --help.`;
      write(`decalign: ${what!.replace(/\.$/, '')}; ${hint}\n`);
    },
  });
}
