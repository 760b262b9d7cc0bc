/** docs/commands.md, made from the tables of commands and of their options. */
import type { Argument, Command, Option } from 'commander';

const introduction = `# Commands

<!-- Made from the tables in src/cli: npx vitest run test/commands.test.ts -u -->

Every command with its arguments and options, as \`decalign COMMAND --help\` has them. All of them take \`--debug\`, which shows where
an error arose. Exit codes, and what \`--json\` prints, are told in [architecture.md](architecture.md#contracts).
`;

/** The whole page. */
export const commandsPage = (commands: readonly Command[]): string =>
  `${[introduction.trimEnd(), ...commands.map(section)].join('\n\n')}\n`;

function section(command: Command): string {
  const rows = [
    ...command.registeredArguments.map((argument) => row(argumentText(argument), argument.description)),
    ...command.options
      .filter(({ long }) => long !== '--debug')
      .map((option) => row(option.flags, `${option.description}${suffix(option)}`)),
  ];
  return [
    `## ${command.name()}`,
    ...['', `${command.summary()}.`.replace(/^./, (first) => first.toUpperCase())],
    ...['', '```', exampleOf(command), '```'],
    ...['', command.description()],
    ...['', '| | |', '| --- | --- |', ...rows],
  ].join('\n');
}

const row = (name: string, text: string): string =>
  `| \`${name.replaceAll('|', '\\|')}\` | ${text.replaceAll('|', '\\|')} |`;

const argumentText = (argument: Argument): string => `<${argument.name()}${argument.variadic ? '...' : ''}>`;

/** Choices and default as the help has them. */
function suffix({ argChoices, defaultValue, defaultValueDescription, mandatory }: Option): string {
  const parts = [
    ...(argChoices ? [`one of ${argChoices.join(', ')}`] : []),
    ...(mandatory ? ['must be given'] : []),
    ...(defaultValue === undefined ? [] : [`default: ${defaultValueDescription ?? String(defaultValue)}`]),
  ];
  return parts.length > 0 ? ` (${parts.join('; ')})` : '';
}

/** The help as a call prints it. */
export function helpOf(command: Command): string {
  let help = '';
  command.configureOutput({ ...command.configureOutput(), writeOut: (text) => (help += text) }).outputHelp();
  return help;
}

const exampleOf = (command: Command): string => /^Example: (.*)\n/.exec(helpOf(command))![1]!;
