/** Tables in a terminal of 80 columns, and in one that is wide. */
import { execFileSync, spawnSync } from 'node:child_process';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { compiled } from '../compiled.ts';
import { decalignHere, temporaryFolder, tiny } from './decalign.ts';
import { save, tables } from './feature-file.ts';

const folder = temporaryFolder();
const at = (...names: string[]): string => path.join(folder, ...names);
const data = at('data.pkl');

const before = process.env['COLUMNS'];
afterEach(() => {
  if (before === undefined) delete process.env['COLUMNS'];
  else process.env['COLUMNS'] = before;
});

/** The call's results, as a terminal of that width is told them. */
async function printed(width: number, ...call: string[]): Promise<string> {
  process.env['COLUMNS'] = String(width);
  const { code, stdout, stderr } = await decalignHere(call);
  expect(code, stderr).toBe(0);
  return stdout;
}
/** Lines but those of paths, which are told whole. */
const widest = (text: string): number =>
  Math.max(
    ...text
      .split('\n')
      .filter((line) => !line.includes(folder))
      .map((line) => line.length),
  );

const calls: Readonly<Record<string, (width: number) => readonly string[]>> = {
  'train, of several seeds': (width) => [
    ...['train', data, ...tiny, '--epochs', '1', '--seeds', '1,2,3', '--out', at(`seeds-${width}`)],
  ],
  'train, of folds': (width) => [
    'train',
    data,
    ...tiny,
    '--epochs',
    '1',
    '--folds',
    '3',
    '--out',
    at(`folds-${width}`),
  ],
  'evaluate, with a curve': () => ['evaluate', at('run'), data, '--drop', 'text=0.1,0.5'],
  inspect: () => ['inspect', data],
  benchmark: (width) => [
    ...[
      'benchmark',
      data,
      '--models',
      'majority,ridge,best-modality,late-fusion',
      '--seeds',
      '1',
      '--out',
      at(`bench-${width}`),
    ],
  ],
};

beforeAll(async () => {
  const whole = tables();
  for (const [split, { id }] of Object.entries(whole)) whole[split]!['id'] = id!.map((_, n) => `${split} ${n}`);
  save(data, whole);
  expect(await decalignHere(['train', data, ...tiny, '--epochs', '1', '--out', at('run')])).toMatchObject({ code: 0 });
});

describe.each(Object.entries(calls))('%s', (name, call) => {
  test('fits 80 columns, and says the same in a wide terminal', async () => {
    // Those of a benchmark run in processes of their own, which a function of this one cannot start.
    const run = name === 'benchmark' ? inProcess : printed;
    const [narrow, wide] = [await run(80, ...call(80)), await run(200, ...call(200))];
    expect(widest(narrow)).toBeLessThanOrEqual(80);
    const words = (text: string): string[] => [...new Set(text.replaceAll(/-(80|200)\b/g, '').split(/\s+/))].sort();
    expect(words(narrow)).toEqual(words(wide));
  });
});

function inProcess(width: number, ...call: string[]): Promise<string> {
  const env = { ...process.env, COLUMNS: String(width) };
  return Promise.resolve(
    execFileSync(process.execPath, [compiled(), ...call], { encoding: 'utf8', env, stdio: 'pipe' }),
  );
}

test('a table that is wider is in parts, and one table in a wide terminal', async () => {
  const call = calls['inspect']!(80);
  const heads = (text: string): number => text.match(/^(modality|text) /gm)!.length;
  expect(heads(await printed(80, ...call))).toBeGreaterThan(heads(await printed(200, ...call)));
});

/** `script` of util-linux gives a command a terminal. */
const terminal = spawnSync('script', ['--version']).status === 0;
test.skipIf(!terminal)('the terminal itself says how wide it is', () => {
  const inTerminal = (width: number): string => {
    const command = `stty cols ${width}; '${process.execPath}' '${compiled()}' inspect '${data}'`;
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== 'COLUMNS'));
    return execFileSync('script', ['-qec', command, '/dev/null'], { encoding: 'utf8', env }).replaceAll('\r', '');
  };
  expect(widest(inTerminal(80))).toBeLessThanOrEqual(80);
  expect(widest(inTerminal(160))).toBeGreaterThan(80);
});
