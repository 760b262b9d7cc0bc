/** Every command of the table: its help, and the page that is made from it; what pages and README say of them. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { commands as table } from '../src/cli/commands.ts';
import { commandsPage, helpOf } from './commands-page.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const commands = await Promise.all(Object.values(table).map((load) => load()));

test('every command is called as the table has it', () => {
  expect(commands.map((command) => command.name())).toEqual(Object.keys(table));
});

describe.each(commands.map((command) => [command.name(), command] as const))('decalign %s --help', (name, command) => {
  const help = helpOf(command);

  test('begins with an example', () => {
    expect(help).toMatch(new RegExp(`^Example: decalign ${name} .*\n\nUsage: ${name} `));
  });

  test('has every option, with a text', () => {
    const flags = [...help.matchAll(/^ {2}(--[\w-]+)/gm)].map(([, flag]) => flag);
    expect(flags).toEqual(command.options.map(({ long }) => long));
    for (const { flags, description } of command.options) expect(description, flags).not.toBe('');
  });
});

test('docs/commands.md is what the tables say', async () => {
  await expect(commandsPage(commands)).toMatchFileSnapshot('../docs/commands.md');
});

const pages = [
  'README.md',
  ...readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name}`),
].filter((name) => name.endsWith('.md'));

test.each(pages)('%s calls commands by options that they have', (page) => {
  const text = readFileSync(path.join(root, page), 'utf8').replaceAll('\\\n', ' ');
  const wrong = [...text.matchAll(/\bdecalign ([a-z][a-z-]*)( [^\n`|]*)/g)].flatMap(([call, name, rest]) => {
    const command = commands.find((each) => each.name() === name);
    const known = ['--help', ...(command?.options.map(({ long }) => long!) ?? [])];
    return command
      ? [...rest!.matchAll(/--[a-z][\w-]*/g)]
          .filter(([flag]) => !known.includes(flag))
          .map(([flag]) => `${flag} in ${call}`)
      : [];
  });
  expect(wrong).toEqual([]);
});
