import { Command } from 'commander';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { commanderOption, type CliOption, type Values } from './option.ts';
import { positive } from './parse.ts';

const options = [
  { flag: '--dry-run', help: 'a switch' },
  { flag: '--out <dir>', help: 'a text' },
  { flag: '--batch-size <n>', help: 'a number', parse: positive },
  { flag: '--time <n>', help: 'a number with a default', parse: positive, default: 50 },
  { flag: '--drop <n>', help: 'several numbers', parse: positive, repeated: true },
  { flag: '--dtype <type>', help: 'one of two', choices: ['float32', 'float64'] },
  { flag: '--words <file>', help: 'must be there', required: true },
] as const satisfies readonly CliOption[];

/** The values of the options in a call with these arguments, as commander parses them. */
function valuesOf(...args: string[]): unknown {
  const command = new Command('trial').exitOverride().configureOutput({ writeErr: () => undefined });
  for (const option of options) command.addOption(commanderOption(option));
  return command.parse(['--words', 'w', ...args], { from: 'user' }).opts();
}

describe('values', () => {
  test('an option that is not given is absent, unless it has a default', () => {
    expect(valuesOf()).toEqual({ words: 'w', time: 50 });
  });

  test.each<[string[], object]>([
    [['--dry-run'], { dryRun: true }],
    [['--out', 'runs/a'], { out: 'runs/a' }],
    [['--batch-size', '8'], { batchSize: 8 }],
    [['--time', '7'], { time: 7 }],
    [['--drop', '1', '--drop', '2'], { drop: [1, 2] }],
    [['--dtype', 'float64'], { dtype: 'float64' }],
  ])('%j', (args, expected) => {
    expect(valuesOf(...args)).toMatchObject(expected);
  });

  test.each([
    [['--batch-size', '0'], "'--batch-size <n>' argument '0' is invalid. It must be at least 1."],
    [['--dtype', 'int8'], 'Allowed choices are float32, float64.'],
  ])('%j is refused', (args, reason) => {
    expect(() => valuesOf(...args)).toThrow(reason);
  });

  test('the types are those of the table', () => {
    expectTypeOf<Values<(typeof options)[number]>>().toEqualTypeOf<
      { readonly time: number; readonly words: string } & {
        readonly dryRun?: boolean;
        readonly out?: string;
        readonly batchSize?: number;
        readonly drop?: readonly number[];
        readonly dtype?: 'float32' | 'float64';
      }
    >();
  });
});

test('help shows a default as it would be typed', () => {
  const help = (value: unknown): string =>
    new Command('trial')
      .addOption(commanderOption({ flag: '--seeds <list>', help: '', default: value }))
      .helpInformation();
  expect(help([1, 2, 3])).toContain('(default: 1,2,3)');
  expect(help(50)).toContain('(default: 50)');
});
